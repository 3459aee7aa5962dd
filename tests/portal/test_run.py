from __future__ import annotations

import signal
import socket
import time
import urllib.request

import psutil
import pytest

from tests.product import Product, open_folder

pytestmark = [pytest.mark.product, pytest.mark.xdist_group("product")]
READY = "Ctrl-C ends everything."


@pytest.fixture(scope="module")
def var():
    with open_folder() as folder:
        yield folder


@pytest.fixture
def product(var):
    product = Product(var, DEMO="0")
    product.output.unlink(missing_ok=True)
    yield product
    if product.process is not None:
        product.stop(signal.SIGKILL)


def gone(processes: list[psutil.Process], seconds: float = 10) -> list[psutil.Process]:
    """Those that still live after a while."""
    return [each for each in psutil.wait_procs(processes, seconds)[1] if each.status() != psutil.STATUS_ZOMBIE]


def sockets(var) -> list[str]:
    return [str(path) for path in var.rglob("*") if path.is_socket()]


def answers(product: Product) -> int:
    with urllib.request.urlopen(product.address, timeout=10) as answer:
        return answer.status


@pytest.mark.parametrize("chosen", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_run_ended_by_a_signal_leaves_no_process_and_no_socket(product, var, chosen):
    product.start().wait_for(READY)
    assert answers(product) == 200
    time.sleep(4)  # the workers have started what they start
    family = product.family()
    assert len(family) > 5
    status = product.stop(chosen)
    assert status == (-signal.SIGKILL if chosen == signal.SIGKILL else 0)
    assert gone(family) == []
    assert sockets(var) == []


def test_run_whose_children_are_killed_starts_them_again(product):
    product.start().wait_for(READY)
    children = {" ".join(each.cmdline()): each for each in product.family()[1:]}
    for word in ("uvicorn", "valkey-server", "bin/postgres -D", "celery"):
        next(each for line, each in children.items() if word in line).kill()
    deadline = time.monotonic() + 60
    for name in ("web", "valkey", "postgres"):
        product.wait_for(f"{name} ended by signal SIGKILL")
    while True:
        try:
            assert answers(product) == 200
            break
        except OSError:
            assert time.monotonic() < deadline, product.said()
            time.sleep(0.5)


def test_run_twice_on_the_same_data_is_refused_in_one_sentence(product, var):
    product.start().wait_for("servers answer")
    second = Product(var, DEMO="0")
    second.output = var / "second.txt"
    second.output.unlink(missing_ok=True)
    assert second.start().process.wait(30) == 1
    assert second.said() == (
        f"The portal of this checkout is already running (process {product.process.pid}): "
        "end it first, or start another one with VAR_DIR=FOLDER.\n"
    )


def test_run_on_a_taken_port_says_so_in_one_sentence(product):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(product.env["PORT"])))
        taken.listen()
        assert product.start().process.wait(30) == 1
    assert product.said() == (
        f"Port {product.env['PORT']} is taken by another programme: choose another, as in PORT=8123 make run.\n"
    )


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DATABASE_URL", "postgresql://x@127.0.0.1:1/y", "The server of DATABASE_URL does not answer: "),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "The server of REDIS_URL does not answer: "),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must begin with postgresql://"),
        ("PORT", "word", "PORT is 'word'; write a whole number."),
        ("EMBEDDED_PG_BIN", "/nowhere", "EMBEDDED_PG_BIN is /nowhere"),
    ],
)
def test_run_that_cannot_start_says_why_in_one_sentence(product, variable, value, sentence):
    product.env[variable] = value
    assert product.start().process.wait(30) == 1
    assert product.said().startswith(sentence)
    assert len(product.said().splitlines()) == 1


def test_make_killed_takes_the_portal_with_it(var):
    product = Product(var, DEMO="0")
    product.output.unlink(missing_ok=True)
    product.start(["make", "--no-print-directory", "-o", ".venv/.base", "-o", ".venv/.dev", "run"])
    product.wait_for("servers answer")
    family = product.family()
    product.stop(signal.SIGKILL)
    assert gone(family, 20) == []
