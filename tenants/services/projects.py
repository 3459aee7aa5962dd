"""Projects: the named purposes for which a tenant asks for GPUs."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Conflict, Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.registry import project_ends
from portal.models import User
from tenants.models import DataClass, Project, Tenant
from tenants.services.tenants import SLUG_LENGTH, require_active

FACTS = ("name", "purpose", "stage", "data_class", "ends_on")


@transaction.atomic
def create_project(
    *,
    acting_user: User,
    tenant: Tenant,
    name: str,
    stage: str,
    data_class: str,
    purpose: str = "",
    ends_on: date | None = None,
) -> Project:
    """Open a project; its data may be as sensitive as the tenant was admitted for, and no more."""
    require_active(tenant)
    _lawful(tenant, data_class, ends_on)
    hold("tenant.projects", tenant.pk)
    row = Project.objects.create(
        tenant=tenant, authority=tenant.authority, name=name, slug=_slug(tenant, name), purpose=purpose, stage=stage,
        data_class=data_class, ends_on=ends_on,
    )  # fmt: skip
    record(
        "project.created", acting_user=acting_user, target=row, tenant=tenant, authority=tenant.authority,
        after={fact: getattr(row, fact) for fact in FACTS},
    )  # fmt: skip
    announce("project.changed", topics=[f"tenant.{tenant.pk}"], project=str(row.public_id))
    return row


@transaction.atomic
def revise_project(
    *, acting_user: User, project: Project, name: str, stage: str, data_class: str, purpose: str, ends_on: date | None
) -> Project:
    """Change what a project says about itself. Its short name stays: clusters know it by that."""
    hold("tenant.projects", project.tenant_id)
    row = Project.objects.select_for_update(of=("self",)).select_related("tenant__authority").get(pk=project.pk)
    require_active(row.tenant)
    _require_running(row)
    wanted = {"name": name, "purpose": purpose, "stage": stage, "data_class": data_class, "ends_on": ends_on}
    changed = {fact: value for fact, value in wanted.items() if getattr(row, fact) != value}
    if not changed:
        return row
    _lawful(row.tenant, data_class, ends_on if "ends_on" in changed else None)
    if "name" in changed and Project.objects.filter(tenant=row.tenant, name=name).exclude(pk=row.pk).exists():
        raise _taken(row.tenant, name)
    before = {fact: getattr(row, fact) for fact in changed}
    Project.objects.filter(pk=row.pk).update(**changed)
    for fact, value in changed.items():
        setattr(row, fact, value)
    record(
        "project.changed", acting_user=acting_user, target=row, tenant=row.tenant, authority=row.authority,
        before=before, after=changed,
    )  # fmt: skip
    announce("project.changed", topics=[f"tenant.{row.tenant_id}"], project=str(row.public_id))
    return row


@transaction.atomic
def end_project(*, acting_user: User, project: Project, reason: str) -> Project:
    """End a project for good: what it asked for and was granted ends with it. Its record and its history stay."""
    hold("tenant.projects", project.tenant_id)
    row = Project.objects.select_for_update(of=("self",)).select_related("tenant__authority").get(pk=project.pk)
    _require_running(row)
    if not reason.strip():
        raise Refused(_("Write why it ends: it stays in the record."), field="reason")
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    for ending in project_ends:
        ending(row, acting_user)
    record(
        "project.ended", acting_user=acting_user, target=row, tenant=row.tenant, authority=row.authority,
        reason=reason.strip(), after={"ended_at": row.ended_at},
    )  # fmt: skip
    announce("project.changed", topics=[f"tenant.{row.tenant_id}"], project=str(row.public_id))
    return row


def _require_running(project: Project) -> None:
    if project.ended_at is not None:
        raise Conflict(
            _("%(project)s has ended, and nothing of it changes any more. Open another project.")
            % {"project": project.name},
            code="tenants.project_ended",
        )


def _lawful(tenant: Tenant, data_class: str, ends_on: date | None) -> None:
    classes = DataClass.values
    if classes.index(data_class) > classes.index(tenant.data_class):
        raise Refused(
            _(
                "%(tenant)s was admitted for data up to “%(admitted)s”. Choose that or less, or ask its authority for more."
            )
            % {"tenant": tenant.name, "admitted": DataClass(tenant.data_class).label},
            field="data_class",
        )
    if ends_on is not None and ends_on <= timezone.localdate():
        raise Refused(_("A project ends on a day that is still to come. Choose a later day."), field="ends_on")


def _slug(tenant: Tenant, name: str) -> str:
    rows = Project.objects.filter(tenant=tenant)
    if rows.filter(name=name).exists():
        raise _taken(tenant, name)
    base = slugify(name)[:SLUG_LENGTH].strip("-") or "project"
    taken = set(rows.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _taken(tenant: Tenant, name: str) -> Conflict:
    return Conflict(
        _("%(tenant)s already has a project “%(name)s”. Choose another name, so that people can tell them apart.")
        % {"tenant": tenant.name, "name": name},
        code="tenants.project_name_taken",
        field="name",
    )
