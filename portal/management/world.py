"""What a fresh database needs before somebody can sign in: the demo, or a code for the first administrator."""

from __future__ import annotations

from collections.abc import Callable

from portal.embedded import ports
from portal.settings import env
from resources.demo import cast, world
from tenants.services.setup import issue_code


def prepare(address: str, say: Callable[[str], None]) -> list[str]:
    """Make what is missing; the lines of the greeting."""
    greeting = [f"The portal answers at {address}"]
    if env.flag("DEMO", default=True):
        if world.seed(ports.kept_ports(each.slug for each in cast.CLUSTERS)):
            say("the demo world is made")
        if world.is_here():
            return [*greeting, "", "Sign in as one of these invented people:", *world.as_table(world.accounts())]
    code = issue_code()
    if code:
        greeting += [f"Nobody has an account yet. Open {address}first-run/ and enter the code {code}"]
    return greeting
