"""Large lists as files: the same table as the small file, put together step by step by the portal, as its person.

Each step asks anew what the person may see and goes on behind the last row, by key, so that its memory does not grow.
Who loses a right meanwhile gets no file at all, and who loses it afterwards cannot save it any more: what the first steps
wrote would be more than they may see.
"""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import isolation, operation_files
from portal.core.access import rights_of
from portal.core.errors import Conflict, NotFound, Refused
from portal.core.operations import OperationKind, Step, begin, operation_kinds, operations
from portal.models import Operation, User
from portal.ui.export_files import LARGE
from portal.ui.keyset import cut
from portal.ui.lists import KEEPERS, NOT_KEPT, ListPage
from portal.ui.pages import ActionPage, Text

KIND = "portal.list"
ROWS_A_STEP = 2_000
MOST_AT_ONCE = 3
KEEP_DAYS = 3
LONGEST_QUERY = 4_000


@transaction.atomic
def begin_export(*, acting_user: User, page: str, query: str, kind: str) -> Operation:
    """Let the list called ``page``, as its address ``query`` narrows and sorts it, be written as a file for the person.

    Raises NotFound for a list that is not theirs, Conflict when enough of theirs are being written already.
    """
    list_page = opened(acting_user, page, query)
    if kind not in kinds(list_page):
        raise NotFound
    if operations().open().filter(kind=KIND, user=acting_user).count() >= MOST_AT_ONCE:
        raise Conflict(
            _(
                "%(n)d lists are being written for you already. “Operations” shows how far they are; ask again afterwards."
            )
            % {"n": MOST_AT_ONCE}
        )
    facts = {"page": page, "query": _whole(query), "kind": kind, "rights": rights_of(acting_user)}
    return begin(KIND, acting_user=acting_user, about=str(list_page.title), params=facts)


def kinds(list_page: ListPage) -> dict[str, Any]:
    """The kinds of large file that a list gives out, each with its words."""
    return {kind: text for kind, text in list_page.exports if kind in LARGE}


def _whole(query: str) -> str:
    """What of an address belongs to the list: its tab, filters, search and order. Never cut: that would say more."""
    asked = QueryDict(query, mutable=True)
    for key in NOT_KEPT:
        asked.pop(key, None)
    if len(text := asked.urlencode()) > LONGEST_QUERY:
        raise Refused(_("The list is narrowed by more than one file can remember. Choose fewer filters."))
    return text


def is_list(page: str) -> bool:
    """Whether a list is called so. The addresses are read first, since a worker has no pages until somebody asks."""
    try:
        reverse(page)
    except NoReverseMatch:
        return False
    return page in KEEPERS


def opened(user: User, page: str, query: str) -> ListPage:
    """The list page as ``user`` would open it at this address; NotFound when it is not theirs."""
    if not is_list(page):
        raise NotFound
    request = HttpRequest()
    request.method, request.path, request.GET = "GET", reverse(page), QueryDict(_whole(query))
    request.user, request.session = user, {}  # type: ignore[assignment]  # nothing is remembered of it
    request.resolver_match = resolve(request.path)
    view: ListPage = request.resolver_match.func.view_class()  # type: ignore[attr-defined]  # KEEPERS are list pages
    view.setup(request)
    view.user = user
    view.allow()
    if not view.meant_for_them():
        raise NotFound
    return view


def step(operation: Operation) -> Step:
    """The next rows as a piece of the file; after the last of them the whole."""
    kind, number = operation.params["kind"], operation.cursor.get("number", 0)
    writer = LARGE[kind]
    with isolation.scope(operation.user), timezone.override(_zone(operation.user)):
        view = opened(operation.user, operation.params["page"], operation.params["query"])
        _tab, _filters, matching = view.matching()
        _name, sort = view.sort(view.request)
        total = operation.total if number else matching.order_by().count()
        found = cut(matching, sort, operation.cursor.get("at", ""), ROWS_A_STEP)
        lines = view.table_class(found.rows, request=view.request).as_values()
        if number:
            next(lines)  # the headings stand in the first piece
        piece = writer.piece(lines)
    done = operation.done + len(found.rows)
    if writer.most and done >= writer.most:
        raise Refused(
            _("A workbook holds %(most)s lines at most, and this list has more. Export it as CSV, or narrow it.")
            % {"most": f"{writer.most:,}"}
        )
    operation_files.write(operation, _piece(number), piece)
    if found.older:
        return Step({"number": number + 1, "at": found.older}, done, total)
    pieces = [operation_files.folder(operation) / _piece(each) for each in range(number + 1)]
    writer.pack(operation_files.result(operation), pieces)
    return Step({"number": number + 1}, done, done, finished=True, file=f"{operation.params['page']}.{kind}")


def _piece(number: int) -> str:
    return f"piece-{number:06}"


def _zone(user: User) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(user.time_zone or settings.PORTAL_TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def objection(operation: Operation) -> str:
    """Why the file is not its person's any more: they have lost a right that they had when they asked for it."""
    person, now = operation.user, rights_of(operation.user)
    lost = any(set(had) - set(now.get(right, ())) for right, had in operation.params["rights"].items())
    if person.is_active and not lost:
        return ""
    return _("Your rights are not what they were when you asked for this file, so it is not given out. Begin it anew.")


def page_of(operation: Operation) -> str | None:
    page = operation.params.get("page", "")
    return f"{reverse(page)}?{operation.params['query']}" if is_list(page) else None


class ExportList(ActionPage):
    """Asks before a large list is written as a file; the page of the work says how far it is."""

    title = gettext_lazy("Write the list as a file")
    button = gettext_lazy("Write the file")
    consequence = gettext_lazy(
        "The list is too long to wait for. The portal writes it while you go on, with the rows that you may see then; "
        "“Operations” shows how far it is, and there you save the file within three days."
    )
    nav = "operations"
    list_page: ListPage

    def allow(self) -> None:
        self.list_page = opened(self.user, str(self.kwargs["page"]), self.request.GET.urlencode())
        if self.kind not in kinds(self.list_page):
            raise NotFound

    @property
    def kind(self) -> str:
        return self.request.GET.get("format", "csv")

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": f"{self.list_page.title}, {self.kind.upper()}"}

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(self.back(), self.list_page.title)]

    def back(self) -> str:
        return f"{self.list_page.request.path}?{self.list_page.request.GET.urlencode()}"

    def act(self, form: Any) -> str:
        query = self.request.GET.urlencode()
        work = begin_export(acting_user=self.user, page=str(self.kwargs["page"]), query=query, kind=self.kind)
        return reverse("operation", args=[work.public_id])


def register() -> None:
    """Called once, from ``AppConfig.ready()``."""
    operation_kinds.add(
        KIND,
        OperationKind(
            gettext_lazy("List as a file"), step, objection=objection, unit=gettext_lazy("rows"), keep_days=KEEP_DAYS,
            page=page_of, asked_again=True,
        ),
    )  # fmt: skip
