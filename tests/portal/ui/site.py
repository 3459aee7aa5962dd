"""The portal's addresses and a few pages more: one of each kind, over authorities, which a platform admin sees."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from portal import urls
from portal.core.errors import MovedMeanwhile, Refused
from portal.ui.forms import PlainForm, RadioCards
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, Filters, ListPage, Tab
from portal.ui.pages import ActionPage, DetailPage, FormPage, PlainPage
from portal.ui.tables import NameColumn, NumberColumn, PortalTable, TextColumn, WhenColumn
from tenants.models import Authority

handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler429, handler500 = urls.handler429, urls.handler500


class ThingTable(PortalTable):
    name = NameColumn(url=lambda row: reverse("thing", args=[row.public_id]), sub=lambda row: row.slug)
    region = TextColumn()
    number = NumberColumn(accessor="pk", verbose_name="Number")
    created_at = WhenColumn(verbose_name="Made")


class ThingFilter(Filters):
    search_fields = ("name", "slug")
    country = django_filters.MultipleChoiceFilter(
        choices=[("DE", "Germany"), ("FR", "France")], label="Country", widget=forms.CheckboxSelectMultiple
    )
    zone = django_filters.ChoiceFilter(field_name="time_zone", label="Zone", choices=[("Europe/Paris", "Paris")])


class Things(ListPage):
    queryset = Authority.objects.all()
    table_class = ThingTable
    filterset_class = ThingFilter
    title, lede, noun, nav = "Things", "All of them", "things", "things"
    tabs = (
        Tab("all", "All"),
        Tab("german", "German", lambda rows, _user: rows.filter(country="DE")),
    )
    sorts = {"newest": Sort("created_at", descending=True), "name": Sort("name")}  # noqa: RUF012
    sort_labels = {"newest": "Newest first", "name": "Name"}  # noqa: RUF012
    create = ("thing-new", "New thing")
    empty = Empty("No thing yet", "Things decide.", url="thing-new", action="Make the first")


class ThingForm(PlainForm):
    name = forms.CharField(label="Name", max_length=40, help_text="As it is known")
    decision = forms.ChoiceField(
        label="Decision", widget=RadioCards, choices=[("full", "In full|48 H100"), ("no", "No")]
    )
    since = forms.DateField(label="From", required=False)


class NewThing(FormPage):
    form_class = ThingForm
    title, button, done = "New thing", "Make it", "Made."

    def act(self, form: Any) -> str:
        if form.cleaned_data["name"] == "taken":
            raise Refused("This name is taken. Choose another.", field="name")
        if form.cleaned_data["name"] == "moved":
            raise MovedMeanwhile("Somebody was faster. Reload to see it.")
        return reverse("things")


class OneThing(DetailPage):
    queryset = Authority.objects.all()
    template_name = "portal/confirm.html"
    title = "One thing"

    def context(self, row: Authority) -> dict[str, Any]:
        return {"consequence": row.name, "back": "/", "button": "x"}


class CloseThing(ActionPage):
    queryset = Authority.objects.all()
    verb = "decide"
    title, button, consequence = "Close this thing?", "Close it", "Nothing can be decided there any more."

    def act(self, form: Any) -> str:
        return reverse("things")


class Open(PlainPage):
    public = True
    template_name = "portal/accessibility.html"
    title = "Open to all"


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [
    *urls.urlpatterns,
    path("things/", Things.as_view(), name="things"),
    path("things/new/", NewThing.as_view(), name="thing-new"),
    path("things/<uuid:public_id>/", OneThing.as_view(), name="thing"),
    path("things/<uuid:public_id>/close/", CloseThing.as_view(), name="thing-close"),
    path("open/", Open.as_view(), name="open"),
    path("broken/", broken),
]
