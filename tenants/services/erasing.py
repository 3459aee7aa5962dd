"""What is erased of a tenant when its retention period is over, and of its people; said before, counted after.

Rows that others' records point at stay, without what people wrote in them; a person who belongs nowhere else becomes a
number without a name.
"""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import files, operation_files
from portal.core.audit import record
from portal.core.registry import Effect, tenant_erasers
from portal.models import Notification, Operation, User
from tenants.models import (
    ApiToken,
    CaseAnswer,
    CaseDecision,
    CaseDocument,
    CaseLetter,
    CaseMember,
    CaseNote,
    CaseSubmission,
    ComplianceCheck,
    Invitation,
    Membership,
    OnboardingCase,
    Project,
    Recertification,
    Tenant,
    Webhook,
)
from tenants.services.memberships import OFFICES


def own_effects(tenant: Tenant) -> list[Effect]:
    """Of this app: people, projects, tokens, documents, accounts."""
    roles = Membership.objects.filter(_lasting(), tenant=tenant).count()
    projects = Project.objects.filter(tenant=tenant, ended_at__isnull=True).count()
    tokens = ApiToken.objects.filter(tenant=tenant).in_force().count()
    documents = CaseDocument.objects.filter(case__tenant=tenant).count()
    accounts = people_to_erase(tenant).count()
    told = [
        Effect("roles", roles, ngettext("%(n)d role in it ends.", "%(n)d roles in it end.", roles), "close"),
        Effect("projects", projects, ngettext("%(n)d project ends.", "%(n)d projects end.", projects), "close"),
        Effect("tokens", tokens, ngettext("%(n)d API token stops working.", "%(n)d API tokens stop working.", tokens), "close"),
        Effect("documents", documents, ngettext(
            "%(n)d document of its application is deleted.", "%(n)d documents of its application are deleted.", documents,
        ), "erase"),
        Effect("accounts", accounts, ngettext(
            "%(n)d person who has no other role here is erased: name, address and ways to sign in.",
            "%(n)d people who have no other role here are erased: names, addresses and ways to sign in.", accounts,
        ), "erase"),
    ]  # fmt: skip
    always = [
        Effect("texts", 1, _("The answers of its application, purposes of projects and requests, notes and reports are deleted."), "erase"),
        Effect("record", 1, _("The record of who did what stays, with numbers instead of people and the reasons that were given; so do the organisation’s name and register number, its requests, decisions, grants and hours of use."), "keep"),
    ]  # fmt: skip
    return [
        *(Effect(each.key, each.count, each.sentence % {"n": each.count}, each.when) for each in told if each.count),
        *always,
    ]


def _lasting() -> Q:
    return Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now())


def people_to_erase(tenant: Tenant) -> QuerySet[User]:
    """People of the tenant and of its application who belong nowhere else: nobody's staff, no other tenant's, no
    administrator, in no other application.
    """
    ids = set(Membership.objects.filter(tenant=tenant).values_list("user_id", flat=True))
    ids |= set(CaseMember.objects.filter(case__tenant=tenant).values_list("user_id", flat=True))
    elsewhere = set(
        CaseMember.objects.filter(user__in=ids).exclude(case__tenant=tenant).values_list("user_id", flat=True)
    )
    for office in OFFICES.values():
        rows = office.memberships._default_manager.filter(user__in=ids)
        if office.memberships is Membership:
            rows = rows.exclude(tenant=tenant)
        elsewhere |= set(rows.values_list("user_id", flat=True))
    return User.objects.filter(pk__in=ids - elsewhere, is_platform_admin=False)


ERASED_DOMAIN = "erased.invalid"
"""Nobody's mail is ever delivered there (RFC 2606)."""


@transaction.atomic
def erase(tenant: Tenant) -> dict[str, int]:
    """Everything that is to go, in one transaction: first what the upper floors hold, then ours, then the people."""
    counted: dict[str, int] = {}
    for eraser in tenant_erasers:
        counted |= eraser(tenant)
    people = people_to_erase(tenant)
    for person in people:
        erase_person(acting_user=None, person=person)
    counted["accounts"] = len(people)
    return {key: count for key, count in counted.items() if count}


def erase_texts(tenant: Tenant) -> dict[str, int]:
    """Of this app: the application and its documents, purposes, notes, invitations, tokens, long works."""
    cases = OnboardingCase.objects.filter(tenant=tenant)
    checks = ComplianceCheck.objects.filter(Q(case__in=cases) | Q(tenant=tenant))
    erased_checks = checks.update(facts={}, evidence="", document=None)
    for column in ("reason", "remark"):  # that there was one stays: two people cleared it
        checks.exclude(**{column: ""}).update(**{column: "–"})
    documents = list(CaseDocument.objects.filter(case__in=cases))
    for document in documents:
        files.forget(document.key)
        document.delete()
    counted = {
        "documents": len(documents),
        "checks": erased_checks,
        "answers_of_application": CaseSubmission.objects.filter(case__in=cases).update(answers={}),
        "replies": CaseAnswer.objects.filter(case__in=cases).update(text=""),
        "notes": CaseNote.objects.filter(case__in=cases).update(text=""),
        "reasons": CaseDecision.objects.filter(case__in=cases).update(reason=""),
        "applications": cases.update(answers={}, marks={}, purpose="", contact_email=""),
        "purposes_of_projects": Project.objects.filter(tenant=tenant).exclude(purpose="").update(purpose=""),
        "recertifications": Recertification.objects.filter(tenant=tenant).update(proposed={}, note="", remark=""),
        "invitations": Invitation.objects.filter(tenant=tenant).delete()[0],
        "letters": CaseLetter.objects.filter(case__in=cases).update(subject="", body="", pdf=b""),
        "webhooks": Webhook.objects.filter(tenant=tenant).delete()[0],
        "tokens": ApiToken.objects.filter(tenant=tenant).delete()[0],
    }
    works = list(Operation.objects.filter(tenant_id=tenant.pk))
    for work in works:
        operation_files.forget(work)
        work.delete()
    Tenant.objects.filter(pk=tenant.pk).update(contact_email="")
    return {**counted, "works": len(works)}


@transaction.atomic
def erase_person(*, acting_user: User | None, person: User) -> None:
    """Take name, address and every way in from an account; its number stays, so that the record stays whole."""
    for model in (EmailAddress, Authenticator, SocialAccount, UserSession, Notification):
        model._default_manager.filter(user=person).delete()
    Operation.objects.filter(user=person).update(about="")
    person.email, person.full_name = f"{person.public_id}@{ERASED_DOMAIN}", ""
    person.is_active, person.last_login, person.time_zone, person.language = False, None, "", ""
    person.set_unusable_password()
    person.save()
    record("person.erased", acting_user=acting_user, target=person, after={"user": person.pk})
