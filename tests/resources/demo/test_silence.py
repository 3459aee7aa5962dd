import time
from http.client import RemoteDisconnected
from threading import Thread
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

from resources.demo.answers import handler
from resources.demo.exporter import Server, arguments, place_of, silence_of, source_of


@pytest.fixture
def kaamos(tmp_path, settings):
    """The demo's source of Kaamos, answering; its folder is the installation's."""
    settings.DEMO_DIR = tmp_path
    given = arguments(["--cluster", "kaamos", "--state-dir", str(tmp_path)])
    server = Server(("127.0.0.1", 0), handler(source_of(place_of(given), given), control=False))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def ask(address):
    with urlopen(address + "/metrics", timeout=5) as answer:
        return answer.status


def test_a_source_held_silent_answers_nobody_and_then_again(kaamos):
    assert ask(kaamos) == 200
    call_command("demo_silence", "kaamos", seconds=60)
    with pytest.raises(RemoteDisconnected):
        ask(kaamos)
    call_command("demo_silence", "kaamos", end=True)
    assert ask(kaamos) == 200


def test_silence_ends_by_itself(kaamos, tmp_path):
    silence_of(tmp_path, "kaamos").write_text(str(time.time() - 1))
    assert ask(kaamos) == 200


@pytest.mark.parametrize(("cluster", "seconds"), [("nowhere", 60), ("kaamos", 0), ("kaamos", 100_000)])
def test_silence_of_what_there_is_not_is_refused_with_what_there_is(cluster, seconds):
    with pytest.raises(CommandError, match=r"kaamos|second"):
        call_command("demo_silence", cluster, seconds=seconds)
