"""Creating and changing plain rows of the inventory, with what was and what is in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import Refused
from portal.models import User
from resources.models import CapacityPool, Cluster, MaintenanceWindow, Provider, Share

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def create(act: str, row: Row, *, acting_user: User, authority: models.Model | None = None) -> Row:
    """Save a new row after all its validators; ``act`` ("cluster.created") goes into the trail."""
    _check(row)
    row.save(force_insert=True)
    audit.record(
        act, acting_user=acting_user, target=row, authority=authority, provider=_provider(row), after=_facts(row)
    )
    return row


@transaction.atomic
def change(
    act: str, row: Row, fields: Mapping[str, Any], *, acting_user: User, authority: models.Model | None = None
) -> Row:
    """Write those of ``fields`` that differ from what is saved; nothing differs, nothing happens."""
    row = type(row)._base_manager.select_for_update().get(pk=row.pk)
    before = {name: getattr(row, name) for name, value in fields.items() if getattr(row, name) != value}
    if not before:
        return row
    for name in before:
        setattr(row, name, fields[name])
    _check(row)
    row.save(update_fields=list(before))
    audit.record(
        act,
        acting_user=acting_user,
        target=row,
        authority=authority,
        provider=_provider(row),
        before={name: _plain(value) for name, value in before.items()},
        after={name: _plain(getattr(row, name)) for name in before},
    )
    return row


def _provider(row: models.Model) -> int | None:
    """Whose clusters the row is about, so that its operators can read what happened to it."""
    match row:
        case Provider():
            return row.pk
        case Cluster():
            return row.provider_id
        case CapacityPool():
            return row.cluster.provider_id
        case MaintenanceWindow():
            return row.cluster.provider_id
        case Share():
            return row.pool.cluster.provider_id
    return None


def _check(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        name = None if field == "__all__" else field
        raise Refused(
            _("%(thing)s cannot be saved like this. %(why)s") % {"thing": row._meta.verbose_name, "why": sentences[0]},
            field=name,
        ) from error


def _facts(row: models.Model) -> dict[str, Any]:
    skipped = {"id", "public_id", "created_at"}
    return {f.name: _plain(getattr(row, f.name)) for f in row._meta.concrete_fields if f.name not in skipped}


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value)
    return value.code if hasattr(value, "code") else value
