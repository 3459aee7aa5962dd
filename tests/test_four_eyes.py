"""Eight ways around four eyes, tried on every service that decides about somebody: each is refused and written down.

A step is one deciding service as the page and the API offer it; an attempt prepares the world and hands over the
browser of whoever tries. Afterwards nothing has changed, and exactly one event says who tried what.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.core.refusals import PREFIX
from portal.models import AuditEvent, User
from resources.models import Decision, Grant, QuotaRequest
from resources.services.decisions import approve_request
from tenants.models import (
    AuthorityMembership,
    CaseDecision,
    CaseMember,
    Membership,
    OnboardingCase,
    Tenant,
    TokenScope,
)
from tenants.services.admission import approve_case
from tenants.services.case_links import go_on, invite_writer
from tenants.services.delegations import delegate_role
from tenants.services.memberships import end_role
from tenants.services.tokens import create_token
from tenants.services.writers import remove_writer
from tests import proof
from tests.factories.people import make_factor, make_user
from tests.factories.resources import make_pool, make_request, make_share
from tests.factories.tenants import (
    make_authority,
    make_case,
    make_member,
    make_policy,
    make_project,
    make_staff,
    make_tenant,
)

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
SOON = timedelta(days=9)


@dataclass(frozen=True)
class Step:
    """A deciding service: of what, by which action of the API, chosen how on the page; ``second``: after another's.

    ``two``: where policy wants two people.
    """

    about: str
    action: str
    chosen: str
    second: bool = False
    two: bool = False


STEPS = {
    "approve_case": Step("case", "approve", "approve"),
    "approve_case first": Step("case", "approve", "approve", two=True),
    "reject_case": Step("case", "reject", "reject"),
    "approve_case second": Step("case", "approve", "approve", second=True),
    "reject_case second": Step("case", "reject", "reject", second=True),
    "send_back_case": Step("case", "send-back", "send_back", second=True),
    "approve_request": Step("request", "approve", "approve"),
    "approve_request first": Step("request", "approve", "approve", two=True),
    "reject_request": Step("request", "reject", "reject"),
    "confirm_request": Step("request", "confirm", "confirm", second=True),
    "send_back_request": Step("request", "send-back", "send_back", second=True),
}


@dataclass
class Matter:
    """A case or request on somebody's desk. ``decider`` may take the step, ``first`` has taken the one before it."""

    step: Step
    authority: Any = field(default_factory=make_authority)

    def __post_init__(self) -> None:
        self.role = "onboarding_officer" if self.step.about == "case" else "quota_approver"
        self.decider, self.first = (make_staff(self.authority, self.role) for _each in range(2))
        make_factor(self.decider)
        self.asker = make_user()
        if self.step.about == "case":
            make_policy(self.authority, "onboarding.second_person", int(self.step.second or self.step.two))
            self.row: Any = make_case("submitted", self.asker, authority=self.authority)
            self.tenant = make_tenant(
                authority=self.authority, country=self.row.country, legal_id=self.row.legal_id, name="Its elder house"
            )
        else:
            make_policy(self.authority, "quota.second_person_gpus", 1 if self.step.second or self.step.two else 1000)
            pool = make_pool(100)
            make_share(pool, self.authority)
            self.tenant = make_tenant(authority=self.authority)
            make_member(self.tenant, "owner")
            make_member(self.tenant, "owner", self.asker)
            self.row = make_request(make_project(self.tenant), pool, self.asker, 10)

    def take_first_step(self) -> None:
        """What comes before the step, if anything does."""
        if not self.step.second:
            return
        if self.step.about == "case":
            approve_case(acting_user=self.first, case=self.row)
        else:
            approve_request(acting_user=self.first, request=self.row)

    def send(self, browser: Client, door: str) -> Any:
        chosen, about = self.step.chosen, self.step.about
        if door == "page":
            word, folder = ("outcome", "applications") if about == "case" else ("decision", "requests")
            body = {word: chosen, "reason": "Seen", "confirmed": "1"}
            return browser.post(f"/{folder}/{self.row.public_id}/decide/", body)
        folder = "applications" if about == "case" else "requests"
        path = f"/api/v1/{folder}/{self.row.public_id}/{self.step.action}/"
        return browser.post(path, {"reason": "Seen"}, content_type="application/json")

    def facts(self) -> tuple[Any, ...]:
        """All that a decision would change."""
        model = OnboardingCase if self.step.about == "case" else QuotaRequest
        counts = [each.objects.count() for each in (CaseDecision, Decision, Grant, Tenant)]
        return (model.objects.values("state", "decided_at").get(pk=self.row.pk), *counts)


