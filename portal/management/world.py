"""What a fresh database needs before somebody can sign in: the demo, or a code for the first administrator."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

from django.core.management import call_command

from portal.settings import env
from resources.demo import world
from tenants.services.setup import is_empty, issue_code


def prepare(address: str, say: Callable[[str], None]) -> list[str]:
    """Make what is missing; the lines of the greeting."""
    return [f"The portal answers at {address}", *(demo(say) if wanted() else first_run(address))]


def wanted() -> bool:
    """DEMO=0 starts without invented people and GPUs."""
    return env.flag("DEMO", default=True)


def demo(say: Callable[[str], None]) -> list[str]:
    """The accounts of the demo world, which is made in an empty database and nowhere else."""
    if is_empty():
        say("making the demo world, once ...")
    said = StringIO()
    call_command("seed_demo", stdout=said)
    return ["", *said.getvalue().splitlines()]


def first_run(address: str) -> list[str]:
    code = issue_code()
    if code is None:
        return []
    return [
        "",
        "Nobody has an account yet. The first administrator makes one, once, with the code",
        f"    {code}",
        f"at {address}first-run/",
    ]


def has_sources() -> bool:
    """Whether the clusters of this database are read from the demo's own sources."""
    return wanted() and world.is_here()
