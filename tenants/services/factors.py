"""A second factor that is lost for good: another person takes it off the account, and everybody concerned is told."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from portal.core.audit import record
from portal.core.errors import Forbidden, Refused
from portal.core.proof import deciding
from portal.core.tasks import nudge
from portal.models import User
from tenants.errors import OwnRights
from tenants.services.people import known_person


@deciding
@transaction.atomic
def reset_factors(*, acting_user: User, email: str, reason: str) -> User:
    """Take every second factor off somebody's account and sign them out everywhere. Roles and password stay.

    Whose role decides over others then sets up a new one before anything else opens. The person and all other
    administrators get a mail, so that a reset nobody asked for is noticed by more than the one who made it.
    """
    if not acting_user.is_platform_admin:
        raise Forbidden
    if not reason.strip():
        raise Refused(_("Write how you made sure who asked for it: it stays in the record."), field="reason")
    person = known_person(email, acting_user)
    if person.pk == acting_user.pk:
        raise OwnRights(
            _("Nobody takes their own second factor off here. Ask another administrator, or use a recovery code.")
        )
    found = Authenticator.objects.filter(user=person)
    kinds = sorted(set(found.values_list("type", flat=True)))
    if not kinds:
        raise Refused(_("%(person)s has no second factor.") % {"person": person}, field="email")
    found.delete()
    for session in UserSession.objects.filter(user=person):
        session.end()
    record(
        "factor.reset", acting_user=acting_user, target=person, reason=reason.strip(),
        before={"factors": kinds}, after={"user": person.pk},
    )  # fmt: skip
    nudge("tenants.tell_of_reset", person.pk, acting_user.pk)
    return person


def tell_of_reset(person_id: int, admin_id: int) -> None:
    """Mail the person, and every administrator but the one who did it, each in their language."""
    person, admin = User.objects.get(pk=person_id), User.objects.get(pk=admin_id)
    others = User.objects.filter(is_platform_admin=True, is_active=True).exclude(pk__in=[person.pk, admin.pk])
    facts = {"person": person.get_full_name(), "admin": admin.get_full_name(), "email": person.email}
    for reader in [person, *others]:
        with translation.override(reader.language or settings.LANGUAGE_CODE):
            text = _to_person() if reader.pk == person.pk else _to_others()
            subject = _("A second factor was taken off an account")
            send_mail(subject, text % facts, settings.DEFAULT_FROM_EMAIL, [reader.email])


def _to_person() -> str:
    return _(
        "Hello %(person)s,\n\n"
        "%(admin)s, an administrator of the AI factory portal, has taken the second factor off your account %(email)s "
        "and signed you out everywhere. Sign in with your password and set up a new one.\n\n"
        "If you did not ask for this, somebody may be trying to get into your account: change your password at once and "
        "tell the people who run the portal."
    )


def _to_others() -> str:
    return _(
        "%(admin)s has taken the second factor off the account of %(person)s (%(email)s). The reason stands in the audit "
        "record. If you know nothing of it, ask both of them."
    )