def browser_of(user: User) -> Client:
    """Firefox, as the person signed in with it just now."""
    browser = Client(raise_request_exception=False, headers={"User-Agent": FIREFOX})
    browser.force_login(user)
    session = browser.session
    session["device"] = "Firefox · Linux"
    session.save()
    return browser


def own(matter: Matter) -> Client:
    """Who asked has become a decider; of a request, they have left the tenant for it."""
    matter.take_first_step()
    make_staff(matter.authority, matter.role, matter.asker)
    if matter.step.about == "request":
        end_role(acting_user=matter.asker, membership=Membership.objects.get(user=matter.asker), reason="Leaving")
    matter.decider = matter.asker
    return browser_of(matter.asker)


def second_role(matter: Matter) -> Client:
    """A decider who is a member of the tenant too."""
    matter.take_first_step()
    make_member(matter.tenant, "member", matter.decider)
    return browser_of(matter.decider)


def delegation(matter: Matter) -> Client:
    """A colleague stands in for the first decider; where there is no first step, for a member of the tenant."""
    matter.take_first_step()
    other = "quota_approver" if matter.step.about == "case" else "onboarding_officer"
    absent, colleague = matter.first, make_staff(matter.authority, other)
    if not matter.step.second:
        make_member(matter.tenant, "member", absent)
    row = AuthorityMembership.objects.get(user=absent)
    delegate_role(acting_user=absent, membership=row, to=colleague, valid_until=timezone.now() + SOON)
    matter.decider = colleague
    return browser_of(colleague)


def token(matter: Matter) -> Client:
    """A machine of the decider's, with every scope there is, for the deciding authority itself."""
    matter.take_first_step()
    _row, text = create_token(
        acting_user=matter.decider, name="Robot", place=matter.authority, scopes=TokenScope.values,
        expires_at=timezone.now() + SOON,
    )  # fmt: skip
    return Client(raise_request_exception=False, headers={"Authorization": f"Token {text}"})


def changed_sides(matter: Matter) -> Client:
    """Between the steps the decider was on the other side for a while, and has left it in time for the decision."""
    matter.take_first_step()
    if matter.step.about == "case":
        link = invite_writer(
            acting_user=matter.asker, case=matter.row, email=matter.decider.email, site="https://portal.test/"
        )
        go_on(acting_user=matter.decider, link=link)
        remove_writer(acting_user=matter.asker, case=matter.row, person=str(matter.decider.public_id))
        assert CaseMember.objects.filter(case=matter.row).count() == 1
    else:
        make_member(matter.tenant, "member", matter.decider)
        end_role(acting_user=matter.decider, membership=Membership.objects.get(user=matter.decider), reason="Back")
    return browser_of(matter.decider)


def lost_the_role(matter: Matter) -> Client:
    """The page was open when the role ended."""
    matter.take_first_step()
    browser = browser_of(matter.decider)
    end_role(acting_user=None, membership=AuthorityMembership.objects.get(user=matter.decider), reason="Moved")
    return browser


def stale_factor(matter: Matter) -> Client:
    matter.take_first_step()
    return proof.show(browser_of(matter.decider), matter.decider, minutes_ago=6)


def password_alone(matter: Matter) -> Client:
    matter.take_first_step()
    return proof.password_only(browser_of(matter.decider), matter.decider)


def stolen_cookie(matter: Matter) -> Client:
    """The whole session, second factor and all, in somebody else's browser."""
    matter.take_first_step()
    thief = Client(raise_request_exception=False, headers={"User-Agent": CHROME})
    thief.cookies = browser_of(matter.decider).cookies
    return thief


def replay(matter: Matter) -> Client:
    """The decision was taken; its form is sent once more."""
    matter.take_first_step()
    browser = browser_of(matter.decider)
    assert matter.send(browser, "page").status_code == 302
    return browser


