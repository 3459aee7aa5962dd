"""What somebody is told when the database itself says no: by the name of the constraint, for forms and for machines.

Forms and services refuse in their own words long before. This is for what slipped through them, and for two people at
the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.core.errors import Conflict
from portal.core.registry import Registry


@dataclass(frozen=True)
class Rule:
    """A constraint in words: the sentence, and the field of a form at which it stands ("" above the form)."""

    sentence: str | Promise
    field: str = ""


rules: Registry[Rule] = Registry("constraints in words")
"""By the name that the constraint has in the database."""
AT_ONCE = _("Somebody did the same at the same moment. Reload the page to see what stands now, then try once more.")


def refused_by(error: BaseException) -> Conflict | None:
    """What the person is told about ``error``; None where it is no constraint that is known by words."""
    told = getattr(error.__cause__, "diag", None) if isinstance(error, IntegrityError) else None
    name, table = getattr(told, "constraint_name", None), getattr(told, "table_name", None)
    if not name:
        return None
    if name in rules:
        return Conflict(rules[name].sentence, code="portal.constraint", field=rules[name].field or None)
    found = _unique_field(name, table)
    return Conflict(taken(found), code="portal.taken", field=found.name) if found else None


def taken(field: models.Field[Any, Any]) -> Promise | str:
    """The sentence for a value that another row has already."""
    return _("“%(what)s” is taken already. Choose a different one.") % {"what": field.verbose_name}


def _unique_field(name: str, table: str | None) -> models.Field[Any, Any] | None:
    """The field that is unique by itself and whose constraint, named by Django, this is."""
    model = next((each for each in apps.get_models() if each._meta.db_table == table), None)
    if model is None:
        return None
    fields = (field for field in model._meta.concrete_fields if field.unique and field.column)
    return next((field for field in fields if name.startswith(f"{table}_{field.column}_")), None)
