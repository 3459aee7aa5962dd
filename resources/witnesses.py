"""Witnesses of the audit trail that are reached over a network: a syslog server, and an address that takes a POST."""

from __future__ import annotations

import json
import socket
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings

from portal.core import outbound
from portal.core.addresses import OutboundError
from portal.core.trail.checkpoints import Sealed
from portal.core.trail.formats import INFORMATIONAL, syslog_message
from portal.core.trail.witnesses import witnesses

SECONDS = 5.0


def register() -> None:
    """Called once, from ``AppConfig.ready()``; what the installation does not name is not told."""
    if settings.AUDIT_SYSLOG:
        witnesses.add("syslog", ("syslog", to_syslog))
    if settings.AUDIT_WITNESS_URL:
        witnesses.add("http", ("http", to_http))


def to_http(sealed: Sealed) -> None:
    """POST the checkpoint; any answer of the 200s says that it is kept there."""
    answer = outbound.request(
        "POST", settings.AUDIT_WITNESS_URL, deadline_seconds=SECONDS, networks=settings.ALLOWED_NETWORKS,
        body=sealed.line().encode(), largest_body=1 << 16,
    )  # fmt: skip
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise OutboundError("refused", f"The witness answered with status {answer.status}.")


def to_syslog(sealed: Sealed) -> None:
    """Send the signed statement; what changed is left out, since a message is short and the root speaks for it."""
    facts = sealed.facts
    data = f'[{settings.AUDIT_SD_ID} checkpoint="{facts["number"]}" root="{facts["root"]}" key="{facts["key"]}"]'
    text = json.dumps({"statement": sealed.statement, "signature": sealed.signature.hex()})
    message = syslog_message(INFORMATIONAL, facts["at"], "checkpoint", data, text).encode()
    where = urlsplit(settings.AUDIT_SYSLOG)
    if where.scheme == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(SECONDS)
            line.connect(where.path)
            line.send(message)
        return
    address = (where.hostname or "localhost", where.port or 514)
    if where.scheme == "tcp":
        with socket.create_connection(address, SECONDS) as line:
            line.sendall(f"{len(message)} ".encode() + message)  # RFC 6587, 3.4.1: the length, then the message
        return
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(SECONDS)
        line.sendto(message, address)
