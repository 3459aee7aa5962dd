"""Who writes an application: people who know each other add each other; the last one stays."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import NotFound, Refused
from portal.models import User
from tenants.models import CaseMember, OnboardingCase
from tenants.services.answers import whose
from tenants.services.people import known_person

MOST = 20


@transaction.atomic
def add_writer(*, acting_user: User, case: OnboardingCase, email: str) -> User:
    """Let somebody with an account here write the application too."""
    OnboardingCase.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)
    person = known_person(email, acting_user)
    if CaseMember.objects.filter(case=case).count() >= MOST:
        raise Refused(_("%(count)s people write this application already; remove somebody first.") % {"count": MOST})
    member, made = CaseMember.objects.get_or_create(case=case, user=person)
    if not made:
        raise Refused(_("%(person)s writes this application already.") % {"person": person}, field="email")
    record("case.writer_added", acting_user=acting_user, target=case, after={"user": member.user_id}, **whose(case))
    return person


@transaction.atomic
def remove_writer(*, acting_user: User, case: OnboardingCase, person: str) -> User:
    """Take somebody (by public id) off; what they wrote stays."""
    OnboardingCase.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)
    members = CaseMember.objects.filter(case=case).select_related("user")
    member = members.filter(user__public_id=person).first()
    if member is None:
        raise NotFound
    if members.count() == 1:
        raise Refused(_("The last person on an application stays on it. Withdraw it if it is not wanted any more."))
    member.delete()
    record("case.writer_removed", acting_user=acting_user, target=case, before={"user": member.user_id}, **whose(case))
    return member.user
