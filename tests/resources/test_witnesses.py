"""Checkpoints reach a syslog server and an address that takes a POST; what goes wrong there is said, and tried again."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection, transaction

from portal.core.audit import record
from portal.core.trail import checkpoints, keys, witnesses
from portal.core.trail.checkpoints import of_line, of_row
from portal.models import AuditCheckpoint, AuditWitness
from resources.witnesses import to_http, to_syslog
from tests.factories.tenants import make_tenant

pytestmark = pytest.mark.django_db


def next_seal():
    """Something happens, and is sealed."""
    with transaction.atomic():
        record("tenant.suspended", acting_user=None, target=make_tenant())
    connection.check_constraints()
    return of_row(checkpoints.seal())


@pytest.fixture
def sealed(settings, tmp_path):
    settings.AUDIT_KEY_FILE = tmp_path / "key.pem"
    settings.AUDIT_CHECKPOINT_FILE = tmp_path / "audit" / "checkpoints.jsonl"
    return next_seal()


class Taker(BaseHTTPRequestHandler):
    status = 204

    def do_POST(self):
        self.server.taken.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_words):
        pass


@pytest.fixture
def taker(settings):
    server = HTTPServer(("127.0.0.1", 0), Taker)
    server.taken = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.AUDIT_WITNESS_URL = f"http://127.0.0.1:{server.server_port}/checkpoints"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_is_told_the_whole_checkpoint(sealed, taker):
    to_http(sealed)
    (line,) = taker.taken
    assert of_line(line) == sealed
    assert keys.is_signed(keys.public_key(), of_line(line).signature, of_line(line).statement)


def test_an_address_that_refuses_is_told_again(sealed, taker, monkeypatch):
    monkeypatch.setattr(Taker, "status", 500)
    assert witnesses.tell("http", to_http).trouble == "The witness answered with status 500."
    monkeypatch.setattr(Taker, "status", 200)
    row = witnesses.tell("http", to_http)
    assert (row.number, row.trouble, len(taker.taken)) == (1, "", 2)


def statement_in(message):
    assert message.startswith("<110>1 ")
    return json.loads(message[message.index("{") :])


def test_a_datagram_holds_the_signed_statement(sealed, settings):
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        settings.AUDIT_SYSLOG = f"udp://127.0.0.1:{server.getsockname()[1]}"
        to_syslog(sealed)
        told = statement_in(server.recv(65_535).decode())
    assert (told["statement"], bytes.fromhex(told["signature"])) == (sealed.statement, sealed.signature)


def test_a_stream_says_how_long_each_message_is(sealed, settings):
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(5)
        settings.AUDIT_SYSLOG = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        to_syslog(sealed)
        with closing(server.accept()[0]) as line:
            line.settimeout(5)
            received = b""
            while part := line.recv(65_535):
                received += part
    length, _space, message = received.partition(b" ")
    assert int(length) == len(message)
    assert statement_in(message.decode())["statement"] == sealed.statement


def test_a_local_socket_is_told(sealed, settings, tmp_path):
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(5)
        settings.AUDIT_SYSLOG = f"unix://{tmp_path / 'log'}"
        to_syslog(sealed)
        assert statement_in(server.recv(65_535).decode())["statement"] == sealed.statement


def test_the_file_is_written_once_and_mended_after_a_power_cut(sealed, settings):
    file = settings.AUDIT_CHECKPOINT_FILE
    witnesses.hand_over()
    witnesses.to_file(sealed)
    assert [of_line(line) for line in file.read_text().splitlines()] == [sealed]
    with file.open("a") as cut:
        cut.write('{"statement": "half a li')
    second = next_seal()
    witnesses.hand_over()
    assert [of_line(line) for line in file.read_text().splitlines()] == [sealed, second]
    assert (file.stat().st_mode & 0o777, settings.AUDIT_KEY_FILE.stat().st_mode & 0o777) == (0o640, 0o600)


def test_a_database_that_was_set_back_is_noticed(sealed, settings):
    witnesses.hand_over()
    file = settings.AUDIT_CHECKPOINT_FILE
    facts = json.loads(file.read_text())
    later = {**facts, "statement": facts["statement"].replace('"number":1', '"number":9')}
    file.write_text(f"{json.dumps(later)}\n")
    AuditWitness.objects.update(number=0)
    witnesses.hand_over()
    assert "The file knows checkpoint 9" in AuditWitness.objects.get(name="file").trouble
    assert len(file.read_text().splitlines()) == 1


def test_nothing_new_makes_no_checkpoint_until_an_hour_has_passed(sealed):
    assert checkpoints.seal() is None
    last = AuditCheckpoint.objects.get()
    again = checkpoints.seal(last.at + checkpoints.STILL_HERE)
    assert (again.number, of_row(again).facts["previous"]) == (2, of_row(last).digest)
