"""What came after admissions in the demo world: tenants taken over from another site, one of them suspended, one
leaving, one that wants to leave; and looks back at facts that come due, are answered, or are past their day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from resources.demo import clock
from tenants.models import Recertification, Tenant
from tenants.queries.import_rows import plans
from tenants.roles import TenantRole
from tenants.services.equipment import set_defaults
from tenants.services.imports import import_tenant
from tenants.services.leaving import ask_to_leave, begin_leaving, confirm_leaving
from tenants.services.recertification import answer_recertification, remind, set_due
from tenants.services.tenants import suspend_tenant

if TYPE_CHECKING:
    from resources.demo.world import Cast

COLUMNS = (
    "name",
    "legal_id",
    "kind",
    "country",
    "contact_email",
    "data_class",
    "residency",
    "owner_email",
    "owner_name",
)
TAKEN_OVER = {
    "lysvik": (
        ("Skärvik Ferries", "SE-REG 556812-4402", "industry", "SE", "office@skarvik.example", "internal", "SE FI",
         "greta.wall@skarvik.example", "Greta Wall"),
        ("Lindmoss Analytics", "SE-REG 559377-0184", "startup", "SE", "hej@lindmoss.example", "public", "SE",
         "otto.ek@lindmoss.example", "Otto Ek"),
    ),
    "auental": (
        ("Moorbach Messtechnik", "DE HRB 90217", "industry", "DE", "kontakt@moorbach.example", "internal", "DE",
         "inga.thoms@moorbach.example", "Inga Thoms"),
    ),
}  # fmt: skip


def happen(people: Cast, now: datetime) -> None:
    """All of it, each on its day."""
    made = {}
    for office, rows in TAKEN_OVER.items():
        officer = people.at(office, "onboarding_officer")[0]
        with clock.on(now - timedelta(days=60)):
            told = [(place, dict(zip(COLUMNS, row, strict=True))) for place, row in enumerate(rows, start=1)]
            for plan in plans(people.authorities[office], told):
                made[plan.name] = import_tenant(acting_user=officer, authority=people.authorities[office], plan=plan)
    _suspend_and_leave(people, now, made)
    _look_back(people, now)


def _suspend_and_leave(people: Cast, now: datetime, made: dict[str, Tenant]) -> None:
    maja = people.at("lysvik", "onboarding_officer")[0]
    first, second = people.at("auental", "onboarding_officer")[:2]
    with clock.on(now - timedelta(days=12, hours=3)):
        suspend_tenant(
            acting_user=maja, tenant=made["Skärvik Ferries"],
            reason="The security contact has not answered for two weeks, by mail or telephone.",
        )  # fmt: skip
    with clock.on(now - timedelta(days=9, hours=2)):
        row = begin_leaving(
            acting_user=first, tenant=made["Moorbach Messtechnik"],
            reason="The company moves its work to a cluster of its own, as it wrote on its last bill.",
        )  # fmt: skip
    with clock.on(now - timedelta(days=8, hours=5)):
        confirm_leaving(acting_user=second, departure=row)
    lindmoss = made["Lindmoss Analytics"]
    owner = lindmoss.memberships.get(role=TenantRole.OWNER).user
    with clock.on(now - timedelta(days=2, hours=1)):
        ask_to_leave(acting_user=owner, tenant=lindmoss, reason="We were bought, and the buyer has a tenant here.")


def _look_back(people: Cast, now: datetime) -> None:
    maja = people.at("lysvik", "onboarding_officer")[0]
    with clock.on(now - timedelta(days=50)):
        set_defaults(
            acting_user=maja, authority=people.authorities["lysvik"], kind="academia",
            facts={"recertify_months": 12, "projects": [{"name": "First steps", "stage": "data_preparation"}]},
            reason="Grants of universities are renewed each year",
        )  # fmt: skip
        days = {"region-vitsund": 20, "isfall-genomics": 26, "tallbacken": -6}
        for slug, left in days.items():
            look = Recertification.objects.select_related("tenant").get(tenant__slug=slug)
            set_due(
                acting_user=maja, recertification=look, due_on=(now + timedelta(days=left)).date(),
                reason="Moved to the season of the yearly review",
            )  # fmt: skip
    for day in (45, 20, 3):
        with clock.on(now - timedelta(days=day)):
            remind()
    look = Recertification.objects.get(tenant__slug="isfall-genomics")
    with clock.on(now - timedelta(days=1, hours=4)):
        answer_recertification(
            acting_user=people.at("isfall-genomics", "owner")[0], recertification=look,
            facts={"contact_email": "genome.centre@isfall-genomics.example"}, note="Our office moved to a shared address.",
        )  # fmt: skip
