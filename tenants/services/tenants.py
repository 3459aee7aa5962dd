"""Tenants from their admission on: made, suspended with a reason, and set to work again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Refused
from portal.core.events import announce
from portal.core.locks import hold
from portal.core.proof import deciding
from portal.core.states import advance
from portal.models import User
from tenants.errors import NotOpen
from tenants.models import CaseMember, DataClass, KindDefaults, OnboardingCase, Project, Recertification, Tenant
from tenants.queries.defaults import defaults_of, months_later
from tenants.queries.people import stands_in
from tenants.queries.standing import OWN, Standing, standing
from tenants.roles import AuthorityRole, TenantRole
from tenants.services.memberships import give_role
from tenants.signals import tenant_activated, tenant_suspended

SLUG_LENGTH = 50


@transaction.atomic
def admit(*, acting_user: User, case: OnboardingCase, owner: User) -> Tenant:
    """Make the tenant that an approved case asks for, with the applicant as its owner; inside the deciding transaction."""
    given = defaults_of(case.authority, case.kind)
    order = DataClass.values
    if order.index(case.data_class) > order.index(given.highest_class):
        raise Refused(
            _(
                "%(authority)s admits “%(kind)s” for data up to “%(most)s”, and %(case)s asks for more. Ask the applicant to lower it, or set the defaults of the kind higher first."
            )
            % {
                "authority": case.authority, "kind": case.get_kind_display(), "case": case,
                "most": DataClass(given.highest_class).label,
            },
            code="tenants.class_too_high",
        )  # fmt: skip
    tenant = Tenant.objects.create(
        authority=case.authority, name=case.organisation, slug=free_slug(case.organisation), kind=case.kind,
        country=case.country, legal_id=case.legal_id, data_class=case.data_class,
        residency=case.residency or given.residency, contact_email=case.contact_email,
    )  # fmt: skip
    record(
        "tenant.admitted", acting_user=acting_user, target=tenant, tenant=tenant, authority=case.authority,
        after={"case": case.reference, "data_class": tenant.data_class, "residency": tenant.residency},
    )  # fmt: skip
    give_role(acting_user=None, anchor=tenant, user=owner, role=TenantRole.OWNER)
    _equip(acting_user=acting_user, tenant=tenant, given=given, case=case)
    tenant_activated.send(sender=Tenant, tenant=tenant, acting_user=acting_user)
    return tenant


def _equip(*, acting_user: User, tenant: Tenant, given: KindDefaults, case: OnboardingCase) -> None:
    """What its kind is given: a day for the look back, roles of the others who wrote the case, first projects."""
    Recertification.objects.create(
        tenant=tenant, authority_id=tenant.authority_id,
        due_on=months_later(timezone.localdate(), given.recertify_months),
    )  # fmt: skip
    if given.writers_role:
        others = CaseMember.objects.filter(case=case, user__is_active=True).exclude(user=case.submitted_by_id)
        for writer in others.select_related("user").order_by("pk"):
            give_role(acting_user=None, anchor=tenant, user=writer.user, role=given.writers_role)
    for each in given.projects:
        slug = slugify(each["name"])[:SLUG_LENGTH].strip("-") or "project"
        row = Project.objects.create(
            tenant=tenant, authority_id=tenant.authority_id, name=each["name"], slug=slug, stage=each["stage"],
            data_class=tenant.data_class,
        )  # fmt: skip
        record(
            "project.created", acting_user=acting_user, target=row, tenant=tenant, authority=tenant.authority,
            after={"name": row.name, "stage": row.stage, "data_class": row.data_class},
        )  # fmt: skip


def free_slug(name: str) -> str:
    """A short name nobody else has; held until commit, so that two admissions cannot choose the same."""
    hold("tenants.slug", 0)
    base = slugify(name)[:SLUG_LENGTH].strip("-") or "tenant"
    taken = set(Tenant.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


@deciding
@transaction.atomic
def suspend_tenant(*, acting_user: User, tenant: Tenant, reason: str) -> Tenant:
    """Freeze what the tenant runs; its projects, people and grants stay as they are."""
    right = apart(acting_user, tenant)
    _with_reason(reason)
    advance(tenant, Tenant.State.SUSPENDED)
    return _moved("tenant.suspended", acting_user, tenant, reason, right)


@deciding
@transaction.atomic
def reactivate_tenant(*, acting_user: User, tenant: Tenant, reason: str) -> Tenant:
    """Let a suspended tenant work again under the grants it still has."""
    right = apart(acting_user, tenant)
    _with_reason(reason)
    advance(tenant, Tenant.State.ACTIVE)
    return _moved("tenant.reactivated", acting_user, tenant, reason, right)


@transaction.atomic
def suspend_by_rule(*, tenant: Tenant, reason: str) -> Tenant:
    """The portal freezes what the tenant runs because a rule says so that was known beforehand; ``reason`` names it."""
    _with_reason(reason)
    advance(tenant, Tenant.State.SUSPENDED)
    return _moved("tenant.suspended", None, tenant, reason, OWN)


def require_active(tenant: Tenant) -> None:
    """Refuse what only an active tenant may do."""
    if tenant.state != Tenant.State.ACTIVE:
        raise NotOpen(
            _("%(tenant)s is %(state)s. New work can begin when its authority has reactivated it.")
            % {"tenant": tenant.name, "state": tenant.get_state_display().lower()}
        )


def _moved(act: str, acting_user: User | None, tenant: Tenant, reason: str, right: Standing) -> Tenant:
    old = Tenant.State.ACTIVE if tenant.state == Tenant.State.SUSPENDED else Tenant.State.SUSPENDED
    record(
        act, acting_user=acting_user, target=tenant, tenant=tenant, authority=tenant.authority, reason=reason,
        before={"state": old}, after={"state": tenant.state, **right.facts},
    )  # fmt: skip
    signal = tenant_suspended if tenant.state == Tenant.State.SUSPENDED else tenant_activated
    signal.send(sender=Tenant, tenant=tenant, acting_user=acting_user)
    topics = [f"tenant.{tenant.pk}", f"authority.{tenant.authority_id}"]
    announce("tenant.changed", topics=topics, tenant=str(tenant.public_id))
    return tenant


def apart(user: User, tenant: Tenant) -> Standing:
    """In whose right an officer acts; refuses members of the tenant, and who stands in for one alone."""

    def too_near(who: User) -> str:
        if not stands_in(who, tenant):
            return ""
        return _("You are a member of %(tenant)s, so another officer has to decide about it.") % {"tenant": tenant.name}

    return standing(user, tenant.authority_id, AuthorityRole.ONBOARDING_OFFICER, too_near)


def _with_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Give the reason: the tenant reads it, and it stays in the record."), field="reason")
