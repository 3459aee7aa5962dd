"""The application, step by step, as its writers see it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tenants.models import CaseLink, OnboardingCase
from tenants.services.answers import keep_answer
from tenants.services.case_links import token_of
from tests.factories.people import make_user
from tests.factories.resources import make_cluster
from tests.factories.tenants import COMPANY_ANSWERS, case_answers, make_authority, make_case, make_staff, make_tenant

pytestmark = pytest.mark.django_db


def at(name, case, *more):
    return reverse(name, args=[case.public_id, *more])


def reloaded(case) -> OnboardingCase:
    return OnboardingCase.objects.get(pk=case.pk)


@pytest.fixture
def drafting(signed_in):
    person = make_user()
    return make_case("draft", person), signed_in(person), person


def test_apply_begins_a_draft_and_leads_to_its_first_step(signed_in):
    authority, person = make_authority(), make_user()
    body = {"authority": str(authority.public_id), "organisation": "Rivers", "kind": "academia"}
    answer = signed_in(person).post(reverse("case-apply"), body)
    case = OnboardingCase.objects.get()
    assert answer["Location"] == at("case-write", case, "organisation")
    assert (case.state, case.organisation, case.contact_email) == ("draft", "Rivers", person.email)


def test_apply_without_a_name_is_shown_again(signed_in):
    answer = signed_in(make_user()).post(reverse("case-apply"), {"authority": str(make_authority().public_id)})
    assert answer.status_code == 422
    assert OnboardingCase.objects.count() == 0


def test_every_step_in_order_ends_on_the_case_sent(signed_in):
    authority, person = make_authority(), make_user()
    client, answers = signed_in(person), case_answers(kind="startup", pic="", euid="", lei="", **COMPANY_ANSWERS)
    client.post(
        reverse("case-apply"), {"authority": str(authority.public_id), "organisation": "Rivers", "kind": "startup"}
    )
    case = OnboardingCase.objects.get()
    page = at("case-write", case, "organisation")
    for step in ("people", "data", "use"):
        answer = client.post(page, answers)
        page = answer["Location"]
        assert page == at("case-write", case, step)
    assert client.post(page, answers)["Location"] == at("case-send", case)
    text = client.get(at("case-send", case)).content.decode()
    assert "Send the application" in text
    assert "Its two founders." in text
    answer = client.post(at("case-send", case), follow=True)
    assert answer.redirect_chain == [(at("case", case), 302)]
    assert (reloaded(case).state, reloaded(case).organisation) == ("submitted", answers["organisation"])


def test_a_step_with_a_wrong_answer_is_kept_and_shown_again_with_its_sentence(drafting):
    case, client, _person = drafting
    body = {**case_answers(legal_id="LU12345614"), "then": "on"}
    answer = client.post(at("case-write", case, "organisation"), body)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert text.count("VAT number of LU") == 2  # in the summary and beside the field
    assert 'value="LU12345614"' in text
    assert reloaded(case).answers["legal_id"] == "LU12345614"


def test_the_page_of_a_draft_shows_what_is_not_valid_yet_as_it_was_typed(drafting):
    case, client, _person = drafting
    client.post(at("case-write", case, "organisation"), {**case_answers(legal_id="LU12345614"), "then": "on"})
    text = client.get(at("case", case)).content.decode()
    assert "LU12345614" in text
    assert text.count("Not valid yet") == 1
    assert "its digits do not fit the rule" in text
    client.post(at("case-write", case, "organisation"), {**case_answers(legal_id="LU12345613"), "then": "on"})
    assert "Not valid yet" not in client.get(at("case", case)).content.decode()


def test_a_step_left_for_later_keeps_what_is_not_right_yet(drafting):
    case, client, _person = drafting
    answer = client.post(at("case-write", case, "people"), {"contact_email": "ida@", "then": "later"})
    assert answer["Location"] == at("case", case)
    assert reloaded(case).answers["contact_email"] == "ida@"


def test_an_answer_that_makes_more_questions_shows_them(drafting):
    case, client, _person = drafting
    assert "id_gdpr_role" not in client.get(at("case-write", case, "data")).content.decode()
    answer = client.post(at("case-write", case, "data"), case_answers(personal_data="special"))
    assert answer.status_code == 422
    assert "id_gdpr_role" in answer.content.decode()


def test_edit_leads_to_the_first_step_with_a_gap_else_to_the_end(drafting):
    case, client, person = drafting
    assert client.get(at("case-edit", case))["Location"] == at("case-send", case)
    keep_answer(acting_user=person, case=case, key="data_class", value="")
    assert client.get(at("case-edit", case))["Location"] == at("case-write", case, "data")


def test_edit_after_it_was_sent_is_refused(signed_in):
    case = make_case("submitted")
    for page in (at("case-edit", case), at("case-write", case, "use"), at("case-send", case)):
        answer = signed_in(case.submitted_by).get(page)
        assert answer.status_code == 422
        assert "has been sent" in answer.content.decode()


def test_an_unknown_step_is_not_there(drafting):
    case, client, _person = drafting
    assert client.get(at("case-write", case, "shoes")).status_code == 404


def test_send_with_gaps_lists_them_and_refuses(drafting):
    case, client, person = drafting
    keep_answer(acting_user=person, case=case, key="purpose", value="")
    text = client.get(at("case-send", case)).content.decode()
    assert f"{at('case-write', case, 'use')}#id_purpose" in text
    answer = client.post(at("case-send", case))
    assert answer.status_code == 422
    assert "has no answer yet" in answer.content.decode()
    assert reloaded(case).state == "draft"


def test_send_says_that_one_writes_for_the_organisation_already_and_nothing_of_others(drafting, signed_in):
    case, client, person = drafting
    foreign = make_case("submitted", organisation=case.organisation, authority=case.authority)
    make_tenant(name=case.organisation, authority=case.authority)
    assert "One application is enough" not in client.get(at("case-send", case)).content.decode()
    own = make_case("submitted", person, organisation=case.organisation.upper())
    text = client.get(at("case-send", case)).content.decode()
    assert (own.reference in text, foreign.reference in text) == (True, False)


def keep(client, case, key, *values, since=""):
    return client.post(at("case-keep", case), {"key": key, "value": list(values), "since": since})


def test_keep_answers_with_the_time_and_what_is_wrong(drafting):
    case, client, _person = drafting
    reply = keep(client, case, "contact_email", "ida@").json()
    assert (reply["kept"][:8], "needs an e-mail address" in reply["wrong"], reply["moved"]) == ("Kept at ", True, False)
    assert keep(client, case, "contact_email", "").json()["wrong"] == ""
    assert keep(client, case, "residency", "FR", "LU").json()["wrong"] == ""
    assert reloaded(case).residency == ["FR", "LU"]


def test_keep_says_when_other_questions_are_asked_now(drafting):
    case, client, _person = drafting
    assert keep(client, case, "personal_data", "special").json()["moved"] is True
    assert keep(client, case, "contact_name", "Bo").json()["moved"] is False


def test_keep_over_what_somebody_else_wrote_meanwhile_says_what_it_was(drafting):
    case, client, _person = drafting
    other = make_user(full_name="Bo Lind")
    case.members.create(user=other)
    keep_answer(acting_user=other, case=case, key="purpose", value="Lakes")
    reply = keep(client, case, "purpose", "Rivers", since="2020-01-01T00:00:00+00:00").json()
    assert "Bo Lind had written here meanwhile: “Lakes”" in reply["other"]
    assert keep(client, case, "purpose", "Streams", since="2020-01-01T00:00:00+00:00").json()["other"] == ""


def test_keep_what_was_sent_or_is_not_asked_is_refused(drafting, signed_in):
    case, client, person = drafting
    assert keep(client, case, "shoe_size", "43").status_code == 422
    assert keep(client, make_case("submitted", person), "purpose", "x").status_code == 409
    assert keep(signed_in(make_user()), case, "purpose", "x").status_code == 404


def test_a_step_names_who_else_writes(drafting):
    case, client, _person = drafting
    other = make_user(full_name="Bo Lind")
    case.members.create(user=other)
    keep_answer(acting_user=other, case=case, key="purpose", value="Lakes")
    assert "Bo Lind wrote here" in client.get(at("case-write", case, "people")).content.decode()


def test_writers_are_added_and_removed_in_the_browser(drafting, signed_in):
    case, client, person = drafting
    other = make_user("second@writer.test", full_name="Bo Lind")
    assert "gets a mail" in client.post(at("case-writers", case), {"email": other.email}, follow=True).content.decode()
    signed_in(other).post(reverse("case-link", args=[token_of(CaseLink.objects.get())]))
    assert signed_in(other).get(at("case-write", case, "data")).status_code == 200
    answer = client.post(at("case-writer-remove", case, person.public_id))
    assert answer["Location"] == reverse("case-apply")
    assert client.get(at("case", case)).status_code == 404
    assert signed_in(other).post(at("case-writer-remove", case, person.public_id)).status_code == 404


def test_what_the_authority_asked_can_be_mended_and_its_officer_sees_the_difference(drafting, signed_in):
    case, client, _person = drafting
    client.post(at("case-send", case))
    officer = signed_in(make_staff(case.authority))
    officer.post(at("case-decide", case), {"confirmed": "1", "outcome": "ask", "reason": "Which sector?"})
    assert at("case-edit", case) in client.get(at("case", case)).content.decode()
    page = client.get(at("case-edit", case))["Location"]
    text = client.get(page).content.decode()
    assert ("Which sector?" in text, at("case-answer", case) in text) == (True, True)
    keep(client, case, "legal_form", "foundation")
    assert "foundation" not in officer.get(at("case", case)).content.decode()
    client.post(at("case-answer", case), {"text": "Research."})
    text = officer.get(at("case", case)).content.decode()
    assert "1 answer differs from what was sent before" in text
    assert "<del>public law body</del>" in text


def test_officers_see_tenants_and_open_applications_of_the_same_name(signed_in):
    case = make_case("submitted")
    twin = make_tenant(name=case.organisation.upper(), authority=case.authority)
    other = make_case("submitted", organisation=case.organisation, authority=case.authority)
    text = signed_in(make_staff(case.authority)).get(at("case", case)).content.decode()
    assert (at("tenant", twin) in text, at("case", other) in text) == (True, True)


def test_a_step_costs_the_same_however_many_questions_are_answered(drafting, django_assert_num_queries):
    case, client, _person = drafting
    client.get(at("case-write", case, "data"))
    with django_assert_num_queries(STEP):
        client.get(at("case-write", case, "data"))
    OnboardingCase.objects.filter(pk=case.pk).update(answers={})
    with django_assert_num_queries(STEP):
        client.get(at("case-write", case, "data"))


STEP = 8


def test_apply_chooses_no_authority_for_anybody(signed_in):
    make_authority(name="Agence Alpha")
    page = signed_in(make_user()).get(reverse("case-apply")).content.decode()
    assert '<option value="" selected>Choose one</option>' in page
    answer = signed_in(make_user()).post(reverse("case-apply"), {"authority": "", "organisation": "Rivers"})
    assert list(answer.context["form"].errors["authority"]) == ["Nothing is chosen for “Authority”: please choose one."]


def test_wizard_says_what_stands_in_the_way(drafting):
    case, browser, person = drafting
    make_cluster(data_classes=["public", "internal"])
    keep_answer(acting_user=person, case=case, key="country", value=case.authority.country.code)
    keep_answer(acting_user=person, case=case, key="data_class", value="internal")
    for name, *more in (("case-write", "data"), ("case-send",)):
        assert browser.get(at(name, case, *more)).context["notes"] == []
    keep_answer(acting_user=person, case=case, key="country", value="MT")
    keep_answer(acting_user=person, case=case, key="data_class", value="restricted")
    country, cluster = browser.get(at("case-send", case)).context["notes"]
    assert "is in Malta. If another authority decides about you" in country
    assert "No cluster of this portal is cleared for data of the class “Restricted” now" in cluster


def test_countries_of_europe_stand_first(drafting):
    case, browser, _person = drafting
    choices = browser.get(at("case-write", case, "organisation")).context["form"].fields["country"].choices
    assert [group for group, _members in choices] == ["", "European Union, EEA and Switzerland", "Other countries"]
    assert ("AQ", "Antarctica") in choices[2][1]
