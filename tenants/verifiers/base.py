"""The contract between the portal and public registers. A verifier imports no model and no Django.

A verifier knows one thing: what its register says of one number. That it cannot be reached, takes too long or answers
nonsense is ``Silent``, and never a yes or a no.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from portal.core.addresses import OutboundError
from portal.core.outbound import request

LARGEST_BODY = 2**20
DEADLINE_SECONDS = 10.0
LONGEST_NAME = 300


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Which number is asked about. ``kind``: vat, lei, euid or register; ``country``: the seat's ISO code.

    ``settings`` are the installation's: ``allowed_networks``, the private networks that may be asked, another address
    for a member (``<key>_url``), and ``recorded``, the answers of the double.
    """

    kind: str
    number: str
    country: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    deadline_seconds: float = DEADLINE_SECONDS


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says. ``known``: there is such a number; ``live``: it has not ended; ``name``: "" untold."""

    known: bool
    live: bool = True
    name: str = ""


class Silent(Exception):
    """No usable answer: not reached, too late, garbage, or the register says that it cannot say."""


class Verifier(Protocol):
    key: str
    label: str

    def answers(self, inquiry: Inquiry) -> bool:
        """Whether such a number can be asked about here at all."""
        ...

    def ask(self, inquiry: Inquiry) -> Entry:
        """Raises Silent."""
        ...


_verifiers: dict[str, Verifier] = {}


def register(member: type[Verifier]) -> type[Verifier]:
    """Put a member into the family, under its own key."""
    _verifiers[member.key] = member()
    return member


def verifier(key: str) -> Verifier:
    """The member called ``key``; LookupError names those there are."""
    try:
        return _verifiers[key]
    except KeyError:
        raise LookupError(f"there is no verifier {key!r}; there are {sorted(_verifiers)}") from None


def verifiers() -> list[tuple[str, str]]:
    """Key and label of every member."""
    return [(key, member.label) for key, member in sorted(_verifiers.items())]


def fetched(inquiry: Inquiry, key: str, standard: str, path: str, *, missing: bool = False) -> Any:
    """The JSON object at ``path`` below the member's address. With ``missing``, None where the register answers 404.

    Raises Silent for everything else than a whole, understandable answer in time.
    """
    base = str(inquiry.settings.get(f"{key}_url") or standard).rstrip("/")
    try:
        answer = request(
            "GET", f"{base}/{path}", deadline_seconds=inquiry.deadline_seconds, largest_body=LARGEST_BODY,
            networks=tuple(inquiry.settings.get("allowed_networks", ())), headers={"Accept": "application/json"},
        )  # fmt: skip
    except OutboundError as error:
        raise Silent(str(error)) from None
    if missing and answer.status == HTTPStatus.NOT_FOUND:
        return None
    if answer.status != HTTPStatus.OK:
        raise Silent(f"status {answer.status}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Silent("no JSON") from None
    if not isinstance(found, Mapping):
        raise Silent("no JSON object")
    return found


def dig(found: Any, *path: str) -> Any:
    """The value at ``path`` in nested objects; Silent where the answer is built in another way."""
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            raise Silent(f"no {name!r} in the answer")
        found = found[name]
    return found


def name_of(value: Any) -> str:
    """A register's name as one line; "" where it hides it."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return "" if set(text) <= {"-"} else text[:LONGEST_NAME]
