"""Telling open pages that something rare has happened, after it is really so.

Ticks of numbers travel another way (resources.live); the channel layer carries only events such as a decision or
a changed membership. An event says what happened to which public id, never the content: pages fetch that again
through their own door.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import partial
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = structlog.get_logger(__name__)


LONGEST_TOPIC = 80


def group_of(topic: str) -> str:
    """The channel-layer group of a topic ("tenant.12"); layers allow only short ASCII names."""
    if len(topic) <= LONGEST_TOPIC and topic.isascii() and all(c.isalnum() or c in "-_." for c in topic):
        return f"events.{topic}"
    return "events." + hashlib.sha256(topic.encode()).hexdigest()[:40]


def announce(event: str, *, topics: Iterable[str], **facts: Any) -> None:
    """Send ``event`` ("request.approved") to everybody who listens to one of ``topics``, once this transaction commits.

    ``facts`` are JSON values that every listener of every topic may know: ids, never contents. A dead broker is
    logged and forgiven: pages catch up by themselves.
    """
    for topic in dict.fromkeys(topics):
        transaction.on_commit(partial(_send, event, topic, facts), robust=True)


def _send(event: str, topic: str, facts: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    message = {"type": "portal.event", "event": event, "topic": topic, "facts": facts}
    try:
        async_to_sync(layer.group_send)(group_of(topic), message)
    except Exception as error:  # noqa: BLE001 - whatever the layer raises, the decision is already saved
        log.warning("event_not_sent", portal_event=event, topic=topic, error=repr(error))
