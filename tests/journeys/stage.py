"""What a journey finds when it begins, made in the product's own database by a process beside it.

It acts through the services, as the people whose work it is and on the day on which it was done, as the demo's seed does:
``prepare(product, "left_idle")``. What a journey is about is never made here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from portal.core.tasks import nudge
from portal.models import User
from resources.demo import clock
from resources.demo.afterwards import COLUMNS
from resources.demo.world import PASSWORD
from resources.models import CapacityPool, Grant, SampleHour, Series
from resources.services import idle_finding
from resources.services.conditions import Condition
from resources.services.decisions import approve_request
from resources.services.grant_changes import release_grant
from resources.services.requests import draft_request, submit_request
from resources.services.wishes import Wish
from tenants.models import Authority, PolicyRule, Project, Tenant
from tenants.queries.import_rows import plans
from tenants.services.authorities import set_policy
from tenants.services.imports import import_tenant
from tenants.services.projects import create_project

if TYPE_CHECKING:
    from tests.product import Product

HERE = Path(__file__).resolve().parents[2]
RUN = """
import runpy
from portal.core.isolation import as_worker
with as_worker():
    runpy.run_path("tests/journeys/stage.py")[{name!r}](*{arguments!r})
"""
HOLDS_DAYS = 45
"""For so long the grants that journeys find have run."""


def prepare(product: Product, name: str, *arguments: Any) -> None:
    """Run the function ``name`` of this module in the product's own world."""
    said = RUN.format(name=name, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", said],
        cwd=HERE, env=product.env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def whole_genomes() -> None:
    """A new project of the university; and Voix Libre has given back eight GPUs of the pool in which it will ask."""
    create_project(
        acting_user=person("astrid.norell@isfall-genomics.example"), tenant=Tenant.objects.get(slug="isfall-genomics"),
        name="Whole genomes", stage="training", data_class="confidential", purpose="A foundation model of whole genomes.",
    )  # fmt: skip
    grant = Grant.objects.counting().get(tenant__slug="voix-libre", pool__cluster__slug="kaamos", amount=56)
    release_grant(acting_user=person("lina.costes@voix-libre.example"), grant=grant, gpus=8, reason="Fewer languages.")


def over(place: str) -> None:
    """The tenant gives back all that it has there."""
    for grant in Grant.objects.counting().filter(environment__external_name=place):
        release_grant(acting_user=grant.line.request.requested_by, grant=grant, gpus=grant.amount)


def ministry() -> None:
    """The land's ministry was taken over from another site; its people may be told restricted things."""
    authority = Authority.objects.get(slug__contains="auental")
    row = (
        "Ministerium der Justiz Auental", "DE-REG 3300-44", "public_agency", "DE", "poststelle@justiz-auental.example",
        "restricted", "DE", "wiebke.arens@justiz-auental.example", "Wiebke Arens",
    )  # fmt: skip
    (plan,) = plans(authority, [(1, dict(zip(COLUMNS, row, strict=True)))])
    import_tenant(acting_user=person("karla.winter@auental.example"), authority=authority, plan=plan)
    User.objects.filter(email=row[-2]).update(password=make_password(PASSWORD))


def nearly_over(seconds: int) -> None:
    """16 GPUs of Méridien Fret, of which 40 of 100 were busy, end in so many seconds; then a week of grace."""
    set_policy(
        acting_user=person("admin@portal.example"), authority=Authority.objects.get(slug__contains="valmere"),
        key=PolicyRule.Key.GRACE_DAYS, value=7, reason="Time to save results",
    )  # fmt: skip
    now = datetime.now(UTC)
    grant = granted(
        "meridien-fret", "chantelune", "a100", 16, until=now + timedelta(seconds=seconds),
        asked_by="marc.teyssier@meridien-fret.example", decided_by="bastien.roche@valmere.example",
    )  # fmt: skip
    measured(grant, allocated=8.0, busy=6.4)


def left_idle() -> None:
    """12 GPUs of the university of Selvalta of which hardly one was busy for six weeks, and what the portal's own search
    has said about that a fortnight and a week ago.
    """

    now = timezone.now()
    grant = granted(
        "selvalta", "chantelune", "h200", 12, until=now + timedelta(days=120),
        asked_by="elena.bressan@selvalta.example", decided_by="paolo.ferri@montelume.example",
    )  # fmt: skip
    measured(grant, allocated=2.0, busy=1.0)
    for days in (15, 8):
        with clock.on(now - timedelta(days=days)):
            idle_finding.sweep()


def past_its_day(text: str) -> None:
    """8 GPUs of Grünwerk were granted under a condition; its day passed three days ago, and nobody has looked since."""
    now = timezone.now()
    granted(
        "gruenwerk", "eichwald", "h100", 8, until=now + timedelta(days=120), asked_by="uwe.hartung@gruenwerk.example",
        decided_by="jonas.adler@auental.example", conditions=[Condition(text, (now - timedelta(days=3)).date())],
    )  # fmt: skip


def wake(task: str) -> None:
    """What the timetable does in its time is done now, by the product's own worker."""

    with transaction.atomic():
        nudge(task)


def person(email: str) -> Any:

    return User.objects.get(email=email)


def granted(
    tenant: str, cluster: str, kind: str, gpus: int, *, until: datetime, asked_by: str, decided_by: str,
    conditions: Sequence[Condition] = (),
) -> Any:  # fmt: skip
    """A grant of the tenant's first project, asked for and decided weeks ago."""

    begin = (timezone.now() - timedelta(days=HOLDS_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    pool = CapacityPool.objects.select_related("cluster", "kind").get(cluster__slug=cluster, kind__slug=kind)
    project = Project.objects.select_related("tenant").filter(tenant__slug=tenant).order_by("pk").first()
    with clock.on(begin - timedelta(hours=9)):
        wish = Wish(pool, gpus, begin, until)
        request = draft_request(acting_user=person(asked_by), project=project, purpose="As planned.", wishes=[wish])
        submit_request(acting_user=person(asked_by), request=request)
    with clock.on(begin + timedelta(hours=7)):
        approve_request(
            acting_user=person(decided_by), request=request, reason="Within the agreed plan", conditions=conditions
        )
    return Grant.objects.get(line__request=request)


def measured(grant: Any, *, allocated: float, busy: float) -> None:
    """What the cluster's readings, hour by hour, have shown of the grant since it began."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    series, _new = Series.objects.get_or_create(
        tenant=grant.tenant, authority_id=grant.authority_id, cluster=grant.pool.cluster, kind=grant.pool.kind
    )
    SampleHour.objects.filter(series=series).delete()
    SampleHour.objects.bulk_create(
        SampleHour(
            series=series, hour=end - timedelta(hours=number), tenant=grant.tenant, authority_id=grant.authority_id,
            readings=720, allocated_s=round(allocated * 3600), busy_s=round(busy * 3600), load_s=round(busy * 3200),
            memory_mib=60_000, power_w=900, temperature_max=61,
        )
        for number in range(1, HOLDS_DAYS * 24)
    )  # fmt: skip
