"""Every format says what happened in one line, whatever somebody wrote into it, and is read back as it was."""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from portal.core import audit
from portal.core.audit import record
from portal.core.trail import formats, reading
from portal.models import AuditEntry, AuditEvent
from tests.portal.core.ground import make_member, make_person, make_staff, make_tenant
from tests.portal.core.trail.conftest import chained, write

pytestmark = pytest.mark.django_db

HOSTILE = [
    "plain",
    "line\nbreak",
    "carriage\r\nreturn\rand more",
    "separators\u2028and\u2029next\x85line",
    'quote " bracket ] back\\slash',
    "pipe | equals = and act=forged",
    "CEF:0|x|y|1|1|forged|10| msg=x",
    '"] <13>1 2026-01-01T00:00:00Z host app - - - forged',
    "nul\x01bell\x07escape\x1b[31m",
    "Ελλάδα, Łódź, 東京, 🇪🇺, \u202eright to left",
    "ends with a backslash\\",
    "${jndi:ldap://x}",
    " ",
]
CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


def line_of(text):
    tenant = make_tenant(name=text[:100])
    with transaction.atomic():
        record(
            "tenant.changed", acting_user=make_person(), target=tenant, tenant=tenant, reason=text,
            before={"name": text}, after={text[:20]: text},
        )  # fmt: skip
    chained()
    return next(reading.lines(addresses=True))


def flat(text):
    """What formats of one line keep of a text: its control characters and line ends become a space."""
    return re.sub(CONTROL.pattern + "+", " ", text)


