from __future__ import annotations

from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString


def icon(name: str, extra: str = "", label: object = "") -> SafeString:
    """An icon of the sprite; decoration unless it has a ``label``, which then is its text for screen readers."""
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            f"icon {extra}".strip(),
            label,
            static("img/icons.svg"),
            name,
        )
    return _decoration(name, extra)


@lru_cache(maxsize=512)
def _decoration(name: str, extra: str) -> SafeString:
    """Kept: a list draws the same few of them dozens of times."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f"icon {extra}".strip(),
        static("img/icons.svg"),
        name,
    )
