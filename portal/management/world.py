"""What a fresh database needs before somebody can sign in: the demo, or a code for the first administrator."""

from __future__ import annotations

from collections.abc import Callable


def prepare(address: str, say: Callable[[str], None]) -> list[str]:
    """Make what is missing; the lines of the greeting."""
    return [f"The portal answers at {address}"]
