"""Where django-allauth asks how this house does things."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from allauth.core import context as asked
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts import factors, sealing
from portal.accounts.claims import claims_of
from portal.accounts.providers import IdentityProvider, check_answer
from portal.models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's own ways, with our people: they have a name, and no user name."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002
        user.full_name = form.cleaned_data.get("full_name", "")
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """People are known by their address alone."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every mail says which portal it is of, and where that is."""
        request = asked.request
        address = request.build_absolute_uri("/") if request else ""
        super().send_mail(
            template_prefix, email, {"portal_name": settings.PORTAL_NAME, "portal_address": address, **context}
        )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The link brings along where the person wanted to go, for a browser that does not know it."""
        url: str = super().get_email_confirmation_url(request, emailconfirmation)
        target = get_next_redirect_url(request)
        return f"{url}?{urlencode({'next': target})}" if target else url

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Before a change of one's own ways of signing in."""
        return not factors.is_recent(asked.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Whoever has a second factor shows that: a password alone is never enough then."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if isinstance(user, User) and factors.has_one(user):
            return [each for each in methods if each["id"] != "reauthenticate"]
        return methods


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Second factors: sealed in the database, named after the portal, and never given up by who must have one."""

    error_messages = {  # noqa: RUF012 - allauth declares it without ClassVar
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "This code is not right, was used already or is too old. Wait for the next one and try that."
        ),
        "cannot_delete_authenticator": gettext_lazy(
            "Your role asks for a second factor and this is your last one. Set another one up first, then remove this."
        ),
        "unverified_email": gettext_lazy(
            "One of your e-mail addresses is not confirmed yet. Confirm or remove it first, then set up the factor."
        ),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return str(settings.PORTAL_NAME)

    def _get_site_name(self) -> str:
        return str(settings.PORTAL_NAME)

    def build_totp_svg(self, url: str) -> str:
        """The picture itself, to stand inside the page: no address, no style of its own."""
        drawn: str = super().build_totp_svg(url)
        return drawn[drawn.index("<svg") :]

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = User.objects.get(pk=authenticator.user_id)
        others = Authenticator.objects.filter(user=user, type__in=factors.REAL).exclude(pk=authenticator.pk)
        return others.exists() or not factors.must_have(user)

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's own name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)s") % {"number": number}


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Sign-in through an identity provider, which cannot take anybody's account over."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id=client_id)
        return IdentityProvider(request, app=found.app) if isinstance(found, OpenIDConnectProvider) else found

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Before anything is made of an answer: it is the answer to what was asked."""
        check_answer(sociallogin)

    def is_email_verified(self, provider: Any, email: str) -> bool:
        """The people who run the portal wrote down for which mail domains this provider may speak."""
        domains = provider.app.settings.get("domains", []) if provider.app else []
        return email.rpartition("@")[2].lower() in domains

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """An account that is here already is opened by its address only where the provider may speak for it.

        Everywhere else, whoever runs the provider could write any address into it. A second factor that the account
        has is asked for afterwards in any case.
        """
        return self.is_email_verified(login.provider, email)

    def authenticate_by_email(self, sociallogin: Any) -> Any:
        """An address counts as confirmed only where the provider may speak for it and does not say otherwise.

        Roles are given to addresses; who could have one confirmed that is not theirs would be given the role.
        """
        denied = str(claims_of(sociallogin.account.extra_data).get("email_verified", True)).lower() == "false"
        for each in sociallogin.email_addresses:
            each.verified = not denied and self.is_email_verified(sociallogin.provider, each.email)
        return super().authenticate_by_email(sociallogin)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Exception | None = None, **_more: Any
    ) -> None:
        """The person reads a sentence; why it failed is for the people who run the portal."""
        name = getattr(provider, "app", provider)
        log.warning(
            "provider_sign_in_failed",
            provider=str(name),
            error=str(error),
            exception=repr(exception),
            cause=repr(exception and exception.__cause__),
        )

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        words = [data.get("first_name"), data.get("last_name")]
        user.full_name = (data.get("name") or " ".join(filter(None, words)))[:150]
        return user
