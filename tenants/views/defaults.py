"""What tenants of each kind are given by an authority, with every version."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.access import may
from portal.core.errors import NotFound
from portal.ui.pages import DetailPage, FormPage
from tenants.lifecycle_forms import DefaultsForm
from tenants.models import Authority, OrganisationKind
from tenants.queries.defaults import defaults_in_force, defaults_of
from tenants.services.equipment import set_defaults


class Defaults(DetailPage):
    queryset = Authority.objects.all()
    template_name = "tenants/defaults.html"
    nav = "authorities"

    def crumbs(self) -> Any:
        return [(reverse("authority", args=[self.row.public_id]), self.row.name)]

    def context(self, row: Authority) -> dict[str, Any]:
        return {
            "title": _("What tenants of each kind are given"), "lede": row.name,
            "defaults": list(defaults_in_force(row).values()), "may_edit": may(self.user, "decide", row),
        }  # fmt: skip


class SetDefaults(FormPage):
    queryset = Authority.objects.all()
    verb = "decide"
    form_class = DefaultsForm
    button = _("Put in force")
    done = _("In force for tenants that are admitted from now on.")
    nav = "authorities"
    title = _("What tenants of this kind are given")

    kind: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.kind = kwargs["kind"]
        if self.kind not in OrganisationKind.values:
            raise NotFound
        return super().dispatch(request, *args, **kwargs)

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": OrganisationKind(self.kind).label}

    def crumbs(self) -> Any:
        return [(self.back(), self.row.name)]

    def back(self) -> str:
        return reverse("kind-defaults", args=[self.row.public_id])

    def initial(self) -> dict[str, Any]:
        return DefaultsForm.facts_of(defaults_of(self.row, self.kind))

    def act(self, form: Any) -> str:
        set_defaults(
            acting_user=self.user, authority=self.row, kind=self.kind, facts=form.facts(),
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        return self.back()
