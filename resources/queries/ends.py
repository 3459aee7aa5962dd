"""What of a tenant comes to its end, and the way to ask for more time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from portal.core.access import may
from portal.models import User
from portal.ui.times import last_day
from resources.models import Grant, IdleFinding
from resources.quantities import months_after
from resources.queries.continuations import followed
from tenants.models import Tenant

State = Grant.State
MONTHS = 6
"""For how much longer a renewal asks unless somebody chooses otherwise."""


def tile_of_ends(tenant: Tenant, user: User) -> dict[str, Any]:
    """The tenant's grants near their end or in their grace, and what of its GPUs was found idle; each with its way out."""
    rows = (
        Grant.objects.visible_to(user)
        .filter(tenant=tenant, state__in=(State.EXPIRING, State.GRACE))
        .select_related("pool__kind", "pool__cluster", "environment__project", "tenant")
        .order_by("ends_at", "pk")
    )
    grants: list[Any] = list(rows)
    allowed = bool(grants) and may(user, "renew", grants[0])
    continued = followed(grants)
    for grant in grants:
        grant.continued = grant.pk in continued
        grant.renew = renewal_address(grant) if allowed and not grant.continued else ""
    findings = IdleFinding.objects.visible_to(user).open().filter(tenant=tenant).order_by("created_at", "pk")
    return {
        "grants": grants,
        "findings": list(
            findings.exclude(notices=0).select_related("grant__pool__kind", "grant__pool__cluster", "tenant")
        ),
        "part": reverse("tenant-ends", args=[tenant.public_id]),
    }


def renewal_address(grant: Grant) -> str:
    """The page that asks for as much from its end on, which in its grace is past, and for half a year."""
    begin = grant.ends_at
    facts = {
        "change": "extension",
        "grant": grant.public_id,
        "project": grant.environment.project_id,
        "pool": grant.pool_id,
        "amount": grant.amount,
        "since": timezone.localtime(begin).date().isoformat(),
        "until": last_day(months_after(begin, MONTHS)).isoformat(),
    }
    return f"{reverse('request-new')}?{urlencode(facts)}"
