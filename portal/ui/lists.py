"""The list page: saved tabs, search, filters, sorts, pages by key, and a CSV of what is filtered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import ScopedQuerySet
from portal.core.errors import NotFound, Refused
from portal.core.registry import nav_entries
from portal.core.saved_views import views_of
from portal.models import User
from portal.ui.htmx import page_or_part, said, wants_part
from portal.ui.keyset import COUNT_BOUND, Sort, bounded_count, cut
from portal.ui.pages import Page, Text
from portal.ui.tables import PortalTable, as_csv, as_xlsx

SIZES = (25, 50, 100)
KEEPERS: dict[str, Text] = {}
"""Name of a list's address → its title: the lists of which views may be saved (``ListPage.keeps_views``)."""
EXPORT_BOUND = 10_000
WRITERS: dict[str, tuple[Callable[[PortalTable], str | bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""Kind of an export → how it is written, and its media type."""


@dataclass(frozen=True)
class Tab:
    """A named view of a list: what it shows is a function of the rows one may see and of the person."""

    key: str
    label: Text
    rows: Callable[[Any, User], Any] = field(default=lambda rows, _user: rows)
    shown: Callable[[User], bool] = field(default=lambda _user: True)
    """To whom it is offered; whoever has its address may use it all the same."""


@dataclass(frozen=True)
class Empty:
    """What stands where there is nothing yet: never a blank, always one next step."""

    title: Text
    text: Text = ""
    icon: str = "inbox"
    url: str = ""
    action: Text = ""


class Filters(django_filters.FilterSet):  # type: ignore[misc]  # django-filter is untyped
    """Base of all filters: one search field ``q`` over ``search_fields``; the API uses the same class."""

    search_fields: ClassVar[tuple[str, ...]] = ()
    q = django_filters.CharFilter(method="search", label=gettext_lazy("Search"))

    def search(self, queryset: Any, name: str, value: str) -> Any:
        found = Q()
        for path in self.search_fields:
            found |= Q(**{f"{path}__icontains": value.strip()})
        return queryset.filter(found)


class ListPage(Page):
    """Rows that the person may see. Everything about the view is in its address."""

    queryset: ClassVar[ScopedQuerySet[Any]]
    verb: ClassVar[str] = "view"
    table_class: ClassVar[type[PortalTable]]
    filterset_class: ClassVar[type[Filters]] = Filters
    template_name: ClassVar[str] = "portal/list.html"
    above: ClassVar[str] = ""
    """A template of what stands above the list."""
    tabs: ClassVar[tuple[Tab, ...]] = ()
    sorts: ClassVar[dict[str, Sort]] = {"newest": Sort("created_at", descending=True)}
    sort_labels: ClassVar[dict[str, Text]] = {}
    empty: ClassVar[Empty] = Empty(gettext_lazy("Nothing here yet"))
    search_hint: ClassVar[Text] = gettext_lazy("Search")
    noun: ClassVar[Text] = gettext_lazy("rows")
    create: ClassVar[tuple[str, Text] | None] = None
    keys_first: ClassVar[bool] = False
    """For long lists that show much of other tables: which rows a page has is asked before what stands beside them. Only
    for lists whose ``rows`` add nothing to ``queryset`` but which of them.
    """
    keeps_views: ClassVar[str] = ""
    """The name of its address, where people may save views of it; they cost one query."""
    exports: ClassVar[tuple[tuple[str, Text], ...]] = (
        ("csv", gettext_lazy("Export as CSV")),
        ("xlsx", gettext_lazy("Export as a spreadsheet (XLSX)")),
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.keeps_views:
            KEEPERS[cls.keeps_views] = cls.title

    def may_create(self) -> bool:
        return True

    def rows(self) -> Any:
        return self.queryset.all().visible_to(self.user, self.verb)

    def meant_for_them(self) -> bool:
        """Whether the list says something true to this person: it is in their menu, or there is something in it for them.

        Of what stands in the menu of others only, an empty list would say that there is nothing at all.
        """
        match = self.request.resolver_match
        entries = [each for each in nav_entries if match and each.url_name == match.url_name]
        return not entries or any(each.visible(self.user) for each in entries) or self.rows().exists()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow()
        if not self.meant_for_them():
            raise NotFound
        tab, filters, matching = self.matching()
        if (kind := request.GET.get("format", "")) in dict(self.exports):
            return self.export(matching, kind)
        context = self.list_context(request, tab, filters, matching)
        response = page_or_part(request, self.template_name, "results", context)
        if wants_part(request):
            response.headers["HX-Push-Url"] = address_of(request)
        return response

    def matching(self) -> tuple[Tab | None, Any, Any]:
        """(tab, filters, the rows) that the address asks for."""
        asked = self.request.GET
        tab = next((tab for tab in self.tabs if tab.key == asked.get("tab")), self.tabs[0] if self.tabs else None)
        everything = tab.rows(self.rows(), self.user) if tab else self.rows()
        filters = self.filterset_class(asked, queryset=everything, request=self.request)
        if not filters.form.is_valid():
            filters.form.cleaned_data = {k: v for k, v in filters.form.cleaned_data.items() if v not in (None, "")}
        return tab, filters, filters.filter_queryset(everything)

    def sort(self, request: HttpRequest) -> tuple[str, Sort]:
        name = request.GET.get("sort", "")
        if name in self.sorts:
            return name, self.sorts[name]
        return next(iter(self.sorts.items()))

    def size(self, request: HttpRequest) -> int:
        asked = request.GET.get("size", "")
        remembered = request.session.get("page_size", SIZES[1])
        if asked.isdigit() and int(asked) in SIZES and int(asked) != remembered:
            request.session["page_size"] = remembered = int(asked)
        return remembered if remembered in SIZES else SIZES[1]

    def list_context(self, request: HttpRequest, tab: Tab | None, filters: Any, matching: Any) -> dict[str, Any]:
        sort_name, sort = self.sort(request)
        size = self.size(request)
        at = request.GET.get("at", "")
        beside = self.queryset.all() if self.keys_first else None
        page = cut(matching, sort, at, size, beside)
        if at and not page.rows:
            page = cut(matching, sort, "", size, beside)
        count = bounded_count(matching)
        may_create = bool(self.create or self.empty.url) and self.may_create()
        return {
            **self.page_context(),
            "table": self.table_class(page.rows, request=request),
            "cut": page,
            "count": f"{COUNT_BOUND:,}+" if count > COUNT_BOUND else str(count),
            "tab": tab,
            "tabs": [each for each in self.tabs if each.shown(self.user)],
            "filters": filters,
            "chips": chips(request, filters),
            "saved": self.saved_views(request),
            "narrowed": bool(tab) and tab != self.tabs[0],
            "sort_name": sort_name,
            "sorts": [(name, self.sort_labels.get(name, name)) for name in self.sorts] if len(self.sorts) > 1 else [],
            "size": size,
            "sizes": SIZES,
            "files": self.files(large=count > COUNT_BOUND),
            "empty": self.empty,
            "may_create": bool(self.create) and may_create,
            "empty_action": bool(self.empty.url) and may_create,
        }

    def files(self, *, large: bool) -> list[tuple[str, Text, str]]:
        """(kind, words, where to ask for it: "" here and at once) of each file of this list."""
        asks = reverse("list-export", args=[self.keeps_views]) if large and self.keeps_views else ""
        return [(kind, text, asks if kind in WRITERS else "") for kind, text in self.exports]

    def saved_views(self, request: HttpRequest) -> dict[str, Any]:
        """The views above the list, which of them this is, and the address that saves this one."""
        if not self.keeps_views:
            return {}
        here = kept(request.GET.urlencode())
        rows = [(row, bool(here) and row.query == here) for row in views_of(self.user, self.keeps_views)]
        known = not here or any(same for _row, same in rows) or here in {f"tab={tab.key}" for tab in self.tabs}
        save = "" if known else f"{reverse('view-save', args=[self.keeps_views])}?{here}"
        return {"rows": rows, "save": save, "any": bool(rows)}

    def export(self, matching: Any, kind: str) -> HttpResponse:
        """Every row that matches, in the current order; as CSV or workbook, where a page has no other way of its own.

        What is too much for one answer is written by the portal (``portal.ui.exports``), where the list can be named.
        """
        _name, sort = self.sort(self.request)
        way = "-" if sort.descending else ""
        rows = list(matching.order_by(way + sort.field, f"{way}pk")[: EXPORT_BOUND + 1])
        if len(rows) > EXPORT_BOUND and self.keeps_views and kind in WRITERS:
            return redirect(f"{reverse('list-export', args=[self.keeps_views])}?{self.request.GET.urlencode()}")
        if len(rows) > EXPORT_BOUND:
            raise Refused(
                _(
                    "More than %(bound)d rows match, too many for one file. Narrow the list with a filter, then export again."
                )
                % {"bound": EXPORT_BOUND}
            )
        name = self.nav or "list"
        table = self.table_class(rows, request=self.request)
        write, media_type = WRITERS[kind]
        response = HttpResponse(write(table), content_type=media_type)
        response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
        return response


NOT_KEPT = ("at", "size", "format")
"""Where in the list one is, and how much of it one sees, is not part of a view."""
LONGEST_VIEW = 1000


def kept(query: str) -> str:
    """What of a list's address is kept in a saved view: tab, filters, search and order."""
    pairs = [(key, value) for key, values in QueryDict(query).lists() if key not in NOT_KEPT for value in values]
    return urlencode([pair for pair in pairs if pair[1]])[:LONGEST_VIEW]


def address_of(request: HttpRequest) -> str:
    """The list's own address, without the keys that say nothing."""
    query = said(request).urlencode()
    return f"{request.path}?{query}" if query else request.path


@dataclass(frozen=True)
class Chip:
    label: str
    url: str


def chips(request: HttpRequest, filters: Any) -> list[Chip]:
    """The filters in force, each with the address of the list without it."""
    found = []
    for name, bound in filters.form.fields.items():
        for value in request.GET.getlist(name):
            if not value:
                continue
            rest = said(request)
            rest.pop("at", None)
            rest.setlist(name, [other for other in request.GET.getlist(name) if other != value])
            found.append(Chip(_chip_label(name, bound, value), f"?{rest.urlencode()}"))
    return found


def _chip_label(name: str, field_: forms.Field, value: str) -> str:
    choices = getattr(field_, "choices", None)
    if choices is not None and not hasattr(field_, "queryset"):
        return str(dict(choices).get(value, value))
    if hasattr(field_, "queryset"):
        try:
            return str(field_.clean([value] if getattr(field_.widget, "allow_multiple_selected", False) else value)[0])
        except (forms.ValidationError, TypeError, IndexError):
            return value
    return f"“{value}”" if name == "q" else f"{field_.label}: {value}"
