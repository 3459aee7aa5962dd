"""API tokens in the browser: one's own and those of one's tenants; made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage, Tab
from portal.ui.pages import ActionPage, FormPage, Text
from tenants.filters import TokenFilters
from tenants.forms import EndForm, TokenForm
from tenants.models import ApiToken
from tenants.services.tokens import create_token, places_of, revoke_token
from tenants.tables import TokenTable


class Tokens(ListPage):
    queryset = ApiToken.objects.select_related("user", "tenant", "authority")
    table_class = TokenTable
    filterset_class = TokenFilters
    title = gettext_lazy("API tokens")
    lede = gettext_lazy("With a token a machine of yours uses the API; as owner you also see those for your tenant")
    nav = "tokens"
    noun = gettext_lazy("tokens")
    search_hint = gettext_lazy("Name, person")
    create = ("token-new", gettext_lazy("New token"))
    tabs = (
        Tab("now", gettext_lazy("Valid"), lambda rows, _user: rows.in_force()),
        Tab("mine", gettext_lazy("Yours"), lambda rows, user: rows.filter(user=user)),
        Tab("all", gettext_lazy("All, revoked and expired ones too")),
    )
    sorts = {"newest": Sort("created_at", descending=True)}  # noqa: RUF012 - declared a ClassVar
    empty = Empty(
        gettext_lazy("No token is valid"),
        gettext_lazy("Make one when a program is to use the API in your place: it can do no more than you may."),
        icon="key", url="token-new", action=gettext_lazy("New token"),
    )  # fmt: skip

    def may_create(self) -> bool:
        return bool(places_of(self.user))

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("profile"), _("Your profile"))]


class NewToken(FormPage):
    form_class = TokenForm
    title = gettext_lazy("New API token")
    lede = gettext_lazy("It lets a program do in your place what you tick here, and never more than your roles allow")
    button = gettext_lazy("Make the token")
    template_name = "tenants/token_new.html"
    nav = "tokens"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("tokens"), _("API tokens"))]

    def initial(self) -> dict[str, Any]:
        return {"until": timezone.localdate() + timedelta(days=min(90, settings.API_TOKEN_MAX_DAYS - 1))}

    def context(self, form: Any) -> dict[str, Any]:
        return {"nowhere": not form.fields["place"].choices}

    def act(self, form: Any) -> HttpResponse:
        token, text = create_token(acting_user=self.user, **form.facts())
        names = {"tenant_id": "api-request-list", "authority_id": "api-tenant-list", "anchor_id": "api-cluster-list"}
        list_of = reverse(next(name for column, name in names.items() if getattr(token, column)))
        context = {
            **self.page_context(), "title": _("Copy the token now"), "lede": token.name, "row": token, "text": text,
            "example": f'curl -H "Authorization: Token {text}" {self.request.build_absolute_uri(list_of)}',
        }  # fmt: skip
        answer = render(self.request, "tenants/token_made.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer


class RevokeToken(ActionPage):
    queryset = ApiToken.objects.select_related("user", "tenant", "authority")
    verb = "revoke"
    form_class = EndForm
    template_name = "tenants/token_revoke.html"
    title = gettext_lazy("Revoke the token")
    consequence = gettext_lazy(
        "Whatever uses it is refused from the next request on. A token cannot be made valid again."
    )
    button = gettext_lazy("Revoke the token")
    danger = True
    done = gettext_lazy("Revoked.")
    nav = "tokens"

    def back(self) -> str:
        return reverse("tokens")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("tokens"), _("API tokens"))]

    def act(self, form: Any) -> str:
        revoke_token(acting_user=self.user, token=self.row, reason=form.cleaned_data["reason"])
        return reverse("tokens")
