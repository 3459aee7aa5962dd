"""Finds the pages that are worth a picture: every one that a link leads to, as each person of the demo."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from django.utils.text import slugify

from resources.demo import world

NEVER = frozenset({"home", "schema", "api-docs", "account_logout", "healthz", "mfa_download_recovery_codes"})
FACES = {
    "capacity": {"Quota approver", "Provider operator", "Tenant owner"},
    "request": {"Quota approver", "Second quota approver", "Tenant owner"},
    "case": {"Onboarding officer", "Applicant"},
    "tenant": {"Tenant owner"},
    "cluster": {"Provider operator"},
}
"""Pages that look different to different roles, and whose views of them are taken as well."""
SAMPLES = 8
"""Rows of a kind that are looked at; the one with the most to do on it is taken."""
LINK = re.compile(r'<a\b[^>]*\shref="([^"#]+)"')


@dataclass(frozen=True)
class Shot:
    """A page found: what its pictures are called, where it is, and as whom it was found (None: signed out)."""

    name: str
    path: str
    account: world.Account | None


def named(path: str) -> str:
    """The name of the address, "" if it is none of ours."""
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def pages(read: Callable[[str], tuple[str, str]], starts: list[str]) -> dict[str, str]:
    """Name of the address → path, of everything that links lead to. ``read``: path → (path it led to, text)."""
    waiting, asked = deque(starts), Counter(named(path) for path in starts)
    known, best = set(starts), dict[str, tuple[int, str]]()
    while waiting:
        asked_path = waiting.popleft()
        path, text = read(asked_path)
        name, worth = named(path), text.count("<form")
        if text and name and name not in NEVER and worth > best.get(name, (-1, ""))[0]:
            best[name] = (worth, path)
        for href in LINK.findall(text):
            target = urlsplit(urljoin(path, href.replace("&amp;", "&")))
            following = named(target.path)
            fresh = target.path not in known and not target.netloc and "format=" not in target.query
            if following and fresh and following not in NEVER and asked[following] < SAMPLES:
                asked[following] += 1
                known.add(target.path)
                waiting.append(target.path)
    return {name: path for name, (_worth, path) in best.items()}


def shots(found: dict[str, str], account: world.Account | None, seen: set[str]) -> list[Shot]:
    """Of what ``account`` sees: the pages that nobody before has seen, and its own view of those with many faces."""
    chosen = []
    for name, path in found.items():
        if name not in seen:
            chosen.append(Shot(name, path, account))
        elif account and account.role in FACES.get(name, ()):
            chosen.append(Shot(f"{name}-as-{slugify(account.role)}", path, account))
    seen.update(found)
    return chosen


def index(taken: list[Shot], widths: tuple[int, int], themes: tuple[str, ...]) -> str:
    """The page that shows all pictures."""
    wide, narrow = widths
    lines = ["# Every page", "", "Taken from the demo by `make shots`. All people and organisations are invented.", ""]
    for shot in taken:
        who = f"as {shot.account.name}, {shot.account.role}" if shot.account else "signed out"
        lines += [f"## {shot.name}", "", f"`{shot.path}`, {who}", ""]
        for width, words in ((wide, ""), (narrow, ", phone")):
            lines += [f"![{shot.name}{words}, {theme}]({shot.name}-{width}-{theme}.webp)" for theme in themes]
        lines += [""]
    return "\n".join(lines)
