"""How the demo's applications were verified: a list of invented names, registers that answer, officers who looked.

Nobody on the list exists. Each application of the cast that still waits shows another way in which a check can stand.
"""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from portal.models import User
from resources.demo import cast
from tenants.models import ComplianceCheck, OnboardingCase
from tenants.queries.checks import current_list, in_the_way
from tenants.services.check_decisions import settle_check
from tenants.services.checks import check_case
from tenants.services.sanctions import load_list

LISTED = (
    ("9001", "person", ("Anke Sommer", "Anke Sommer-Vostrelova")),
    ("9002", "enterprise", ("Vostrel Trading House", "Торговый дом Вострел")),
    ("9003", "person", ("Ilarion Vostrelov", "Иларион Вострелов", "Ilarion Wostrelow")),
    ("9004", "enterprise", ("Kesselmark Holding", "KMH Kesselmark")),
    ("9005", "person", ("Tamsin Orlegrave", "T. Orlegrave")),
)
"""Number, kind and spellings of who is on the demo's list."""
SAID: dict[str, Any] = {
    "Sjöhagen Ferries": "silent",
    "Cantieri Rivaforte": None,
    "Atelier Brumeval": {"name": "Brumeval Images"},
}
"""What the recorded register says of those about whom it says something else than their own name."""
EVIDENCE = {
    "legal_id": "Compared with the extract of the register that came with the application.",
    "register": "Looked up on the register's own page; number and name are the same.",
    "gdpr_agreement": "The agreement is signed by both sides, in the version of this year.",
    "transfers": "No country outside of the Union is named any more.",
}
SEEN = "Seen, and compared with the documents of the application."
FRESH = timedelta(days=6)


def record_registers() -> None:
    """Write down what the demo's register answers, where the installation looks for it."""
    if isinstance(settings.REGISTER_RECORDED, str) and settings.REGISTER_RECORDED:
        path = Path(settings.REGISTER_RECORDED)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(registers(), ensure_ascii=False, indent=1), encoding="utf-8")


def registers() -> dict[str, Any]:
    """Number → what the recorded register says of it."""
    known: dict[str, Any] = {tenant.legal_id: {"name": tenant.name} for tenant in cast.TENANTS}
    return known | {case.legal_id: SAID.get(case.organisation, {"name": case.organisation}) for case in cast.CASES}


def list_of(day: datetime) -> bytes:
    """The invented list as the Union writes its own, made on ``day``."""
    entities = "".join(
        f'<sanctionEntity euReferenceNumber="EU.{number}.1" logicalId="{number}"><subjectType code="{kind}"/>'
        + "".join(f'<nameAlias wholeName="{name}"/>' for name in names)
        + "</sanctionEntity>"
        for number, kind, names in LISTED
    )
    head = f'<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="{day.isoformat()}" globalFileId="demo-{day:%Y%m%d}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{entities}</export>'.encode()


def keep_list() -> None:
    """Load the list of today, unless the one in force is fresh enough."""
    found = current_list()
    now = timezone.now()
    if found is None or now - found.published > FRESH:
        load_list(file=io.BytesIO(list_of(now)))


def run(case: OnboardingCase) -> None:
    """What the portal does by itself as soon as an application was sent."""
    keep_list()
    check_case(case.pk)


def clear(case: OnboardingCase, officer: User) -> None:
    """What an officer does before an application is approved: look at everything that is still in the way."""
    keep_list()
    rows = ComplianceCheck.objects.filter(case=case, current=True).order_by("pk")
    for check in in_the_way(list(rows)):
        settle_check(
            acting_user=officer, check=check, outcome="passed", evidence=EVIDENCE.get(check.key, SEEN)
        )  # fmt: skip
