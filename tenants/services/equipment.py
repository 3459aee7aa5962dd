"""What a new tenant is given by its kind: roles of those who wrote the application, first projects, a day to look back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.models import Authority, DataClass, KindDefaults, OrganisationKind, Stage
from tenants.queries.defaults import defaults_of
from tenants.roles import TenantRole

FACTS = ("recertify_months", "highest_class", "residency", "writers_role", "projects")
MOST_PROJECTS = 5
MOST_MONTHS = 120


@deciding
@transaction.atomic
def set_defaults(
    *, acting_user: User, authority: Authority, kind: str, facts: dict[str, Any], reason: str
) -> KindDefaults:
    """Put a new version of a kind's defaults in force; tenants that were admitted before keep what they were given."""
    if kind not in OrganisationKind.values:
        raise Refused(_("There is no kind of organisation “%(kind)s”.") % {"kind": kind}, field="kind")
    if not reason.strip():
        raise Refused(_("Give the reason: it stands beside the defaults for everybody who reads them."), field="reason")
    hold("authority.defaults", authority.pk)
    now = defaults_of(authority, kind)
    wanted = {name: facts.get(name, getattr(now, name)) for name in FACTS}
    _lawful(wanted)
    before = {name: getattr(now, name) for name in FACTS if getattr(now, name) != wanted[name]}
    if not before:
        raise Conflict(_("These are the defaults already. Nothing was changed."))
    row = KindDefaults.objects.create(
        authority=authority, kind=kind, version=now.version + 1, reason=reason.strip(), set_by=acting_user, **wanted
    )
    record(
        "defaults.set", acting_user=acting_user, target=row, authority=authority, reason=reason.strip(),
        before=before, after={**{name: wanted[name] for name in before}, "version": row.version},
    )  # fmt: skip
    announce("policy.changed", topics=[f"authority.{authority.pk}"], authority=str(authority.public_id))
    return row


def _lawful(facts: dict[str, Any]) -> None:
    if not 1 <= facts["recertify_months"] <= MOST_MONTHS:
        raise Refused(_("Enter a number of months from 1 to 120."), field="recertify_months")
    if facts["highest_class"] not in DataClass.values:
        raise Refused(_("There is no such data class."), field="highest_class")
    if facts["writers_role"] not in {"", TenantRole.PROJECT_MANAGER, TenantRole.MEMBER}:
        raise Refused(_("The others become project managers, members, or nothing."), field="writers_role")
    if len(facts["projects"]) > MOST_PROJECTS:
        raise Refused(_("A tenant begins with %(n)d projects at most.") % {"n": MOST_PROJECTS}, field="projects")
    names = [slugify(str(each.get("name", ""))) for each in facts["projects"]]
    stages = [each.get("stage") for each in facts["projects"]]
    if not all(names) or len(set(names)) != len(names) or not set(stages) <= set(Stage.values):
        raise Refused(_("Each project has a name of its own and a stage."), field="projects")
