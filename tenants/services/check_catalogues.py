"""What an authority verifies: versions of its catalogue, each in force from the moment it is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.checks.catalogue import read
from tenants.models import Authority, CheckCatalogue
from tenants.queries.checks import content_of
from tenants.questions.schema import WrongSet


@deciding
@transaction.atomic
def set_catalogue(
    *, acting_user: User, authority: Authority, content: Mapping[str, Any], reason: str
) -> CheckCatalogue:
    """Verify this from now on. Checks that were planned before keep what they were planned with."""
    hold("check-catalogue", authority.pk)
    if not reason.strip():
        raise Refused(_("Give the reason: it stands beside the version for everybody who reads it."), field="reason")
    try:
        plain = {"checks": [rule.plain() for rule in read(content)]}
    except WrongSet as wrong:
        raise Refused(wrong.sentences[0], code="tenants.check_catalogue", sentences=wrong.sentences) from None
    old = content_of(authority)
    if plain == old:
        raise Conflict(_("The authority verifies just that already. Nothing was changed."))
    last = CheckCatalogue.objects.filter(authority=authority).aggregate(last=Max("version"))["last"] or 0
    row = CheckCatalogue.objects.create(
        authority=authority, version=last + 1, content=plain, reason=reason.strip()[:300], set_by=acting_user
    )
    record(
        "check_catalogue.set", acting_user=acting_user, target=row, authority=authority, reason=row.reason,
        before=_told(old, plain), after={"version": row.version, **_told(plain, old)},
    )  # fmt: skip
    announce("policy.changed", topics=[f"authority.{authority.pk}"], authority=str(authority.public_id))
    return row


@deciding
@transaction.atomic
def change_rule(
    *, acting_user: User, authority: Authority, rule: Mapping[str, Any], reason: str, drop: bool = False
) -> CheckCatalogue:
    """Put one check in the place of that of the same key, add it at the end, or leave it out: a next version."""
    hold("check-catalogue", authority.pk)
    kept = [each for each in content_of(authority)["checks"] if drop is False or each["key"] != rule["key"]]
    keys = [each["key"] for each in kept]
    if not drop:
        kept = [{**each, **rule} if each["key"] == rule["key"] else each for each in kept]
        kept += [dict(rule)] if rule["key"] not in keys else []
    return set_catalogue(acting_user=acting_user, authority=authority, content={"checks": kept}, reason=reason)


def _told(content: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Of two versions the checks in which they differ: key → required or not, and for how long."""
    others = {each["key"]: each for each in other["checks"]}
    rows = [each for each in content["checks"] if others.get(each["key"]) != each]
    return {"checks": [f"{each['key']}{'' if each['required'] else ' (optional)'}" for each in rows]}
