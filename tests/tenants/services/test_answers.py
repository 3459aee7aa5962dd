from __future__ import annotations

import pytest

from portal.core.errors import NotFound, Refused, UnlawfulMove
from portal.models import AuditEvent
from tenants.models import OnboardingCase, QuestionSet
from tenants.questions import standard
from tenants.services.answers import keep_answer, keep_answers, set_to_ask
from tenants.services.writers import remove_writer
from tests.factories.people import make_user
from tests.factories.tenants import make_authority, make_case

pytestmark = pytest.mark.django_db


def reloaded(case) -> OnboardingCase:
    return OnboardingCase.objects.get(pk=case.pk)


def drafted(**facts):
    writer = make_user()
    return make_case("draft", writer, **facts), writer


def told(case) -> int:
    return AuditEvent.objects.filter(act="case.revised", target_id=case.pk).count()


def test_keep_answer_keeps_what_was_typed_and_repeats_in_its_column_what_is_right():
    case, writer = drafted()
    keep_answer(acting_user=writer, case=case, key="organisation", value="  Aalto\u200b University ")
    assert reloaded(case).answers["organisation"] == "  Aalto\u200b University "
    assert reloaded(case).organisation == "  Aalto University "
    keep_answer(acting_user=writer, case=case, key="organisation", value=" Aalto  University")
    assert reloaded(case).organisation == "Aalto University"
    keep_answer(acting_user=writer, case=case, key="data_class", value="secret")
    assert (reloaded(case).answers["data_class"], reloaded(case).data_class) == ("secret", "")


def test_keep_answer_of_two_people_at_once_keeps_both():
    case, writer = drafted()
    other, stale = make_user(), reloaded(case)
    keep_answer(acting_user=writer, case=case, key="legal_form", value="foundation")
    keep_answer(acting_user=other, case=stale, key="contact_name", value="Bo Lind")
    answers = reloaded(case).answers
    assert (answers["legal_form"], answers["contact_name"]) == ("foundation", "Bo Lind")
    assert reloaded(case).marks["contact_name"]["by"] == other.pk


def test_keep_answer_says_in_the_record_once_that_somebody_writes():
    case, writer = drafted()
    for letter in ("R", "Ri", "Riv"):
        keep_answer(acting_user=writer, case=case, key="purpose", value=letter)
    keep_answer(acting_user=make_user(), case=case, key="purpose", value="Lakes")
    assert told(case) == 2


def test_keep_answer_that_changes_nothing_writes_nothing():
    case, writer = drafted()
    keep_answer(acting_user=writer, case=case, key="purpose", value=case.answers["purpose"])
    assert (told(case), reloaded(case).marks) == (0, {})


@pytest.mark.parametrize("state", ["submitted", "in_review", "approved", "withdrawn"])
def test_keep_answer_of_what_was_sent_is_refused(state):
    case = make_case(state)
    with pytest.raises(UnlawfulMove):
        keep_answer(acting_user=case.submitted_by, case=case, key="purpose", value="x")
    assert reloaded(case).answers == case.answers


def test_keep_answer_to_what_is_not_asked_or_beyond_reading_is_refused():
    case, writer = drafted()
    for key, value in (("shoe_size", "43"), ("purpose", "x" * 40_001)):
        with pytest.raises(Refused) as refusal:
            keep_answer(acting_user=writer, case=case, key=key, value=value)
        assert refusal.value.field == key


@pytest.mark.parametrize("value", [None, {"a": 1}, 7, ["x"], "a\x00b"])
def test_keep_answer_of_any_shape_is_kept_as_text(value):
    case, writer = drafted()
    keep_answers(acting_user=writer, case=case, answers={"purpose": value, "residency": value})
    answers = reloaded(case).answers
    assert isinstance(answers["purpose"], str)
    assert "\x00" not in answers["purpose"]
    assert isinstance(answers["residency"], list)


def test_set_to_ask_writes_the_standard_down_once_and_again_when_it_has_changed(monkeypatch):
    authority = make_authority()
    first = set_to_ask(acting_user=None, authority=authority)
    assert set_to_ask(acting_user=None, authority=make_authority()) == first
    shorter = {"steps": [{**step, "lede": {}} for step in standard.content()["steps"]]}
    monkeypatch.setattr(standard, "content", lambda: shorter)
    second = set_to_ask(acting_user=None, authority=authority)
    assert (first.version, second.version, QuestionSet.objects.count()) == (1, 2, 2)


def test_set_to_ask_is_the_authoritys_own_where_it_has_published_one():
    authority, first = make_authority(), set_to_ask(acting_user=None, authority=make_authority())
    draft = QuestionSet.objects.create(authority=authority, version=1, content=standard.content())
    assert set_to_ask(acting_user=None, authority=authority) == first
    QuestionSet.objects.filter(pk=draft.pk).update(published_at=first.published_at)
    assert set_to_ask(acting_user=None, authority=authority) == draft


def test_writers_come_and_go_and_the_last_one_stays():
    case, writer = drafted()
    other = make_user("second@writer.test")
    case.members.create(user=other)
    remove_writer(acting_user=other, case=case, person=str(writer.public_id))
    assert list(OnboardingCase.objects.visible_to(writer)) == []
    with pytest.raises(Refused, match="last person"):
        remove_writer(acting_user=other, case=case, person=str(other.public_id))
    with pytest.raises(NotFound):
        remove_writer(acting_user=other, case=case, person=str(writer.public_id))
