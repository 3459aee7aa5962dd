"""Places where the ground owns a question and the apps bring the answers, in their ``AppConfig.ready()``.

This is how a lower floor uses what only an upper one knows, without importing it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise

Item = TypeVar("Item")


class Registry(Generic[Item]):
    """Named things in the order of their weight; the same name twice is a mistake and says so."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._items: dict[str, tuple[int, Item]] = {}

    def add(self, name: str, item: Item, *, weight: int = 50) -> None:
        if name in self._items and self._items[name][1] != item:
            raise ValueError(f"{self.what}: {name!r} is already there")
        self._items[name] = (weight, item)

    def __iter__(self) -> Iterator[Item]:
        return (item for _, item in sorted(self._items.values(), key=lambda pair: pair[0]))

    def __getitem__(self, name: str) -> Item:
        return self._items[name][1]

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def items(self) -> Iterator[tuple[str, Item]]:
        """Names and things, in the order of their weight."""
        return ((name, item) for name, (_, item) in sorted(self._items.items(), key=lambda pair: pair[1][0]))


MOST_COUNTED = 99
"""The badge of a menu line counts so far; beyond it says 99+."""


@dataclass(frozen=True)
class NavEntry:
    """One line of the navigation: shown to whom ``visible`` says yes, with ``count`` as its badge if there is one.

    ``count`` need not count beyond one more than ``MOST_COUNTED``.
    """

    url_name: str
    label: str | Promise
    icon: str
    visible: Callable[[Any], bool]
    count: Callable[[Any], int] | None = None
    group: str | Promise = ""
    key: str = ""
    nav: str = ""


@dataclass(frozen=True)
class HomePage:
    """Where a person lands after signing in: the first page whose ``suits`` says yes, by weight."""

    url: Callable[[Any], str | None]


@dataclass(frozen=True)
class Tile:
    """A block of the tenant home that an upper floor draws: template and its context for (tenant, user)."""

    template_name: str
    context: Callable[[Any, Any], dict[str, Any]] = lambda _tenant, _user: {}


@dataclass(frozen=True)
class SetupStep:
    """One thing an empty installation still needs: what it is, why, where it is listed, and whether it is there.

    ``form`` is the page that adds it; ``needs`` are the names of steps that come before it.
    """

    label: str | Promise
    why: str | Promise
    url_name: str
    action: str | Promise
    done: Callable[[], bool]
    form: str = ""
    needs: tuple[str, ...] = ()


nav_entries: Registry[NavEntry] = Registry("navigation")
home_pages: Registry[HomePage] = Registry("home pages")
front_doors: Registry[Callable[[], str | None]] = Registry("front doors")
"""Where somebody who is not signed in is led instead of to the sign-in, while the answer is not None."""
tenant_tiles: Registry[Tile] = Registry("tiles of the tenant home")
project_tiles: Registry[Tile] = Registry("tiles of a project's page")
topic_rules: Registry[Callable[[Any, str], str | None]] = Registry("live topics")
deciding_powers: Registry[str] = Registry("powers that decide over others")
"""Codenames of permissions whose holders need a second factor before anything opens to them."""
demo_codes: Registry[Callable[[Any], str | None]] = Registry("codes of the demo")
"""person → the code their second factor shows now, where the person is invented; never asked in production."""
claim_readers: Registry[Callable[[Any, str, dict[str, Any]], object]] = Registry("readers of claims")
"""(person, identity provider, claims) → told at each sign-in through an identity provider."""
setup_steps: Registry[SetupStep] = Registry("steps of setting up")
policy_effects: Registry[Callable[[Any, str, int], list[str]]] = Registry("effects of a policy")
"""(authority, key, new value) → one sentence for each open thing that the new value would hit."""
role_effects: Registry[Callable[[Any], list[str]]] = Registry("effects of ending a role")
"""membership → one sentence for each thing that is left without the person when it ends."""
act_words: Registry[str | Promise] = Registry("acts of the audit trail")
"""What an act of the audit trail ("case.approved") is called in words: "Application approved"."""
fact_words: Registry[str | Promise] = Registry("facts of the audit trail")
"""What a key of an event's before and after is called, where it is no column of its target."""
target_pages: Registry[str] = Registry("pages of what events are about")
"""Label of a model → the name of the page that shows one row of it by its public id."""
target_rows: Registry[Callable[[], Any]] = Registry("rows that events are about")
"""Label of a model whose own manager has no scopes → its scoped queryset."""
admission_effects: Registry[Callable[[Any], list[str]]] = Registry("effects of an admission")
"""application → one sentence for each thing that its admission makes possible."""
application_notes: Registry[Callable[[Any], list[str]]] = Registry("notes on an application")
"""application → sentences for whoever writes it: what stands in the way, though nothing is wrong with the answers."""
notice_acts: Registry[str] = Registry("acts that people are notified of")
"""Act → the icon beside its notification; its words are those of the audit record (``act_words``)."""
limit_places: Registry[Callable[[], list[tuple[str, str]]]] = Registry("places to which a role can be limited")
"""→ (public id, name) of the places that a deciding role may be limited to, by name."""
suspend_effects: Registry[Callable[[Any], list[str]]] = Registry("effects of suspending a tenant")
"""tenant → one sentence for each thing that stops while the tenant is suspended."""
followers: Registry[Callable[[Any], None]] = Registry("followers of the record")
"""event of the record → told of each, inside the transaction of its act and as the portal itself."""
common_acts: Registry[bool] = Registry("acts that concern many tenants at once")
"""Act → True: each tenant's record has an event of its own; its authority is told by one of the authority's."""
circles: Registry[Callable[[Any, Any], Any]] = Registry("places with whose people one shares")
"""(person, moment; None: now) → queryset of the places (with public_id and name) to whose people they belong."""


@dataclass(frozen=True)
class Effect:
    """One thing that follows from an act, counted: what the page says before is what a test counts after.

    ``when``: at which step of leaving it happens ("begin", "close", "erase"), or "keep" for what stays.
    """

    key: str
    count: int
    sentence: str
    when: str = "begin"


@dataclass(frozen=True)
class TenantTable:
    """Rows of a tenant for the archive of its own data; ``omit``: columns that are secrets or of no use outside."""

    label: str
    rows: Callable[[Any], Any]
    omit: frozenset[str] = frozenset()


leave_effects: Registry[Callable[[Any], list[Effect]]] = Registry("effects of a tenant's leaving")
"""tenant → what happens when it leaves, counted."""
end_effects: Registry[Callable[[Any], list[Effect]]] = Registry("effects of ending a project")
"""project → what happens when it ends, counted."""
project_ends: Registry[Callable[[Any, Any], None]] = Registry("what ends with a project")
"""(project, acting person) → carries it out, inside the transaction in which the project ends."""
tenant_tables: Registry[TenantTable] = Registry("tables of a tenant's archive")
tenant_files: Registry[Callable[[Any], Any]] = Registry("files of a tenant's archive")
"""tenant → rows that name a kept file: ``public_id``, ``name``, ``key``, ``is_readable``."""
tenant_letters: Registry[Callable[[Any], Any]] = Registry("letters of a tenant's archive")
"""For a tenant's archive: (tenant) → rows of letters about it, each with its ``pdf`` and ``public_id``."""
tenant_erasers: Registry[Callable[[Any], dict[str, int]]] = Registry("what is erased of a tenant")
"""tenant → what was erased, counted by name; called in the order of their weight, in one transaction."""
kept_files: Registry[Callable[[str], bool]] = Registry("files that somebody's row names")
"""Name of a kept file (portal.core.files) → whether a row names it, so that it is not swept away."""
