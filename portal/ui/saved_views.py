"""Saving a list as it is, and the page that lists and removes what one saved."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import NotFound
from portal.core.saved_views import circles_of, remove_view, save_view, saved_views
from portal.ui.forms import PlainForm, offer
from portal.ui.lists import KEEPERS, Empty, ListPage, kept
from portal.ui.pages import ActionPage, FormPage, Text
from portal.ui.tables import PortalTable, TextColumn, WhenColumn


class SavedViewForm(PlainForm):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("It stands above the list.")
    )
    circle = forms.ChoiceField(
        label=gettext_lazy("Who sees it"), required=False,
        help_text=gettext_lazy("Whoever opens it sees only the rows that they may see."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(key): key for key, _name in circles_of(self.user)}
        own = [("", _("Only you"))]
        shared = [(str(key), _("Everybody at %(place)s") % {"place": name}) for key, name in circles_of(self.user)]
        offer(self, "circle", own + shared)


class SaveView(FormPage):
    form_class = SavedViewForm
    title = gettext_lazy("Save this view")
    lede = gettext_lazy("The list with its filters and its order, one click away")
    button = gettext_lazy("Save the view")
    done = gettext_lazy("Saved. It stands above the list.")

    @property
    def list_page(self) -> str:
        page = str(self.kwargs["page"])
        if page not in KEEPERS:
            raise NotFound
        return page

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse(self.list_page), KEEPERS[self.list_page])]

    def initial(self) -> dict[str, Any]:
        return {"name": ""}

    def act(self, form: Any) -> str:
        query = kept(self.request.GET.urlencode())
        save_view(
            acting_user=self.user, page=self.list_page, name=form.cleaned_data["name"], query=query,
            circle=form.places.get(form.cleaned_data["circle"]),
        )  # fmt: skip
        return f"{reverse(self.list_page)}?{query}"


class SavedViewTable(PortalTable):
    name = TextColumn(verbose_name=gettext_lazy("View"), css="wide fw")
    page = TextColumn(verbose_name=gettext_lazy("List"))
    circle = TextColumn(verbose_name=gettext_lazy("Who sees it"), empty_values=())
    created_at = WhenColumn(verbose_name=gettext_lazy("Since"))
    change = TextColumn(verbose_name=gettext_lazy("Change"), empty_values=(), exclude_from_export=True)

    def render_name(self, record: Any) -> SafeString | str:
        try:
            return format_html('<a href="{}?{}">{}</a>', reverse(record.page), record.query, record.name)
        except NoReverseMatch:
            return str(record.name)

    def value_name(self, record: Any) -> str:
        return str(record.name)

    def render_page(self, record: Any) -> str:
        return str(KEEPERS.get(record.page, record.page))

    def render_circle(self, record: Any) -> str:
        return _("Colleagues too") if record.circle else _("Only you")

    def render_change(self, record: Any) -> SafeString:
        return format_html(
            '<a class="btn btn-s" href="{}">{}<span class="vh"> {}</span></a>',
            reverse("saved-view-remove", args=[record.public_id]), _("Remove"), record.name,
        )  # fmt: skip


class SavedViews(ListPage):
    queryset = saved_views()
    table_class = SavedViewTable
    title = gettext_lazy("Your saved views")
    lede = gettext_lazy("Lists as you want them again")
    nav = "saved-views"
    noun = gettext_lazy("views")
    empty = Empty(
        gettext_lazy("No saved view yet"),
        gettext_lazy("Filter a list, then choose “Save this view” above it."),
        icon="bookmark",
    )

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("profile"), _("Your profile"))]


class RemoveView(ActionPage):
    queryset = saved_views()
    verb = "view"
    title = gettext_lazy("Remove the view")
    consequence = gettext_lazy("It stands above the list no more, for colleagues either. No row of the list changes.")
    button = gettext_lazy("Remove the view")
    done: ClassVar[Text] = gettext_lazy("Removed.")
    danger = True

    def back(self) -> str:
        return reverse("saved-views")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(self.back(), _("Your saved views"))]

    def act(self, form: Any) -> str:
        remove_view(acting_user=self.user, view=self.row)
        return self.back()
