"""Recertifications as pages read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from tenants.models import Recertification, Tenant

SOON_DAYS = 60


@dataclass(frozen=True)
class Fact:
    """One fact of a tenant: as it is here, and as its owner says it is."""

    label: str
    here: str
    proposed: str | None


def facts_of(row: Recertification) -> list[Fact]:
    return [
        Fact(
            str(Tenant._meta.get_field(name).verbose_name).capitalize(),  # type: ignore[union-attr]  # plain columns
            _said(row.tenant, name, getattr(row.tenant, name)),
            _said(row.tenant, name, row.proposed[name]) if name in row.proposed else None,
        )
        for name in Recertification.FACTS
    ]


def _said(tenant: Tenant, name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "–"
    choices = dict(getattr(Tenant._meta.get_field(name), "choices", None) or ())
    return str(choices.get(str(value), value)) or "–"


def overdue() -> Q:
    return Q(due_on__lt=timezone.localdate())


def soon() -> Q:
    return Q(due_on__lte=timezone.localdate() + timedelta(days=SOON_DAYS))


def open_of(tenant: Tenant) -> Recertification | None:
    return Recertification.objects.open().filter(tenant=tenant).first()
