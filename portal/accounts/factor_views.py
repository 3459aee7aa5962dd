"""allauth's pages of second factors, where ours do a little more."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.models import Login as OneLogin
from allauth.account.views import LoginView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from portal.accounts.views import next_of
from portal.core.registry import demo_codes


def demo_code(user: Any) -> str:
    """The code of an invented person, where the settings allow to show it."""
    if not settings.DEMO_CODES:
        return ""
    return next((code for code in (read(user) for read in demo_codes) if code), "")


class Authenticate(AuthenticateView):  # type: ignore[misc]  # allauth is untyped
    """The second step of signing in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.stage.login.user
        types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        return {**super().get_context_data(**kwargs), "types": types, "demo_code": demo_code(user)}


class Reauthenticate(ReauthenticateView):  # type: ignore[misc]  # allauth is untyped
    """Before a decision: a code, or the passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {**super().get_context_data(**kwargs), "demo_code": demo_code(self.request.user)}
        if Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.WEBAUTHN).exists():
            context["js_data"] = {"request_options": auth.begin_authentication(self.request.user)}
        return context


class ReauthenticateWithPasskey(ReauthenticateWebAuthnView):  # type: ignore[misc]  # allauth is untyped
    def form_invalid(self, form: Any) -> HttpResponse:
        """Back to the page that asked, with the reason; allauth would lead to the sign-in."""
        for message in form.errors.get("credential", []):
            get_account_adapter().add_message(self.request, messages.ERROR, message=message)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("mfa_reauthenticate_webauthn")))


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]  # allauth is untyped
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Allauth drops the form that was refused; what was wrong with it has to be seen."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["form"] = kwargs.get("form") or context["form"]
        return context


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # allauth is untyped
    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            messages.error(self.request, str(get_adapter().error_messages["cannot_delete_authenticator"]))
            return redirect("security")
        response: HttpResponse = super().form_valid(form)
        return response


class LoginWithPasskey(LoginWebAuthnView):  # type: ignore[misc]  # allauth is untyped
    def form_valid(self, form: Any) -> HttpResponse:
        """And on to the page that was asked for."""
        authenticator = form.cleaned_data["credential"]
        login = OneLogin(user=authenticator.user, redirect_url=next_of(self.request))
        response: HttpResponse = flows.perform_passwordless_login(self.request, authenticator, login)
        return response


class NewCodes(GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth is untyped
    """New recovery codes; the old ones end."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.session.pop("codes_shown", None)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class Login(LoginView):  # type: ignore[misc]  # allauth is untyped
    """The first step of signing in, with the identity providers of the installation."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "sign_in_providers": settings.OIDC_PROVIDERS}
