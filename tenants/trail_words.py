"""An event of the audit record in words: what was done, to what, what changed, where it was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from portal.core.audit import SITE
from portal.core.registry import act_words, fact_words, target_pages
from portal.ui.times import moment_text

PERSON = "portal.User"
NAMED = ("user", "on_behalf_of", "delegated_by")
"""Facts of an event that are a person's number; shown by their name of today."""
LEADS = "pool"
"""Of a line of a request or decision: what it is about."""
Moment = Callable[[datetime], str]


@dataclass(frozen=True)
class Names:
    """What ids in events stand for today; who was erased has no name any more."""

    people: dict[int, str]
    tenants: dict[int, str]


@dataclass(frozen=True)
class Change:
    """One fact of an event: what it is called, and what it was and became (None: it was not said)."""

    label: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        known = [side for side in (self.before, self.after) if side is not None]
        return f"{self.label}: {' → '.join(known)}"


def act_label(act: str) -> str:
    return str(act_words[act]) if act in act_words else act.replace(".", ": ").replace("_", " ")


def people_in(events: Iterable[Any]) -> set[int]:
    """Ids of everybody who is spoken of in ``events``, beside those who acted."""
    events = list(events)
    ids = {event.target_id for event in events if event.target_type == PERSON}
    sides = [side for event in events for side in (event.before, event.after)]
    return ids | {side[name] for side in sides for name in NAMED if _is_id(side, name)}


def tenants_in(events: Iterable[Any]) -> set[int]:
    return {side["tenant"] for event in events for side in (event.before, event.after) if _is_id(side, "tenant")}


def _is_id(side: dict[str, Any], key: str) -> bool:
    return isinstance(side.get(key), int)


def target_name(event: Any, names: Names) -> str:
    """What the act was done to; a person by their name of today."""
    if event.target_type == PERSON:
        return names.people.get(event.target_id, _("A person who was erased"))
    if event.target_type == SITE:
        return _("The portal")
    return event.target_name or f"{kind_label(event.target_type)} {event.target_public_id or event.target_id}"


def kind_label(label: str) -> str:
    """What rows of a model are called: "quota request"."""
    model = _model(label)
    return str(model._meta.verbose_name).capitalize() if model else label


def target_url(event: Any) -> str | None:
    """The page of what the event is about, where there is one."""
    if event.target_type not in target_pages or event.target_public_id is None:
        return None
    try:
        return reverse(target_pages[event.target_type], args=[event.target_public_id])
    except NoReverseMatch:
        return None


def changes(event: Any, names: Names, moment: Moment = moment_text) -> list[Change]:
    """An event's before and after, fact by fact. ``moment`` writes its times."""
    model = _model(event.target_type)
    found = []
    for key in in_order([*event.before, *event.after]):
        sides = [
            _value(key, side[key], model, names, moment) if key in side else None
            for side in (event.before, event.after)
        ]
        found.append(Change(fact_label(key, model), *sides))
    return found


def in_order(keys: Iterable[str]) -> list[str]:
    """Facts as people read them, in the order in which their words are registered; the database keeps none."""
    rank = {name: place for place, (name, _words) in enumerate(fact_words.items())}
    return sorted(dict.fromkeys(keys), key=lambda key: (rank.get(key, len(rank)), key))


def fact_label(key: str, model: type[models.Model] | None = None) -> str:
    """What a key of before and after is called: the name of the column, or the word registered for it."""
    if key in fact_words:
        return str(fact_words[key])
    field = _field(model, key)
    label = str(getattr(field, "verbose_name", "")) if field else ""
    return (label or key.replace("_", " ")).capitalize()


def _inside(label: str) -> str:
    """A label in the middle of a sentence; what is written in capitals stays so ("GPUs")."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _value(key: str, value: Any, model: type[models.Model] | None, names: Names, moment: Moment) -> str:
    if isinstance(value, list):
        return ", ".join(_value(key, item, model, names, moment) for item in value) or "–"
    if isinstance(value, dict):
        rest = [key for key in in_order(value) if key != LEADS]
        told = ", ".join(f"{_inside(fact_label(k))} {_value(k, value[k], None, names, moment)}" for k in rest)
        return f"{value[LEADS]}: {told}" if LEADS in value else told
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value == "":
        return "–"
    if key in NAMED and value in names.people:
        return names.people[value]
    if key == "tenant" and value in names.tenants:
        return names.tenants[value]
    if key == "door":
        return door_label(str(value))
    if isinstance(value, str) and "T" in value and (at := _moment(value)):
        return moment(at)
    return _choices(model, key).get(value, str(value))


@lru_cache(maxsize=512)
def _field(model: type[models.Model] | None, key: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(key)
    except FieldDoesNotExist:
        return None


def _choices(model: type[models.Model] | None, key: str) -> dict[Any, str]:
    field = _field(model, key)
    listed = getattr(field, "choices", None) or getattr(getattr(field, "base_field", None), "choices", None) or ()
    return {value: str(label) for value, label in listed}


def _model(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def door_label(name: str) -> str:
    """The page's own title, for a page; an address of the API by its name."""
    title = getattr(getattr(_doors().get(name), "view_class", None), "title", "")
    return str(title) or name


@lru_cache(maxsize=1)
def _doors() -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting: list[Any] = list(get_resolver().url_patterns)
    while waiting:
        each = waiting.pop()
        waiting += getattr(each, "url_patterns", [])
        if getattr(each, "name", None):
            found[each.name] = each.callback
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None
