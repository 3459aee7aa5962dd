"""Every register keeps the same promises: yes, no, or silence; never a yes that it did not say, never longer than told."""

from __future__ import annotations

import json
import time

import pytest

from tenants.verifiers import verifier, verifiers
from tenants.verifiers.base import Entry, Inquiry, Silent
from tests.resources.wire import LOOPBACK, Wire, answers

LEI, SIREN, VAT = "213800KUD8LAJWSQ9D15", "552100554", "LU15027442"
GLEIF = {"data": {"attributes": {"lei": LEI, "entity": {"legalName": {"name": "Delta"}, "status": "ACTIVE"}, "registration": {"status": "ISSUED"}}}}  # fmt: skip
ENDED = json.loads(json.dumps(GLEIF).replace("ACTIVE", "INACTIVE"))
FRANCE = {"results": [{"siren": SIREN, "nom_raison_sociale": "DELTA", "etat_administratif": "A"}]}
KNOWN = {
    "vies": (
        "vat",
        VAT,
        "LU",
        json.dumps({"isValid": True, "userError": "VALID", "name": "Delta  S.A."}),
        "Delta S.A.",
    ),
    "gleif": ("lei", LEI, "LU", json.dumps(GLEIF), "Delta"),
    "france": ("register", f"FR-SIREN {SIREN}", "FR", json.dumps(FRANCE), "DELTA"),
    "recorded": ("register", "B 1", "LU", {"B 1": {"name": "Delta"}}, "Delta"),
}
UNKNOWN = {
    "vies": json.dumps({"isValid": False, "userError": "INVALID", "name": "---"}),
    "gleif": ("{}", "404 Not Found"),
    "france": json.dumps({"results": [{"siren": "000000000"}]}),
    "recorded": {"B 1": None},
}
OVER = {
    "gleif": json.dumps(ENDED),
    "france": json.dumps(FRANCE).replace('"A"', '"C"'),
    "recorded": {"B 1": {"name": "Delta", "live": False}},
}
NONSENSE = ["", "no json", "[]", "null", "{}", '{"isValid": "yes"}', '{"data": []}', '{"results": {}}', '{"results": [{"siren": "552100554"}]}', "[" * 100_000]  # fmt: skip
ONLINE = ("vies", "gleif", "france")


def ask(key, said, seconds=5.0):
    """What the member makes of what its register says: a body, (body, status), or a recording."""
    kind, number, country, *_rest = KNOWN[key]
    if key == "recorded":
        return verifier(key).ask(Inquiry(kind, number, country, {"recorded": said}))
    body, *status = said if isinstance(said, tuple) else (said,)
    with Wire(answers(body, *status)) as wire:
        return verifier(key).ask(Inquiry(kind, number, country, reached(key, wire.url), seconds))


def reached(key, url):
    return {f"{key}_url": url, "allowed_networks": LOOPBACK}


def test_the_family_is_registered_with_labels():
    assert [key for key, _label in verifiers()] == sorted(KNOWN)
    assert all(label for _key, label in verifiers())
    with pytest.raises(LookupError, match="oracle"):
        verifier("oracle")


@pytest.mark.parametrize("key", KNOWN)
def test_a_number_that_is_known_comes_with_its_name(key):
    assert ask(key, KNOWN[key][3]) == Entry(known=True, live=True, name=KNOWN[key][4])


@pytest.mark.parametrize("key", UNKNOWN)
def test_a_number_that_is_not_known_is_a_no(key):
    assert not ask(key, UNKNOWN[key]).known


@pytest.mark.parametrize("key", OVER)
def test_what_has_ended_is_said_to_have_ended(key):
    found = ask(key, OVER[key])
    assert (found.known, found.live) == (True, False)


@pytest.mark.parametrize("key", ONLINE)
@pytest.mark.parametrize("body", NONSENSE, ids=lambda body: body[:20] or "nothing")
def test_nonsense_is_silence(key, body):
    with pytest.raises(Silent):
        ask(key, body)


@pytest.mark.parametrize("key", ONLINE)
@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "302 Found", "429 Slowly", "401 Who"])
def test_a_status_that_is_no_answer_is_silence(key, status):
    with pytest.raises(Silent):
        ask(key, (KNOWN[key][3], status))


@pytest.mark.parametrize("said", ["MS_UNAVAILABLE", "TIMEOUT", "SERVICE_UNAVAILABLE", "MS_MAX_CONCURRENT_REQ", "VALID"])
def test_vies_that_cannot_say_is_silent(said):
    with pytest.raises(Silent):
        ask("vies", json.dumps({"isValid": False, "userError": said}))


@pytest.mark.parametrize("recorded", ["silent", 5, [], "yes"])
def test_a_recording_that_cannot_be_read_is_silence(recorded):
    with pytest.raises(Silent):
        ask("recorded", {"B 1": recorded})


@pytest.mark.parametrize("key", ONLINE)
def test_a_register_that_hangs_is_silent_in_time(key):
    kind, number, country, *_rest = KNOWN[key]
    with Wire(lambda _connection, _head: time.sleep(20)) as wire:
        began = time.monotonic()
        with pytest.raises(Silent):
            verifier(key).ask(Inquiry(kind, number, country, reached(key, wire.url), 0.5))
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("key", ONLINE)
def test_a_private_network_is_not_asked_unless_the_installation_allows_it(key):
    kind, number, country, *_rest = KNOWN[key]
    with Wire(answers(KNOWN[key][3])) as wire:
        with pytest.raises(Silent):
            verifier(key).ask(Inquiry(kind, number, country, {f"{key}_url": wire.url}, 2.0))
        assert wire.asked == []


@pytest.mark.parametrize(
    ("key", "kind", "number", "country", "expected"),
    [
        ("vies", "vat", VAT, "LU", True), ("vies", "lei", LEI, "LU", False), ("gleif", "lei", LEI, "LU", True),
        ("gleif", "register", "B 1", "LU", False), ("france", "register", "FR-SIREN 552 100 554", "FR", True),
        ("france", "register", "552100554", "DE", False), ("france", "euid", "FR3502.552100554", "FR", True),
        ("france", "register", "12", "FR", False), ("recorded", "register", "B 1", "LU", False),
    ],
)  # fmt: skip
def test_a_member_says_which_numbers_it_answers_for(key, kind, number, country, expected):
    assert verifier(key).answers(Inquiry(kind, number, country)) is expected


def test_a_recording_is_read_from_a_file_and_one_that_is_broken_is_empty(tmp_path):
    path = tmp_path / "registers.json"
    path.write_text('{"B 1": {"name": "Delta"}}')
    inquiry = Inquiry("register", "B 1", "LU", {"recorded": str(path)})
    assert verifier("recorded").answers(inquiry)
    path.write_text("{")
    assert not verifier("recorded").answers(inquiry)
