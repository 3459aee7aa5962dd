"""One event of the trail as other systems read it: JSON lines, OCSF, CEF, RFC 5424. No event ever takes two lines.

People are referenced by number, never by name: what has left the house cannot be erased any more.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

VENDOR, PRODUCT, VERSION = "portal", "portal", "1"
REFUSED = "refused."
BREAKS = re.compile("[\\x00-\\x1f\\x7f\\x85\\u2028\\u2029]+")
"""Control characters, and everything that some reader takes for the end of a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the chain with its event. ``address`` is empty unless the reader may have it."""

    position: int
    stream: str
    seq: int
    prev: bytes
    hash: bytes
    payload: str
    address: str = ""

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.payload)
        return event


def json_lines(line: Line) -> str:
    """The entry exactly as it was chained: ``payload`` is the text whose hash is in the chain."""
    return json.dumps(
        {
            "cursor": line.position, "stream": line.stream, "seq": line.seq, "prev": line.prev.hex(),
            "hash": line.hash.hex(), "payload": line.payload,
        },
    )  # fmt: skip


AUTHENTICATION, ENTITY = 3002, 3004
"""Classes of OCSF 1.3: Authentication, and Entity Management."""
LOGON, OTHER = 1, 99
ENTITY_ACTIVITY = {"created": 1, "registered": 1, "opened": 1, "given": 1, "drafted": 1, "changed": 3, "ended": 4}
SIGN_INS = {"session.opened", "refused.sign_in", "refused.second_factor"}


def ocsf(line: Line) -> str:
    """An event of the Open Cybersecurity Schema Framework, https://schema.ocsf.io/1.3.0."""
    event = line.event
    refused = is_refusal(event["act"])
    signs_in = event["act"] in SIGN_INS
    kind = AUTHENTICATION if signs_in else ENTITY
    activity = LOGON if signs_in else ENTITY_ACTIVITY.get(event["act"].rpartition(".")[2], OTHER)
    person = event["target_id"] if event["target_type"] == "portal.User" else event["actor"]
    told: dict[str, Any] = {
        "class_uid": kind, "category_uid": 3, "activity_id": activity, "type_uid": kind * 100 + activity,
        "time": milliseconds(event["at"]), "severity_id": 3 if refused else 1, "status_id": 2 if refused else 1,
        "message": event["reason"] or event["act"],
        "metadata": {
            "version": "1.3.0", "product": {"name": PRODUCT, "vendor_name": VENDOR}, "uid": line.hash.hex(),
            "sequence": line.seq, "log_name": line.stream, "event_code": event["act"],
        },
        "actor": {"user": {"uid": str(event["actor"])}} if event["actor"] else {"app_name": PRODUCT},
        "unmapped": {
            "cursor": line.position, "tenant": event["tenant"], "authority": event["authority"],
            "provider": event["provider"], "source": event["source"], "before": event["before"],
            "after": event["after"],
        },
    }  # fmt: skip
    if activity == OTHER:
        told["activity_name"] = event["act"]
    if signs_in:
        told["user"] = {"uid": str(person or 0)}
    else:
        told["entity"] = {"type": event["target_type"], "uid": target_of(event), "name": event["target_name"]}
    if line.address:
        told["src_endpoint"] = {"ip": line.address}
    return json.dumps(told)


def cef(line: Line) -> str:
    """ArcSight's Common Event Format, revision 26: a header with its own escapes, then keys and values with others."""
    event = line.event
    refused = is_refusal(event["act"])
    head = ["CEF:0", VENDOR, PRODUCT, VERSION, event["act"], event["act"].replace(".", " "), "6" if refused else "3"]
    values = {
        "rt": milliseconds(event["at"]), "externalId": line.position, "act": event["act"],
        "outcome": "failure" if refused else "success", "suid": event["actor"] or "", "src": line.address,
        "cs1Label": "stream", "cs1": line.stream, "cn1Label": "entry", "cn1": line.seq,
        "cs2Label": "target", "cs2": f"{event['target_type']} {target_of(event)}",
        "cs3Label": "targetName", "cs3": event["target_name"], "cs4Label": "before", "cs4": plain_json(event["before"]),
        "cs5Label": "after", "cs5": plain_json(event["after"]), "cs6Label": "hash", "cs6": line.hash.hex(),
        "msg": event["reason"], "requestMethod": event["source"],
    }  # fmt: skip
    extension = " ".join(f"{key}={_cef_value(value)}" for key, value in values.items() if value != "")
    return "|".join([head[0], *(_cef_head(word) for word in head[1:]), extension])


def _cef_head(value: str) -> str:
    return BREAKS.sub(" ", value).replace("\\", "\\\\").replace("|", "\\|")


def _cef_value(value: object) -> str:
    """Line breaks as CEF writes them in values: a backslash and an n."""
    text = str(value).replace("\\", "\\\\").replace("=", "\\=").replace("\r\n", "\n").replace("\r", "\n")
    return "\\n".join(BREAKS.sub(" ", part) for part in text.split("\n"))


FACILITY_AUDIT, WARNING, INFORMATIONAL = 13, 4, 6


def syslog(line: Line) -> str:
    """A syslog message of RFC 5424: structured data with its escapes, and the reason as text."""
    event = line.event
    severity = WARNING if is_refusal(event["act"]) else INFORMATIONAL
    facts = {
        "stream": line.stream, "entry": line.seq, "cursor": line.position, "hash": line.hash.hex(),
        "act": event["act"], "actor": event["actor"] or "", "source": event["source"], "address": line.address,
        "targetType": event["target_type"], "target": target_of(event), "targetName": event["target_name"],
        "before": plain_json(event["before"]), "after": plain_json(event["after"]),
    }  # fmt: skip
    data = " ".join(f'{name}="{_sd_value(value)}"' for name, value in facts.items() if value != "")
    return syslog_message(
        severity, event["at"], event["act"], f"[{settings.AUDIT_SD_ID} {data}]", event["reason"] or event["act"]
    )


def syslog_message(severity: int, at: str, kind: str, data: str, text: str) -> str:
    """The frame of every syslog message; ``data`` is structured data that is escaped already."""
    head = (
        f"<{FACILITY_AUDIT * 8 + severity}>1 {at} {_printable(platform.node(), 255)} {PRODUCT} - {_printable(kind, 32)}"
    )
    return f"{head} {data} \ufeff{BREAKS.sub(' ', text)}"


def _sd_value(value: object) -> str:
    text = BREAKS.sub(" ", str(value))
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _printable(text: str, most: int) -> str:
    return re.sub(r"[^!-~]", "-", text)[:most] or "-"


def is_refusal(act: str) -> bool:
    return act.startswith(REFUSED)


def target_of(event: dict[str, Any]) -> str:
    return str(event["target"] or event["target_id"])


def milliseconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp() * 1000)


def plain_json(value: object) -> str:
    return json.dumps(value, separators=(",", ":")) if value else ""


FORMATS: dict[str, tuple[str, Callable[[Line], str]]] = {
    "jsonl": ("application/x-ndjson", json_lines),
    "ocsf": ("application/x-ndjson", ocsf),
    "cef": ("text/plain; charset=utf-8", cef),
    "syslog": ("text/plain; charset=utf-8", syslog),
}
"""Name → (media type, one line of it)."""
