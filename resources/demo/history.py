"""What happened in the demo world before today: applications, admissions, projects, requests and decisions.

Each step happens on its own day (``clock``), the oldest first, done by the person whose role it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from portal.models import User
from resources.demo import asking, cast, checking, clock
from resources.demo.bindings import conditions_for
from resources.demo.dossier import complete
from resources.models import CapacityPool, QuotaRequest, Share
from resources.quantities import months_after
from resources.services import decisions
from resources.services.conditions import Condition
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tenants.models import Authority, OnboardingCase, Project, Tenant
from tenants.services import admission, onboarding
from tenants.services.memberships import give_role
from tenants.services.projects import create_project

if TYPE_CHECKING:
    from resources.demo.world import Cast

Step = tuple[datetime, Callable[[], object]]
ADMITTED_DAYS_AGO, GRANTED_DAYS_AGO = 140, 95
MONTHS_GRANTED = 11


def live(people: Cast, now: datetime) -> None:
    """Do everything that was done, day by day."""
    steps: list[Step] = []
    for number, tenant in enumerate(cast.TENANTS):
        begin = at_work(now, ADMITTED_DAYS_AGO - 2 * number, number)
        steps.append((begin, _later(admit, people, tenant, begin)))
        granted = at_work(now, GRANTED_DAYS_AGO - 3 * number, number + 3)
        steps.append((granted, _later(grant, people, tenant, granted)))
    for number, case in enumerate(cast.CASES):
        sent = at_work(now, case.days_ago, number)
        steps.append((sent, _later(apply, people, case, sent)))
    for number, request in enumerate(cast.REQUESTS):
        sent = at_work(now, request.days_ago, number)
        steps.append((sent, _later(ask, people, request, sent)))
    for number, (days_ago, asking_) in enumerate(asking.steps()):
        sent = at_work(now, days_ago, number + 2) if days_ago else now - timedelta(hours=2)
        steps.append((sent, _later(asking.ask, people, asking_, sent)))
    for _moment, step in sorted(steps, key=lambda each: each[0]):
        step()


def at_work(now: datetime, days_ago: int, number: int) -> datetime:
    """A moment of that day's office hours, another one for every ``number``."""
    day = (now - timedelta(days=days_ago)).astimezone(UTC)
    return day.replace(hour=7 + number % 8, minute=(11 + 23 * number) % 60, second=(37 * number) % 60, microsecond=0)


def next_day(moment: datetime) -> datetime:
    """The day after, in the afternoon: when somebody has looked at it."""
    return (moment + timedelta(days=1)).replace(hour=14)


def _later(act: Callable[..., object], *args: Any) -> Callable[[], object]:
    return lambda: act(*args)


def admit(people: Cast, each: cast.Tenant, moment: datetime) -> None:
    """The owner applies, the authority's officers decide, projects are opened and people added."""
    owner = people.at(each.slug, "owner")[0]
    authority = people.authorities[each.authority]
    with clock.on(moment):
        case = send_case(owner, authority, {
            "organisation": each.name, "kind": each.kind, "country": each.country, "legal_id": each.legal_id,
            "data_class": each.data_class, "residency": list(each.residency), "contact_email": each.email,
            "purpose": each.projects[0].purpose,
        })  # fmt: skip
    with clock.on(moment + timedelta(days=3)):
        checking.clear(case, people.at(each.authority, "onboarding_officer")[0])
        for officer in people.at(each.authority, "onboarding_officer"):
            if case.state != OnboardingCase.State.APPROVED:
                admission.approve_case(acting_user=officer, case=case)
        tenant = Tenant.objects.get(case=case)
        # The data sources call environments by the short names of the cast; services make theirs from the full names.
        Tenant.objects.filter(pk=tenant.pk).update(slug=each.slug)
        for role in ("project_manager", "member"):
            for user in people.at(each.slug, role):
                give_role(acting_user=owner, anchor=tenant, user=user, role=role)
        for project in each.projects:
            row = create_project(
                acting_user=owner, tenant=tenant, name=project.name, stage=project.stage,
                data_class=project.data_class, purpose=project.purpose,
            )  # fmt: skip
            Project.objects.filter(pk=row.pk).update(slug=project.slug)


