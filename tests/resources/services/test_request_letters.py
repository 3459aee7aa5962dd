"""The letter about a decision on a request: written with it, said as it was decided, kept, and read by the right people."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal.core.letters.text import letter_kinds
from portal.models import AuditEvent
from resources.models import QuotaRequest, RequestLetter
from resources.services.appeals import appeal_ends, appeal_request
from resources.services.decisions import approve_request, ask_for_changes, confirm_request, reject_request
from resources.services.request_letters import facts_of, write_letter, write_letters
from resources.services.requests import send_request
from resources.services.rule_decisions import look_at_request
from resources.services.wishes import Wish
from tenants.models import PolicyRule
from tenants.services.letters import day_in, set_template
from tests.factories.people import make_user
from tests.factories.resources import make_request, make_rule, period, playground
from tests.factories.tenants import make_member, make_policy
from tests.pdf import text_of

pytestmark = pytest.mark.django_db


def ask(house, amount=10, **facts):
    return make_request(house.project, house.pool, house.owner, amount, **facts)


def letter_of(request):
    """As the task that a decision wakes writes it."""
    write_letter(request.pk)
    return RequestLetter.objects.filter(request=request).latest("pk")


def test_an_approval_writes_a_letter_with_what_was_granted_and_by_whom(house):
    request = ask(house)
    approve_request(acting_user=house.approver, request=request, reason="Within the plan")
    letter = letter_of(request)
    line = request.current_lines.get()
    assert (letter.kind, letter.office, letter.decision.outcome) == ("request.approved", house.authority, "approve")
    assert f"10 {line.kind}, {line.cluster.name}" in letter.body
    for said in ("Within the plan", house.approver.get_full_name(), house.project.name, house.tenant.name):
        assert said in letter.body
    assert "conditions" not in letter.body
    assert letter.is_as_written
    told = " ".join(text_of(bytes(letter.pdf)).split())
    assert request.reference in told
    event = AuditEvent.objects.get(act="request.letter_written")
    assert (event.actor, event.after["sha256"]) == (None, letter.sha256)


def test_a_part_says_what_was_asked_and_what_is_given(house):
    request = ask(house)
    approve_request(
        acting_user=house.approver, request=request, amounts={request.current_lines.get().pk: 4}, reason="Four for now"
    )
    letter = letter_of(request)
    kind = request.current_lines.get().kind
    assert letter.kind == "request.partially_approved"
    assert f"10 {kind}, " in letter.body
    assert f"4 {kind}, " in letter.body


def test_a_refusal_says_until_when_it_may_be_appealed_and_a_second_one_does_not(house):
    request = ask(house)
    reject_request(acting_user=house.approver, request=request, reason="The pool is full")
    letter = letter_of(request)
    last = day_in(appeal_ends(request) - timedelta(microseconds=1), house.authority)
    assert (letter.kind, "The pool is full" in letter.body, last in letter.body) == ("request.rejected", True, True)
    appeal_request(acting_user=house.owner, request=request, text="Look again")
    reject_request(acting_user=house.second, request=request, reason="Still full")
    second = letter_of(request)
    assert second != letter
    assert ("Still full" in second.body, "appeal" in second.body) == (True, False)


def test_two_people_are_named_with_what_both_wrote(house):
    make_policy(house.authority, PolicyRule.Key.QUOTA_SECOND_GPUS, 5)
    request = ask(house)
    approve_request(acting_user=house.approver, request=request, reason="It fits")
    assert not write_letter(request.pk)
    confirm_request(acting_user=house.second, request=request, reason="Agreed")
    facts = facts_of(request, request.decisions.latest("step"))
    assert facts["deciders"] == [house.approver.get_full_name(), house.second.get_full_name()]
    assert facts["reason"] == "It fits\n\nAgreed"


def test_a_rule_is_named_with_its_version_and_who_answers_for_it(house):
    rule = make_rule(house.authority, house.approver, house.second)
    request = ask(house, 2, days=14, **playground())
    look_at_request(request.pk)
    letter = letter_of(request)
    assert f"{rule.cited} (responsible: {house.second.get_full_name()})" in letter.body


def test_a_letter_is_written_once_and_what_is_open_has_none(house):
    decided, asked = ask(house), ask(house)
    approve_request(acting_user=house.approver, request=decided)
    ask_for_changes(acting_user=house.approver, request=asked, reason="Why?")
    assert (write_letters(), write_letters(), write_letter(decided.pk), write_letter(asked.pk)) == (1, 0, False, False)
    assert [letter.request for letter in RequestLetter.objects.all()] == [decided]


def test_gpu_hours_are_said_as_such(house):
    wish = Wish(house.pool, 10, *period(), budget_hours=900)
    request = send_request(acting_user=house.owner, project=house.project, purpose="Hours", wishes=[wish])
    approve_request(acting_user=house.approver, request=request)
    assert f"900 GPU hours of {house.pool.kind}, at most 10 at once" in letter_of(request).body


def test_it_is_worded_by_the_authority_and_in_the_language_of_who_asked(house):
    set_template(
        acting_user=house.approver, authority=house.authority, kind="request.approved", language="de",
        subject="Bescheid {reference}", body="Bewilligt:\n\n{granted}", note="Kurz",
    )  # fmt: skip
    person = make_member(house.tenant, "project_manager", make_user(language="de"))
    request = make_request(house.project, house.pool, person, 10)
    approve_request(acting_user=house.approver, request=request)
    letter = letter_of(request)
    assert (letter.subject, letter.language, letter.template_version) == (f"Bescheid {request.reference}", "de", 1)


def test_every_kind_is_filled_with_all_its_placeholders(house):
    request = ask(house)
    reject_request(acting_user=house.approver, request=request, reason="No")
    facts = facts_of(request, request.decisions.get())
    for name, kind in letter_kinds.items():
        if name.startswith("request."):
            assert set(kind.placeholders) - set(facts) == set()


def test_a_letter_that_was_changed_is_not_given_out(client, house):
    request = ask(house)
    approve_request(acting_user=house.approver, request=request)
    letter = letter_of(request)
    RequestLetter.objects.update(pdf=b"%PDF-other")
    client.force_login(house.owner)
    answer = client.get(reverse("request-letter-file", args=[letter.public_id]))
    assert (answer.status_code, b"%PDF" in answer.content) == (409, False)


def test_page_file_and_endpoint_give_it_to_those_who_see_the_request(client, house):
    request = ask(house)
    approve_request(acting_user=house.approver, request=request)
    letter = letter_of(request)
    for person, status in ((house.owner, 200), (house.auditor, 200), (house.operator, 404), (make_user(), 404)):
        client.force_login(person)
        for name in (
            "request-letter",
            "request-letter-file",
            "api-request-letter-content",
            "api-request-letter-detail",
        ):
            assert client.get(reverse(name, args=[letter.public_id])).status_code == status
    client.force_login(house.owner)
    for name in ("request", "request-letters"):
        page = client.get(reverse(name, args=[request.public_id])).content.decode()
        assert reverse("request-letter-file", args=[letter.public_id]) in page
    answer = client.get(reverse("request-letter-file", args=[letter.public_id]))
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    told = client.get(reverse("api-request-letter-list")).json()["results"]
    assert [(each["request"], each["kind"]) for each in told] == [(str(request.public_id), "request.approved")]
    assert QuotaRequest.objects.count() == 1
