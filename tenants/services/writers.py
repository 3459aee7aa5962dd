"""Who writes an application: people who know each other ask each other (case_links); the last one stays."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import NotFound, Refused
from portal.models import User
from tenants.models import CaseMember, OnboardingCase
from tenants.services.answers import whose

MOST = 20


def lock_writers(case: OnboardingCase) -> None:
    """Until the end of the transaction nobody else comes or goes."""
    OnboardingCase.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)


@transaction.atomic
def remove_writer(*, acting_user: User, case: OnboardingCase, person: str) -> User:
    """Take somebody (by public id) off; what they wrote stays."""
    lock_writers(case)
    members = CaseMember.objects.filter(case=case).select_related("user")
    member = members.filter(user__public_id=person).first()
    if member is None:
        raise NotFound
    if members.count() == 1:
        raise Refused(_("The last person on an application stays on it. Withdraw it if it is not wanted any more."))
    member.delete()
    record("case.writer_removed", acting_user=acting_user, target=case, before={"user": member.user_id}, **whose(case))
    return member.user
