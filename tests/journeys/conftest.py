"""Chromium and the product itself, each started once; with -n once for a worker, which takes whole files.

Without chromium the journeys are listed as not run.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.browser import ARGUMENTS, SIZES, Person
from tests.product import Product, open_folder

READY = "Ctrl-C ends everything."
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them, and put those first that start a product of their own: the demo then does not run beside it."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: "demo" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def started(**env: str) -> Iterator[Product]:
    with open_folder() as folder:
        product = Product(folder, **env)
        try:
            yield product.start().wait_for(READY, 180)
        finally:
            try:
                product.stop()
            finally:
                if product.process is not None and product.process.poll() is None:
                    product.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def demo(chromium: Browser) -> Iterator[Product]:
    """`make run` with the demo world, from nothing."""
    yield from started(DEMO="1", DEMO_TRACES="")


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Sit somebody down at a browser of their own; at the end nobody may have had trouble."""
    people: list[Person] = []

    def visit(product: Product, *, size: str = "wide", dark: bool = False) -> Person:
        context = chromium.new_context(
            viewport=SIZES[size], color_scheme="dark" if dark else "light", locale="en-GB", reduced_motion="reduce"
        )
        people.append(Person(context, product.address))
        return people[-1]

    yield visit
    trouble = [each for person in people for each in person.trouble]
    for person in people:
        person.close()
    assert trouble == []
