"""Power cuts: web and workers are killed anywhere while one writes, uploads, sends and decides; nothing is lost or doubled.

Whoever is cut off does what the wizard does: the same again until there is an answer. What was answered must be there
afterwards, once.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
from playwright.sync_api import APIResponse
from playwright.sync_api import Error as Cut

from tests.journeys.applying import verify
from tests.journeys.browser import Person
from tests.tenants.files import TEXT

WRITER, OFFICER = "stina.hagg@sjohagen.example", "maja.lindqvist@lysvik.example"
ORGANISATION = "Powercut Institute"
KILLED = ("uvicorn", "celery")
WITHIN = 120.0
ANSWERS = {
    "organisation": ORGANISATION, "kind": "academia", "country": "SE", "legal_form": "Foundation", "legal_id": "8024004718",
    "recognised_by": "The state", "sector": "environment", "contact_name": "Stina Hägg",
    "contact_email": "stina.hagg@sjohagen.example", "signatory_name": "Stina Hägg", "signatory_role": "Rector",
    "mandate": "statute", "security_email": "soc@powercut.example", "security_phone": "+46 8 123 456 78",
    "data_class": "internal", "personal_data": "none", "support_location": "eea", "purpose": "Not yet", "ai_role": "none",
    "no_prohibited": "yes", "end_use": "research", "end_user_region": "home", "dual_use": "no", "no_sanctions": "yes",
}  # fmt: skip


class Cuts:
    """Kills web and workers of a product, a chosen while from now."""

    def __init__(self, product: Any) -> None:
        self.product, self.timers = product, list[threading.Timer]()
        self.chance = random.Random(20261128)

    def soon(self, most_seconds: float) -> None:
        timer = threading.Timer(self.chance.uniform(0.0, most_seconds), self.now)
        timer.start()
        self.timers.append(timer)

    def now(self) -> None:
        for each in self.product.family()[1:]:
            try:
                if any(word in " ".join(each.cmdline()) for word in KILLED):
                    each.kill()
            except psutil.Error:  # a child of one that was killed before it
                continue


def until_answered(ask: Callable[[], APIResponse]) -> APIResponse:
    """The same again while the portal is away, as a browser does it."""
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            answer = ask()
        except Cut:
            answer = None
        if answer is not None and answer.status < 500:
            return answer
        assert time.monotonic() < deadline, "the portal did not come back"
        time.sleep(0.3)


class Client:
    """Somebody's session at the API."""

    def __init__(self, person: Person) -> None:
        self.person, self.address = person, f"{person.address}/api/v1"
        person.page.goto("about:blank")  # an open page would complain of what it misses meanwhile

    def ask(self, method: str, path: str, **more: Any) -> APIResponse:
        tokens = [each["value"] for each in self.person.context.cookies() if "csrf" in each["name"]]
        headers = {"X-CSRFToken": tokens[0], "Referer": f"{self.person.address}/", "Accept": "application/json"}
        fetch = self.person.context.request.fetch
        return until_answered(
            lambda: fetch(f"{self.address}{path}", method=method, headers=headers, timeout=20_000, **more)
        )

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.text()
        return answer.json()


def answer_in(steps: Any, key: str) -> Any:
    return next(each["answer"] for step in steps for each in step["questions"] if each["key"] == key)


def begun(writer: Client) -> str:
    office = next(each for each in writer.get("/authorities/apply/") if "Lysvik" in each["name"])
    made = writer.ask("POST", "/applications/", data={"authority": office["public_id"], "answers": ANSWERS})
    assert made.status == 201, made.text()
    return str(made.json()["public_id"])


def typed(writer: Client, case: str, cuts: Cuts) -> None:
    """What was answered last stands there, whatever was cut in between."""
    for number in range(16):
        if number == 5:
            cuts.soon(0.4)
        kept = writer.ask("PUT", f"/applications/{case}/questions/purpose/", data={"value": f"Version {number}"})
        assert answer_in(kept.json(), "purpose") == f"Version {number}"
    assert answer_in(writer.get(f"/applications/{case}/questions/"), "purpose") == "Version 15"


def uploaded(writer: Client, case: str, cuts: Cuts) -> None:
    """Every file once, and whole."""
    files = {f"extract{number}.txt": TEXT * 4_000 + str(number).encode() for number in range(3)}
    for number, (name, content) in enumerate(files.items()):
        if number == 1:
            cuts.soon(0.2)
        body = {
            "question": "register_extract",
            "file": {"name": name, "mimeType": "text/plain", "buffer": content},
        }
        sent = writer.ask("POST", f"/applications/{case}/documents/", multipart=body)
        assert sent.status == 201 or sent.json()["code"] == "tenants.document_there", sent.text()
    there = [each for each in writer.get("/documents/?page_size=100")["results"] if each["application"] == case]
    wanted = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert sorted((each["name"], each["sha256"]) for each in there) == sorted(wanted.items())
    for each in there:
        given = writer.ask("GET", f"/documents/{each['public_id']}/content/")
        assert hashlib.sha256(given.body()).hexdigest() == each["sha256"]


def acted(who: Client, case: str, act: str, cuts: Cuts, **body: Any) -> dict[str, Any]:
    """One act with a cut in the middle; a second try may find it done."""
    cuts.soon(0.15)
    done = who.ask("POST", f"/applications/{case}/{act}/", data=body)
    assert done.status in {200, 409, 422}, done.text()
    found: dict[str, Any] = who.get(f"/applications/{case}/")
    return found


def test_a_power_cut_anywhere_loses_and_doubles_nothing(demo, visit):
    writer, cuts = Client(visit(demo).sign_in(WRITER)), Cuts(demo)
    case = begun(writer)
    typed(writer, case, cuts)
    uploaded(writer, case, cuts)
    sent = acted(writer, case, "submit", cuts)
    assert (sent["state"], sent["purpose"]) == ("submitted", "Version 15")

    desk = visit(demo).sign_in(OFFICER)
    desk.go(f"/applications/{case}/")
    verify(desk.page)
    officer = Client(desk)
    decided = acted(officer, case, "approve", cuts, reason="Known to us")
    assert decided["state"] == "approved"
    labels = [step["label"] for step in decided["history"]]
    assert (labels.count("Sent to the authority"), labels.count("Approved")) == (1, 1)
    names = [each["name"] for each in officer.get("/tenants/?page_size=100")["results"]]
    assert names.count(ORGANISATION) == 1
    for timer in cuts.timers:
        timer.join()
    assert len(cuts.timers) == 4