Attempt = Callable[[Matter], Client]
ATTEMPTS: dict[str, tuple[Attempt, str, set[str]]] = {
    "own request": (own, "refused.attempt", {"tenants.four_eyes"}),
    "second role": (second_role, "refused.attempt", {"tenants.four_eyes"}),
    "delegation": (delegation, "refused.attempt", {"tenants.four_eyes"}),
    "token": (token, "refused.attempt", {"token.not_for_tokens"}),
    "group change: other side and back": (changed_sides, "refused.attempt", {"tenants.four_eyes"}),
    "group change: role ended": (lost_the_role, "refused.unseen", {"portal.not_found"}),
    "stale second factor": (stale_factor, "refused.attempt", {"portal.second_factor_too_old"}),
    "no second factor": (password_alone, "refused.attempt", {"portal.second_factor_missing"}),
    "stolen session cookie": (stolen_cookie, "refused.session", set()),
    "replayed form": (replay, "refused.conflict", {"portal.moved_meanwhile", "portal.unlawful_move"}),
}
FIRST_OF_TWO = ("refused.attempt", {"tenants.four_eyes"})
"""What a first step is called that is sent again: its sender would be the second person."""
"""Attempt → how it is made, what the record calls it, and the codes it may carry."""
DOORS = {"token": ("api",)}
"""A token opens no page."""
SENT_ELSEWHERE = {"stale second factor", "no second factor", "stolen session cookie"}
"""As a page these lead to where one signs in or shows the factor."""


CELLS = [
    (step, attempt, door) for step in STEPS for attempt in ATTEMPTS for door in DOORS.get(attempt, ("page", "api"))
]


@pytest.mark.parametrize(("step", "attempt", "door"), CELLS)
def test_no_way_around_four_eyes_and_each_is_written_down(step: str, attempt: str, door: str) -> None:
    matter = Matter(STEPS[step])
    prepare, act, codes = ATTEMPTS[attempt]
    if attempt == "replayed form" and step.endswith("first") and (step, door) != ("approve_request first", "page"):
        act, codes = FIRST_OF_TWO
    browser = prepare(matter)
    before, events = matter.facts(), set(AuditEvent.objects.values_list("pk", flat=True))

    answer = matter.send(browser, door)

    refusals = {302} if attempt in SENT_ELSEWHERE and door == "page" else {403, 404, 409}
    assert answer.status_code in refusals
    assert matter.facts() == before
    (event,) = AuditEvent.objects.exclude(pk__in=events)
    assert (event.act, event.act.startswith(PREFIX)) == (act, True)
    if attempt == "stolen session cookie":  # who holds the cookie is not known to be the person
        assert (event.actor, event.target_id, event.after["device"]) == (None, matter.decider.pk, "Chrome · Windows")
        return
    assert event.actor == matter.decider
    assert event.after["code"] in codes
    assert event.after["door"]
    if attempt not in {"token", "no second factor"}:  # refused before anything is fetched
        assert event.target_public_id == matter.row.public_id


def test_a_replayed_form_is_refused_to_everybody_else_too() -> None:
    """Not only the decider: a colleague who had the same page open comes too late."""
    matter = Matter(STEPS["approve_request"])
    browser, late = browser_of(matter.decider), browser_of(matter.first)
    assert matter.send(browser, "api").status_code == 200
    before = matter.facts()
    assert matter.send(late, "api").status_code == 409
    assert matter.facts() == before


@pytest.mark.parametrize(("who", "status"), [("first", 403), ("decider", 409)])
def test_approving_less_is_no_way_around_the_second_person(who: str, status: int) -> None:
    """Below the threshold one person decides; but not about what already waits for a second one."""
    matter = Matter(STEPS["confirm_request"])
    make_policy(matter.authority, "quota.second_person_gpus", 5, version=2)
    matter.take_first_step()
    line = matter.row.lines.get()
    before = matter.facts()
    path = f"/api/v1/requests/{matter.row.public_id}/approve/"
    body = {"amounts": {str(line.public_id): 4}, "reason": "Less"}
    answer = browser_of(getattr(matter, who)).post(path, body, content_type="application/json")
    assert answer.status_code == status
    assert matter.facts() == before


def test_the_thief_and_the_person_are_both_signed_out() -> None:
    matter = Matter(STEPS["approve_case"])
    thief = stolen_cookie(matter)
    assert matter.send(thief, "page")["Location"].startswith("/accounts/login/")
    assert AuditEvent.objects.filter(act="refused.session").count() == 1
    assert matter.send(thief, "page").status_code == 302
    assert AuditEvent.objects.filter(act="refused.session").count() == 1