@pytest.mark.parametrize("kind", formats.FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_an_event_is_one_line_without_control_characters(text, kind):
    written = formats.FORMATS[kind][1](line_of(text))
    assert CONTROL.findall(written) == []
    assert written.splitlines() == [written]


@pytest.mark.parametrize("text", HOSTILE)
def test_json_lines_keep_the_exact_text_that_was_hashed(text):
    told = json.loads(formats.json_lines(line_of(text)))
    entry = AuditEntry.objects.get()
    assert told["payload"] == entry.payload
    assert (told["cursor"], told["stream"], told["seq"], told["hash"]) == (
        entry.pk, entry.stream, 1, bytes(entry.hash).hex(),
    )  # fmt: skip
    assert json.loads(told["payload"])["reason"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_ocsf_has_what_its_class_requires(text):
    told = json.loads(formats.ocsf(line_of(text)))
    required = {"activity_id", "category_uid", "class_uid", "entity", "metadata", "severity_id", "time", "type_uid"}
    assert required <= told.keys()
    assert told["type_uid"] == told["class_uid"] * 100 + told["activity_id"] == 300403
    assert (told["message"], told["entity"]["name"], told["unmapped"]["before"]) == (text, text[:100], {"name": text})
    assert {"product", "version"} <= told["metadata"].keys()


def read_cef(line):
    """Header and extension as the specification reads them."""
    head, rest, word = [], line, re.compile(r"((?:[^\\|]|\\[\\|])*)\|")
    for _ in range(7):
        found = word.match(rest)
        head.append(re.sub(r"\\(.)", r"\1", found[1]))
        rest = rest[found.end() :]
    pairs = re.findall(r"(\w+)=((?:[^\\=]|\\[\\=nr])*?)(?= \w+=|$)", rest)
    unescape = {"\\\\": "\\", "\\=": "=", "\\n": "\n", "\\r": "\r"}
    return head, {key: re.sub(r"\\[\\=nr]", lambda m: unescape[m[0]], value) for key, value in pairs}


@pytest.mark.parametrize("text", HOSTILE)
def test_cef_is_read_back_as_it_was(text):
    head, facts = read_cef(formats.cef(line_of(text)))
    assert head == ["CEF:0", "portal", "portal", "1", "tenant.changed", "tenant changed", "3"]
    wanted = "\n".join(flat(part) for part in re.split(r"\r\n|\r|\n", text))
    assert (facts["msg"], facts["act"], facts["outcome"]) == (wanted, "tenant.changed", "success")
    assert json.loads(facts["cs4"]) == {"name": text}


SYSLOG = re.compile(
    r'<(\d+)>1 (\S+) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (\[\S+(?: \w+="(?:[^"\\\]]|\\["\\\]])*")*\]) \ufeff(.*)'
)


@pytest.mark.parametrize("text", HOSTILE)
def test_syslog_is_read_back_as_it_was(text):
    found = SYSLOG.fullmatch(formats.syslog(line_of(text)))
    assert found is not None
    assert int(found[1]) == 13 * 8 + 6
    facts = dict(re.findall(r'(\w+)="((?:[^"\\\]]|\\["\\\]])*)"', found[7]))
    facts = {name: re.sub(r'\\(["\\\]])', r"\1", value) for name, value in facts.items()}
    assert (facts["act"], facts["targetName"]) == ("tenant.changed", flat(text[:100]))
    assert json.loads(facts["before"]) == {"name": text}
    assert found[8] == flat(text)


@pytest.mark.parametrize(
    ("kind", "seen"), [("ocsf", '"status_id": 2'), ("cef", "outcome=failure"), ("syslog", "<108>1 ")]
)
def test_a_refusal_is_told_as_one(kind, seen):
    with transaction.atomic():
        record("refused.sign_in", acting_user=None, target=None, after={"known": False})
    chained()
    assert seen in formats.FORMATS[kind][1](next(reading.lines()))


def test_people_and_addresses_stay_in_the_house():
    token = audit.address.set("192.0.2.7")
    person = make_person(full_name="Ada Byron")
    with transaction.atomic():
        record("person.created", acting_user=person, target=person)
    audit.address.reset(token)
    chained()
    for _kind, write_line in formats.FORMATS.values():
        told = "".join(map(write_line, reading.lines()))
        assert "Ada" not in told
        assert person.email not in told
        assert "192.0.2.7" not in told
    assert "192.0.2.7" in formats.cef(next(reading.lines(addresses=True)))


def test_an_export_goes_on_where_the_last_ended(tmp_path, capsys):
    tenant, other = make_tenant(), make_tenant()
    file, cursor = tmp_path / "audit.jsonl", tmp_path / "cursor"
    write(tenant, 3)
    call_command("audit_export", output=file, cursor=cursor)
    assert len(file.read_text().splitlines()) == 4
    call_command("audit_export", output=file, cursor=cursor)
    write(other, 2)
    call_command("audit_export", output=file, cursor=cursor)
    told = [json.loads(line) for line in file.read_text().splitlines()]
    entries = [line for line in told if "cursor" in line]
    assert [line["cursor"] for line in entries] == list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    assert int(cursor.read_text()) == entries[-1]["cursor"]
    call_command("audit_verify", export=[file])
    assert "5 entries in 2 streams" in capsys.readouterr().out
    call_command("audit_export", format="cef", tenant=other.slug, after=0)
    assert capsys.readouterr().out.count("CEF:0|") == 2


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.mark.parametrize("kind", formats.FORMATS)
def test_page_and_api_export_what_the_reader_sees_and_no_more(kind):
    mine, foreign = make_tenant(name="Mine Institute"), make_tenant(name="Foreign Institute")
    write(mine, 3)
    write(mine, 1, act="tenant.suspended")
    write(foreign, 2)
    owner, auditor = make_member(mine), make_staff(foreign.authority, "auditor")
    page = browser_of(owner).get("/audit/", {"format": kind, "act": "tenant.suspended"})
    text = page.content.decode()
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert ("Mine Institute" in text, "Foreign Institute" in text) == (True, False)
    assert len(text.splitlines()) == (2 if kind == "jsonl" else 1)
    api = browser_of(auditor).get("/api/v1/audit/export/", {"as": kind, "most": 1})
    assert ("Mine Institute" in api.content.decode(), "Foreign Institute" in api.content.decode()) == (False, True)
    rest = browser_of(auditor).get("/api/v1/audit/export/", {"as": kind, "after": api["X-Next-Cursor"]})
    assert len(rest.content.decode().splitlines()) == 1
    end = browser_of(auditor).get("/api/v1/audit/export/", {"as": kind, "after": rest["X-Next-Cursor"]})
    assert (end.content, end["X-Next-Cursor"]) == (b"", rest["X-Next-Cursor"])


@pytest.mark.parametrize("query", ["as=xml", "after=-1", "after=x", "most=0", "most=999999"])
def test_an_export_nobody_can_make_is_refused_in_words(query):
    answer = browser_of(make_member(make_tenant())).get(f"/api/v1/audit/export/?{query}")
    assert answer.status_code == 422
    assert AuditEvent.objects.filter(act__startswith="refused").count() == 0
