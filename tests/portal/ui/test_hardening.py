"""What every answer carries, whoever asks for whatever: pages, parts, refusals, faults, the API, static files."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import NoReverseMatch, reverse

from portal.ui import views
from portal.ui.bodies import SMALL, BodyLimit, most_for
from tests.factories.people import make_user
from tests.matrix.doors import doors

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
UUID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def served(settings):
    """Static files as `make run` serves them."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True


def directives(header):
    return {part.split()[0]: set(part.split()[1:]) for part in header.split(";") if part.strip()}


def missing(answer, policy=POLICY):
    wrong = [
        f"{name}: {answer.headers.get(name)}" for name, value in ALWAYS.items() if answer.headers.get(name) != value
    ]
    found = directives(answer.headers.get("Content-Security-Policy", ""))
    # identity providers may be named as targets of forms; nothing else may differ
    wanted = directives(policy)
    if {k: v for k, v in found.items() if k != "form-action"} != {
        k: v for k, v in wanted.items() if k != "form-action"
    }:
        wrong.append(f"Content-Security-Policy: {found}")
    if "camera=()" not in answer.headers.get("Permissions-Policy", ""):
        wrong.append("Permissions-Policy")
    return wrong


def addresses():
    """Every door, with ids of nothing where it wants some."""
    fill = {"uuid": UUID, "str": "nothing", "int": "1", "slug": "nothing"}
    for name, door in doors().items():
        found = {}
        for key, converter in door.pattern.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            found[key] = fill.get({"string": "str"}.get(kind, kind), "nothing")
        for key in door.pattern.pattern.regex.groupindex:
            found.setdefault(key, UUID if "id" in key else "nothing")
        yield name, door, found


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "somebody"])
def test_every_door_answers_with_the_headers(who):

    client, wrong, asked = Client(raise_request_exception=False), {}, 0
    if who == "somebody":
        client.force_login(make_user())
    for name, door, kwargs in addresses():
        try:
            path = reverse(door.pattern.name, kwargs=kwargs)
        except NoReverseMatch:
            continue
        asked += 1
        for method in ("get", "post", "put", "options"):
            answer = getattr(client, method)(path)
            if name == "api-docs" and answer.status_code == 200:
                relaxed = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
                found = missing(answer, relaxed.replace("img-src 'self'", "img-src 'self' data:"))
            else:
                found = missing(answer)
            if found:
                wrong[name, method, answer.status_code] = found
    assert asked > 90
    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/static/css/app.css", "/static/js/app.js", "/static/nothing.css", "/nothing/", "/api/v1/nothing/"]
)
@pytest.mark.usefixtures("served")
def test_static_files_and_unknown_addresses_carry_them_too(path):
    assert missing(Client().get(path)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [RuntimeError("fault"), OperationalError("away")])
def test_faults_carry_them_too(monkeypatch, fault):
    def fail(*_args, **_kwargs):
        raise fault

    monkeypatch.setattr(views.Accessibility, "get", fail)
    answer = Client(raise_request_exception=False).get("/accessibility/")
    assert answer.status_code in {500, 503}
    assert missing(answer) == []


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b", ""])
def test_a_name_that_is_not_ours_is_refused(host):
    answer = Client(raise_request_exception=False).get("/accessibility/", headers={"host": host})
    assert answer.status_code == 400 if host else 200
    assert missing(answer) == []


@override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True, SECURE_HSTS_PRELOAD=True)
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accessibility/", "/static/css/app.css", "/nothing/", "/api/v1/clusters/"])
@pytest.mark.usefixtures("served")
def test_over_tls_everything_asks_for_tls_from_then_on(path):
    wanted = "max-age=31536000; includeSubDomains; preload"
    assert Client().get(path, secure=True).headers["Strict-Transport-Security"] == wanted


@pytest.mark.django_db
def test_htmx_is_told_to_stay_here():
    page = Client().get("/accessibility/").content.decode()
    config = json.loads(page.partition('name="htmx-config"')[2].partition("content='")[2].partition("'")[0])
    assert config["mode"] == "same-origin"
    assert "unsafe" not in POLICY


@pytest.mark.django_db
@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("range_", [None, "bytes=0-9"])
def test_a_static_file_comes_in_one_piece(range_):
    headers = {"range": range_} if range_ else {}
    answer = Client().get("/static/img/logo.svg", headers=headers)
    assert answer.streaming is False
    assert (answer.status_code, len(answer.content)) == ((206, 10) if range_ else (200, int(answer["Content-Length"])))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert Client().head("/static/img/logo.svg").content == b""


async def send(path, headers=(), parts=()):
    """What an ASGI server hears when these parts of a body come in."""
    waiting = [{"type": "http.request", "body": part, "more_body": n + 1 < len(parts)} for n, part in enumerate(parts)]
    heard = []

    async def receive():
        await asyncio.sleep(0)
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def keep(message):
        heard.append(message)

    taken = []

    async def app(scope, receive, send):
        while (message := await receive())["type"] == "http.request":
            taken.append(len(message["body"]))
            if not message["more_body"]:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return

    await BodyLimit(app)({"type": "http", "path": path, "headers": list(headers)}, receive, keep)
    return heard, taken


@pytest.mark.parametrize(
    ("path", "said", "parts", "status", "taken"),
    [
        ("/apply/", b"100", [b"x" * 100], 200, 100),
        ("/apply/", str(SMALL + 1).encode(), [], 413, 0),
        ("/apply/", b"lots", [], 413, 0),
        ("/apply/", None, [b"x" * SMALL, b"x"], 413, SMALL),
        (f"/applications/{UUID}/documents/", None, [b"x" * SMALL, b"x"], 200, SMALL + 1),
        (f"/grant-conditions/{UUID}/met/", None, [b"x" * SMALL, b"x"], 200, SMALL + 1),
        ("/tenants/imports/new/", None, [b"x" * SMALL, b"x"], 200, SMALL + 1),
        (f"/applications/{UUID}/edit/organisation/", None, [b"x" * SMALL, b"x"], 200, SMALL + 1),
        ("/api/v1/clusters/", b"99999999999", [], 413, 0),
    ],
)
async def test_a_body_that_is_too_large_is_not_read_to_its_end(path, said, parts, status, taken):
    heard, read = await send(path, [(b"content-length", said)] if said else [], parts)
    assert (heard[0]["status"], sum(read)) == (status, taken)
    assert len([each for each in heard if each["type"] == "http.response.start"]) == 1
    if status == 413:
        assert (b"x-content-type-options", b"nosniff") in heard[0]["headers"]
        kind = b"application/problem+json" if path.startswith("/api/") else b"text/html; charset=utf-8"
        assert (b"content-type", kind) in heard[0]["headers"]
        assert b"is the most that can be sent here" in heard[1]["body"]


def test_the_server_has_the_limit(settings):
    assert '"http": BodyLimit(pages)' in (settings.BASE_DIR / "portal/asgi.py").read_text()
    assert most_for("/x/documents/") == (settings.UPLOAD_LARGEST_MIB + 1) * 2**20
