"""A person's own account: its security page, the guided set-up, and the step before a decision."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts import factors, sessions
from portal.accounts.devices import family
from portal.accounts.held import held
from portal.core import audit
from portal.core.errors import NotFound
from portal.models import AuditEvent
from portal.ui.pages import PlainPage

AFTERWARDS = "after_second_factor"
RECENT = 8


class Security(PlainPage):
    """How the person signs in, where they are signed in now, and where they lately were."""

    template_name = "account/security.html"
    title = gettext_lazy("Security of your account")
    lede = gettext_lazy("How you sign in, where you are signed in now, and when you did lately")
    nav = "profile"

    def context(self) -> dict[str, Any]:
        found = list(Authenticator.objects.filter(user=self.user).order_by("created_at"))
        codes = next((each for each in found if each.type == Authenticator.Type.RECOVERY_CODES), None)
        return {
            "app": next((each for each in found if each.type == Authenticator.Type.TOTP), None),
            "passkeys": [each for each in found if each.type == Authenticator.Type.WEBAUTHN],
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
            "has_factor": any(each.type in factors.REAL for each in found),
            "must_have": factors.must_have(self.user),
            "providers": settings.OIDC_PROVIDERS,
            "connected": SocialAccount.objects.filter(user=self.user).count(),
            "sessions": [self.session(each) for each in own_sessions(self.user)],
            "sign_ins": [self.sign_in_of(each) for each in sign_ins(self.user)],
        }

    def session(self, row: UserSession) -> dict[str, Any]:
        return {
            "row": row,
            "device": family(row.user_agent) or _("Unknown browser"),
            "here": row.session_key == self.request.session.session_key,
        }

    def sign_in_of(self, event: AuditEvent) -> dict[str, Any]:
        return {"event": event, "device": event.after.get("device") or _("Unknown browser")}

    def post(self, request: HttpRequest) -> HttpResponse:
        """End one session, or all but this one."""
        which = request.POST.get("session", "")
        if which == "others":
            ended = sessions.end_others(request, self.user)
        else:
            row = UserSession.objects.filter(user=self.user, pk=which if which.isdecimal() else 0).first()
            if row is None:
                raise NotFound
            row.end()
            ended = 1
        with transaction.atomic():
            audit.record("session.ended", acting_user=self.user, target=self.user, after={"sessions": ended})
        messages.success(request, _("Signed out there. Pages that are open there close within seconds."))
        return redirect("security")


def own_sessions(user: Any) -> list[UserSession]:
    """The newest first; those that ended are swept away on the way."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda each: each.last_seen_at, reverse=True)


def sign_ins(user: Any) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(actor=user, act="session.opened").order_by("-at", "-pk")[:RECENT])


class SetUp(PlainPage):
    """Guides a person to their first second factor: why, which one, and then on to what they wanted."""

    template_name = "account/second_factor.html"
    title = gettext_lazy("Set up your second factor")
    nav = "profile"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        target = request.GET.get("next", "")
        if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            request.session[AFTERWARDS] = target
        if factors.has_one(self.user) and factors.shown_at(request) is not None:
            return redirect("security")
        return super().get(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        return {"must_have": factors.must_have(self.user)}


class Codes(PlainPage):
    """The recovery codes, shown once: for as long as the second factor stays fresh, then never again."""

    template_name = "mfa/recovery_codes/index.html"
    title = gettext_lazy("Your recovery codes")
    lede = gettext_lazy("For the day on which your phone or passkey is not there")
    nav = "profile"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise_if_reauthentication_required(request, app="allauth.mfa")
        row = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.RECOVERY_CODES).first()
        if row is None:
            return redirect("mfa_generate_recovery_codes" if factors.has_one(self.user) else "second-factor")
        codes = self.codes(row)
        if request.resolver_match and request.resolver_match.url_name == "mfa_download_recovery_codes":
            return self.as_file(codes)
        after = request.session.get(AFTERWARDS, "")
        context = {"codes": codes, "left": len(row.wrap().get_unused_codes()), "after": after}
        response = render(request, self.template_name, {**self.page_context(), **context})
        response.headers["Cache-Control"] = "no-store"
        return response

    def codes(self, row: Authenticator) -> list[str]:
        """The codes, if this session is the one that first looked at them and did so within the last minutes."""
        wrapped = row.wrap()
        mark = f"{row.pk}"
        if not wrapped.did_view:
            wrapped.mark_as_viewed()
            self.request.session["codes_shown"] = mark
        unused: list[str] = wrapped.get_unused_codes()
        return unused if self.request.session.get("codes_shown") == mark else []

    def as_file(self, codes: list[str]) -> HttpResponse:
        if not codes:
            raise NotFound
        head = _("Recovery codes of %(email)s for %(portal)s. Each works once.")
        facts = {"email": self.user.email, "portal": settings.PORTAL_NAME}
        response = HttpResponse("\n".join([head % facts, "", *codes, ""]), content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
        response.headers["Cache-Control"] = "no-store"
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        """The codes are kept: they are shown no more, and the way goes on."""
        request.session.pop("codes_shown", None)
        return HttpResponseRedirect(request.session.pop(AFTERWARDS, "") or reverse("security"))


class HeldForm(PlainPage):
    """Sends again what was typed before the second factor was asked for."""

    template_name = "account/held_form.html"
    title = gettext_lazy("Thank you, it is you")
    nav = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = held(request)
        if form is None:
            return redirect("home")
        response = render(request, self.template_name, {**self.page_context(), "held": form})
        response.headers["Cache-Control"] = "no-store"
        return response


def next_of(request: HttpRequest) -> str | None:
    """The address of ours that ``next`` names."""
    target: str | None = get_next_redirect_url(request)
    return target
