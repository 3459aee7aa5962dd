"""Pages of the portal itself."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.core import audit
from portal.core.registry import front_doors, home_pages
from portal.models import User
from portal.ui.forms import PlainForm
from portal.ui.pages import FormPage, Page, PlainPage
from portal.ui.zones import zones


class Home(Page):
    """Where this person's work begins."""

    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            open_door = next(filter(None, (door() for door in front_doors)), None)
            return HttpResponseRedirect(open_door) if open_door else redirect_to_login("/")
        for page in home_pages:
            url = page.url(self.user)
            if url:
                return HttpResponseRedirect(url)
        return HttpResponseRedirect("/welcome/")


class Welcome(PlainPage):
    """For people who have signed in and belong to nothing yet: what they can do next."""

    template_name = "portal/welcome.html"
    title = _("Welcome")


class Keyboard(PlainPage):
    """The list of keys as a page, for those to whom no dialog opens."""

    template_name = "portal/keyboard.html"
    title = _("Keyboard")
    lede = _("Keys that work on every page, unless you are typing")


class Accessibility(PlainPage):
    public = True
    template_name = "portal/accessibility.html"
    title = _("Accessibility statement")


class ProfileForm(PlainForm):
    full_name = forms.CharField(label=_("Name"), max_length=150)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the browser asks")), *settings.LANGUAGES], required=False
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [("", _("The portal’s own")), *zones()],
        required=False,
        help_text=_("Times on every page are shown in this zone; exports are in UTC."),
    )


class Profile(FormPage):
    form_class = ProfileForm
    title = _("Your profile")
    lede = _("How the portal addresses you and shows times")
    done = _("Saved.")
    template_name = "portal/profile.html"
    nav: ClassVar[str] = "profile"

    def initial(self) -> dict[str, Any]:
        return {name: getattr(self.user, name) for name in ("full_name", "language", "time_zone")}

    def act(self, form: Any) -> str:
        change_profile(acting_user=self.user, **form.cleaned_data)
        return "/profile/"


def change_profile(*, acting_user: User, full_name: str, language: str, time_zone: str) -> None:
    """A person's own preferences; nobody else's business, so no rights are asked beyond being that person."""
    with transaction.atomic():
        acting_user.full_name, acting_user.language, acting_user.time_zone = full_name, language, time_zone
        acting_user.save(update_fields=["full_name", "language", "time_zone"])
        audit.record("profile.changed", acting_user=acting_user, target=acting_user)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For supervisors and probes: 200 when the database answers, 503 when it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
