"""Rules of an authority that approve requests: written by one person, put in force by another, never edited after that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core.access import live_now
from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.models import User
from resources.models import AutoRule
from resources.queries.modes import modes_in_force
from tenants.errors import FourEyes
from tenants.models import Authority, AuthorityMembership
from tenants.queries.standing import eyes
from tenants.roles import AuthorityRole

FACTS = (
    "name", "position", "modes", "tenant_kinds", "kinds", "max_data_class", "max_gpus", "max_gpu_hours", "max_days",
    "max_held", "keep_free_percent", "only_calm",
)  # fmt: skip


@transaction.atomic
def begin_rule(*, acting_user: User, authority: Authority, slug: str, name: str = "") -> AutoRule:
    """A next version to work on, made of the newest one by that short name, or a new rule; the one begun already."""
    hold("auto-rules", authority.pk)
    mine = AutoRule.objects.filter(authority=authority, slug=slug)
    found = mine.filter(activated_at=None).first()
    if found is not None:
        return found
    last = mine.order_by("-version").first()
    facts: dict[str, Any] = {fact: getattr(last, fact) for fact in FACTS} if last else {}
    if not last:
        facts["name"] = name.strip() or slug.replace("-", " ").capitalize()
    version = (mine.aggregate(last=Max("version"))["last"] or 0) + 1
    row = AutoRule.objects.create(authority=authority, slug=slug, version=version, set_by=acting_user, **facts)
    _record("rule.begun", acting_user, row)
    return row


@transaction.atomic
def write_rule(*, acting_user: User, row: AutoRule, facts: Mapping[str, Any]) -> AutoRule:
    """Write ``facts`` (of FACTS) into a version that is worked on; who writes it last is not who puts it in force."""
    locked = _begun(row)
    if not facts.get("name", locked.name).strip():
        raise Refused(_("Give the rule a name: it stands beside everything that it decides."), field="name")
    _check_modes(locked.authority, facts.get("modes", locked.modes))
    before = {name: getattr(locked, name) for name in facts if name in FACTS and getattr(locked, name) != facts[name]}
    for name in before:
        setattr(locked, name, facts[name])
    locked.set_by = acting_user
    locked.save(update_fields=[*before, "set_by"])
    after = {name: getattr(locked, name) for name in before}
    record(
        "rule.changed", acting_user=acting_user, target=locked, authority=locked.authority, before=before, after=after
    )
    return locked


@deciding
@transaction.atomic
def activate_rule(*, acting_user: User, row: AutoRule, note: str) -> AutoRule:
    """Let the rule decide from now on, in the right of ``acting_user``, who answers for it and did not write it.

    Requests that were sent before are left to people. The version that was in force ends.
    """
    hold("auto-rules", row.authority_id)
    locked = _begun(row)
    if locked.set_by_id in eyes(acting_user, locked.created_at):
        raise FourEyes(
            _(
                "This version was written by you, or by somebody for whom you stand in or who stands in for you. "
                "Another approver of %(authority)s has to put it in force."
            )
            % {"authority": locked.authority}
        )
    if not note.strip():
        raise Refused(_("Write what changed: whoever compares the versions reads it."), field="note")
    _check_modes(locked.authority, locked.modes)
    if not locked.modes:
        raise Refused(_("Choose at least one access mode in which the rule holds."), field="modes")
    _check_right(acting_user, locked)
    now = timezone.now()
    replaced = AutoRule.objects.in_force().filter(authority=locked.authority, slug=locked.slug).first()
    if replaced:
        _end(replaced, acting_user, _("Version %(n)d came in its place.") % {"n": locked.version})
    locked.note, locked.activated_at, locked.activated_by = note.strip(), now, acting_user
    locked.save(update_fields=["note", "activated_at", "activated_by"])
    facts = {name: getattr(locked, name) for name in FACTS}
    earlier = {name: getattr(replaced, name) for name in FACTS} if replaced else {}
    changed = {name: value for name, value in earlier.items() if value != facts[name]}
    _record("rule.activated", acting_user, locked, before=changed, after=facts, reason=locked.note)
    return locked


@deciding
@transaction.atomic
def retire_rule(*, acting_user: User, row: AutoRule, reason: str) -> AutoRule:
    """The rule decides nothing from now on; what it decided stands."""
    hold("auto-rules", row.authority_id)
    locked = AutoRule.objects.select_for_update(of=("self",)).select_related("authority").get(pk=row.pk)
    if not locked.is_in_force:
        raise Conflict(_("This version is not in force, so it decides nothing."), code="resources.rule_not_in_force")
    if not reason.strip():
        raise Refused(_("Write why it ends: it stands beside the rule."), field="reason")
    _end(locked, acting_user, reason.strip())
    _record("rule.retired", acting_user, locked, reason=reason.strip())
    return locked


@transaction.atomic
def drop_rule(*, acting_user: User, row: AutoRule) -> None:
    """Give up the version that is worked on; what is in force stays as it is."""
    locked = _begun(row)
    _record("rule.dropped", acting_user, locked)
    locked.delete()


def _end(row: AutoRule, by: User, why: str) -> None:
    row.ended_at, row.ended_by, row.ended_because = timezone.now(), by, why[:300]
    row.save(update_fields=["ended_at", "ended_by", "ended_because"])


def _begun(row: AutoRule) -> AutoRule:
    locked = AutoRule.objects.select_for_update(of=("self",)).select_related("authority").filter(pk=row.pk).first()
    if locked is None or not locked.is_begun:
        raise Conflict(
            _(
                "This version was put in force or is gone, and what was in force stays as it was. Begin the next version."
            ),
            code="resources.rule_in_force",
        )
    return locked


def _check_modes(authority: Authority, slugs: list[str]) -> None:
    """Only access modes of which their own version says that rules may decide."""
    open_to_rules = {mode.slug for mode in modes_in_force(authority) if mode.auto_decision}
    if strange := [slug for slug in slugs if slug not in open_to_rules]:
        raise Refused(
            _("In the access mode “%(mode)s” people decide. Allow rules in that mode first, or leave it out.")
            % {"mode": strange[0]},
            field="modes",
        )


def _check_right(user: User, rule: AutoRule) -> None:
    """The rule gives no more in one decision than the person may who answers for it."""
    limits = AuthorityMembership.objects.filter(
        live_now(), Q(gpu_limit__isnull=True) | Q(gpu_limit__gte=rule.max_gpus), user=user, authority=rule.authority_id,
        role=AuthorityRole.QUOTA_APPROVER,
    )  # fmt: skip
    if not limits.exists():
        raise Refused(
            _("A rule decides in the right of who puts it in force, and your role does not give %(n)d GPUs at once.")
            % {"n": rule.max_gpus},
            field="max_gpus",
        )


def _record(act: str, user: User, row: AutoRule, **facts: Any) -> None:
    facts.setdefault("after", {"name": row.name, "version": row.version})
    record(act, acting_user=user, target=row, authority=row.authority, **facts)
    announce("rule.changed", topics=[f"authority.{row.authority_id}"], authority=str(row.authority.public_id))