def send_case(applicant: User, authority: Authority, facts: Any) -> OnboardingCase:
    answers = complete(facts, applicant.get_full_name())
    case = onboarding.draft_case(acting_user=applicant, authority=authority, facts=answers)
    case = onboarding.submit_case(acting_user=applicant, case=case)
    checking.run(case)
    return case


def grant(people: Cast, each: cast.Tenant, moment: datetime) -> None:
    """What the tenant has today was asked for and approved, by two people where the policy wanted two."""
    for project in each.projects:
        for quota in project.quotas:
            request = send_request(people, each, project.slug, quota.cluster, quota.kind, quota.gpus,
                                   MONTHS_GRANTED, project.purpose, moment)  # fmt: skip
            with clock.on(moment + timedelta(days=1)):
                approve(people, request, conditions=conditions_for(each.slug, quota.cluster, people.now))


def approve(
    people: Cast, request: QuotaRequest, reason: str = "", conditions: Sequence[Condition] = ()
) -> None:  # fmt: skip
    first, second = deciders(people, request)
    decisions.approve_request(
        acting_user=first, request=request, reason=reason or "Within the agreed plan", conditions=conditions
    )
    if request.state == QuotaRequest.State.AWAITING_SECOND:
        decisions.confirm_request(acting_user=second, request=request)


def deciders(people: Cast, request: QuotaRequest) -> tuple[User, User]:
    """Two approvers of an authority that may pay: the request's own, else any other with a share."""
    pool_id = request.current_lines[0].pool_id
    holders = set(Share.objects.filter(pool=pool_id).values_list("authority_id", flat=True))
    by_id = {row.pk: slug for slug, row in people.authorities.items()}
    payer = request.authority_id if request.authority_id in holders else min(holders)
    first, second = people.at(by_id[payer], "quota_approver")[:2]
    return first, second


def send_request(
    people: Cast, tenant: cast.Tenant, project: str, cluster: str, kind: str, gpus: int, months: int, purpose: str,
    moment: datetime,
) -> QuotaRequest:  # fmt: skip
    """A request of the tenant's owner, from the day it is sent, for so many months."""
    asker = (people.at(tenant.slug, "project_manager") or people.at(tenant.slug, "owner"))[0]
    pool = CapacityPool.objects.select_related("cluster", "kind").get(cluster__slug=cluster, kind__slug=kind)
    row = Project.objects.select_related("tenant").get(tenant__slug=tenant.slug, slug=project)
    begin = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    with clock.on(moment):
        wish = Wish(pool, gpus, begin, months_after(begin, months))
        request = draft_request(acting_user=asker, project=row, purpose=purpose, wishes=[wish])
        return submit_request(acting_user=asker, request=request)


def apply(people: Cast, each: cast.Case, moment: datetime) -> None:
    """An application that still waits."""
    with clock.on(moment):
        case = send_case(people.users[each.applicant], people.authorities[each.authority], {
            "organisation": each.organisation, "kind": each.kind, "country": each.country, "legal_id": each.legal_id,
            "data_class": each.data_class, "residency": list(each.residency), "contact_email": each.applicant,
            "purpose": each.purpose,
        })  # fmt: skip
    officer = people.at(each.authority, "onboarding_officer")[0]
    with clock.on(next_day(moment)):
        if each.state == "in_review":
            admission.take_case(acting_user=officer, case=case)
        elif each.state == "info_requested":
            admission.ask_applicant(acting_user=officer, case=case, reason=each.asked)


def ask(people: Cast, each: cast.Request, moment: datetime) -> None:
    """A request that still waits, or was refused."""
    tenant = next(tenant for tenant in cast.TENANTS if tenant.slug == each.tenant)
    request = send_request(
        people, tenant, each.project, each.cluster, each.kind, each.gpus, each.months, each.purpose, moment
    )
    first, _second = deciders(people, request)
    with clock.on(next_day(moment)):
        if each.state == "in_review":
            decisions.take_into_review(acting_user=first, request=request)
        elif each.state == "info_requested":
            decisions.ask_for_changes(acting_user=first, request=request, reason=each.remark)
        elif each.state == "rejected":
            decisions.reject_request(acting_user=first, request=request, reason=each.remark)
        elif each.state == "awaiting_second":
            decisions.approve_request(acting_user=first, request=request, reason=each.remark)
