from __future__ import annotations

import pytest
from channels.layers import BaseChannelLayer
from django.db import transaction

from portal.core import events
from portal.core.events import announce, group_of

pytestmark = pytest.mark.django_db


class Layer:
    def __init__(self) -> None:
        self.sent = []

    async def group_send(self, group, message):
        self.sent.append((group, message))


@pytest.fixture
def layer(monkeypatch):
    layer = Layer()
    monkeypatch.setattr(events, "get_channel_layer", lambda: layer)
    return layer


def test_announce_sends_after_commit_to_each_topic_once(layer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        announce("request.approved", topics=["tenant.1", "authority.2", "tenant.1"], request="x")
        assert layer.sent == []
    message = {"type": "portal.event", "event": "request.approved", "facts": {"request": "x"}}
    assert layer.sent == [
        ("events.tenant.1", message | {"topic": "tenant.1"}),
        ("events.authority.2", message | {"topic": "authority.2"}),
    ]


def test_announce_in_an_act_that_fails_sends_nothing(layer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        announce("request.approved", topics=["tenant.1"])
        raise ZeroDivisionError
    assert layer.sent == []


def test_announce_to_a_dead_broker_is_forgiven(monkeypatch, django_capture_on_commit_callbacks):
    class Dead:
        async def group_send(self, group, message):
            raise ConnectionError("gone")

    monkeypatch.setattr(events, "get_channel_layer", Dead)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        announce("request.approved", topics=["tenant.1"])
    assert len(callbacks) == 1


@pytest.mark.parametrize("topic", ["tenant.1", "tenant." + "9" * 200, "Ünï.code", "with space", "a/b"])
def test_group_of_any_topic_is_a_name_that_layers_take(topic):
    assert BaseChannelLayer().require_valid_group_name(group_of(topic))


def test_group_of_different_topics_differs():
    topics = ["tenant.1", "tenant.11", "ü", "ü ", "x" * 81, "x" * 82]
    assert len({group_of(topic) for topic in topics}) == len(topics)
