"""Authorities and their policies: registered by the site, decided by nobody there."""

from __future__ import annotations

from typing import TypedDict

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from tenants.models import Authority, PolicyRule
from tenants.queries.policies import policy

LEAST_LIKENESS = 50
"""In percent: below half, everybody is like everybody."""
LARGEST = 100_000


class AuthorityFacts(TypedDict):
    """What is known of an authority."""

    name: str
    country: str
    region: str
    contact_email: str
    time_zone: str


@transaction.atomic
def register_authority(*, acting_user: User, facts: AuthorityFacts) -> Authority:
    """Add a public body that may admit tenants as soon as it has staff."""
    hold("authority.names", 0)
    _free_name(facts["name"])
    row = Authority.objects.create(slug=_slug(facts["name"]), **facts)
    record("authority.registered", acting_user=acting_user, target=row, authority=row, after=_plain(facts))
    announce("authority.changed", topics=["site"], authority=str(row.public_id))
    return row


@transaction.atomic
def revise_authority(*, acting_user: User, authority: Authority, facts: AuthorityFacts) -> Authority:
    """Change what is known of an authority. Its short name stays."""
    hold("authority.names", 0)
    row = Authority.objects.select_for_update(of=("self",)).get(pk=authority.pk)
    old = AuthorityFacts(
        name=row.name, country=str(row.country), region=row.region, contact_email=row.contact_email,
        time_zone=row.time_zone,
    )  # fmt: skip
    new = _plain(facts)
    changed = {name: value for name, value in new.items() if old[name] != value}  # type: ignore[literal-required]
    if not changed:
        return row
    if "name" in changed:
        _free_name(facts["name"], but=row.pk)
    Authority.objects.filter(pk=row.pk).update(**changed)
    row.refresh_from_db()
    before = {name: old[name] for name in changed}  # type: ignore[literal-required]  # the same keys
    record("authority.changed", acting_user=acting_user, target=row, authority=row, before=before, after=changed)
    announce("authority.changed", topics=["site", f"authority.{row.pk}"], authority=str(row.public_id))
    return row


@deciding
@transaction.atomic
def set_policy(*, acting_user: User, authority: Authority, key: str, value: int, reason: str) -> PolicyRule:
    """Put a new version of a rule in force. Decisions taken before keep the version they were taken under."""
    if key not in PolicyRule.Key.values:
        raise Refused(_("There is no rule “%(key)s”.") % {"key": key}, field="key")
    if not reason.strip():
        raise Refused(_("Give the reason: it stands beside the rule for everybody who reads it."), field="reason")
    if key == PolicyRule.Key.SANCTIONS_LIKENESS and not LEAST_LIKENESS <= value <= PolicyRule.AT_MOST[key]:
        raise Refused(_("Enter a number of percent from 50 to 100."), field="value")
    if value > _most(key) or value < (1 if key in PolicyRule.AT_LEAST_ONE else 0):
        raise Refused(_bounds(key), field="value")
    hold("authority.policy", authority.pk)
    old = policy(authority, key)
    last = PolicyRule.objects.filter(authority=authority, key=key).order_by("-version").first()
    if last is not None and last.value == value:
        raise Conflict(_("This rule has that value already. Nothing was changed."), field="value")
    row = PolicyRule.objects.create(
        authority=authority, key=key, value=value, version=last.version + 1 if last else 1, reason=reason.strip(),
        set_by=acting_user,
    )  # fmt: skip
    record(
        "policy.set", acting_user=acting_user, target=row, authority=authority, reason=reason.strip(),
        before={"value": old}, after={"key": key, "value": value, "version": row.version},
    )  # fmt: skip
    announce("policy.changed", topics=[f"authority.{authority.pk}"], authority=str(authority.public_id))
    return row


def _bounds(key: str) -> str:
    if key in PolicyRule.YES_OR_NO:
        return _("This rule is yes or no: enter 1 or 0.")
    if key == PolicyRule.Key.DECISION_DAYS:
        return _("Enter at least 1 day.")
    least = 1 if key in PolicyRule.AT_LEAST_ONE else 0
    return _("Enter a number from %(least)d to %(largest)d.") % {"least": least, "largest": _most(key)}


def _most(key: str) -> int:
    return PolicyRule.AT_MOST.get(key, LARGEST)


def _free_name(name: str, but: int = 0) -> None:
    if Authority.objects.filter(name__iexact=name).exclude(pk=but).exists():
        raise Conflict(
            _("There is an authority “%(name)s” already. Open that one, or choose another name.") % {"name": name},
            code="tenants.authority_name_taken",
            field="name",
        )


def _slug(name: str) -> str:
    base = slugify(name)[:40].strip("-") or "authority"
    taken = set(Authority.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _plain(facts: AuthorityFacts) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items()}
