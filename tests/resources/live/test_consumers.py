from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.db.models import F
from django.test import Client
from django.utils import timezone

from portal.core.events import announce
from resources.live import hub as hub_module
from resources.live import store
from resources.live.consumers import LiveConsumer
from resources.live.grouping import Known, group
from resources.models import Environment
from tenants.models import Membership
from tenants.services.memberships import end_role
from tests.factories.people import make_user
from tests.resources.conftest import make_house
from tests.resources.live.conftest import H100, snapshot

pytestmark = pytest.mark.django_db(transaction=True)


class Stage:
    """A house with two tenants on one cluster, and what happens to it."""

    def __init__(self) -> None:
        self.house = make_house()
        self.other = make_house()
        for tenant, project, name in (
            (self.house.tenant, self.house.project, "acme"), (self.other.tenant, self.other.project, "borg"),
        ):  # fmt: skip
            Environment.objects.create(
                project=project,
                cluster=self.house.cluster,
                external_name=name,
                tenant=tenant,
                authority=tenant.authority,
            )
        self.tenants = {"acme": self.house.tenant.public_id.hex, "borg": self.other.tenant.public_id.hex}

    def read(self, seq=1, busy=0.9):
        known = Known(kinds={H100.lower(): "h100"}, tenants=self.tenants)
        found = group(snapshot(("acme", busy, 0), ("borg", 0.4, 0), ("", 0.0, 0)), known, self.house.cluster.pk, seq)
        store.put(found.reading, found.layout)

    def socket(self, user, topic="capacity", *, session=None):
        client = Client()
        client.force_login(user)
        answer = client.get("/live/ticket/", {"topic": topic})
        assert answer.status_code == 200, answer.content
        cookie = session if session is not None else client.cookies["sessionid"].value
        communicator = WebsocketCommunicator(
            LiveConsumer.as_asgi(), f"/ws/live/?ticket={answer.json()['ticket']}",
            headers=[(b"cookie", f"sessionid={cookie}".encode())],
        )  # fmt: skip
        communicator.client = client
        return communicator


@pytest.fixture
def stage(valkey, monkeypatch):
    fresh = hub_module.Hub()
    monkeypatch.setattr(hub_module, "hub", fresh)
    monkeypatch.setattr("resources.live.consumers.hub", fresh)
    yield Stage()
    for task in fresh._tasks:
        task.cancel()


@pytest.fixture
async def make(stage):
    yield database_sync_to_async(stage.socket, thread_sensitive=True)
    await store.async_valkey().aclose()


async def text(socket):
    message = await socket.receive_output(5)
    while "text" not in message or message["text"] is None:
        message = await socket.receive_output(5)
    return json.loads(message["text"])


async def read(stage, **kwargs):
    await asyncio.to_thread(stage.read, **kwargs)


async def test_member_is_told_of_own_gpus_and_of_nothing_else(stage, make):
    await read(stage)
    socket = await make(stage.house.member)
    assert (await socket.connect())[0]
    found = await text(socket)
    assert list(found["t"]) == [stage.tenants["acme"]]
    assert "whole" not in found
    assert stage.tenants["borg"] not in json.dumps(found)
    await asyncio.sleep(0.3)
    await read(stage, seq=2, busy=0.2)
    moved = await text(socket)
    assert (moved["seq"], moved["t"][stage.tenants["acme"]]["g"]) == (2, {"node-0": [0, 20]})
    await socket.disconnect()


async def test_operator_is_told_of_every_gpu(stage, make):
    await read(stage)
    socket = await make(stage.house.operator)
    await socket.connect()
    found = await text(socket)
    assert found["whole"]["k"]["h100"]["installed"] == 3
    codes = await socket.receive_output(5)
    assert codes["bytes"][4:] == bytes([90, 40, 201])
    await socket.disconnect()


async def test_ticket_of_another_session_is_refused(stage, make):
    socket = await make(stage.house.member, session="stolen")
    assert (await socket.connect())[0]
    assert await socket.receive_output(5) == {"type": "websocket.close", "code": 4401}


async def test_no_ticket_is_refused(stage):
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/ws/live/")
    await socket.connect()
    assert await socket.receive_output(5) == {"type": "websocket.close", "code": 4401}


async def test_changed_rights_close_the_socket_within_three_seconds(stage, make):
    socket = await make(stage.house.member)
    await socket.connect()

    def change():
        type(stage.house.member).objects.filter(pk=stage.house.member.pk).update(epoch=F("epoch") + 1)

    await database_sync_to_async(change)()
    assert await socket.receive_output(3) == {"type": "websocket.close", "code": 4403}


async def test_a_role_that_is_ended_closes_the_socket_and_opens_nothing_more(stage, make):
    house, topic = stage.house, f"tenant:{stage.house.tenant.public_id}"
    socket = await make(house.member, topic)
    await socket.connect()
    row = await Membership.objects.aget(user=house.member)
    await database_sync_to_async(end_role)(acting_user=house.owner, membership=row)
    ended = time.monotonic()
    message = await socket.receive_output(3)
    while message["type"] != "websocket.close":
        message = await socket.receive_output(3 - (time.monotonic() - ended))
    assert message == {"type": "websocket.close", "code": 4403}

    def again():
        page = socket.client.get(f"/tenants/{house.tenant.public_id}/").status_code
        return page, socket.client.get("/live/ticket/", {"topic": topic}).status_code

    assert await database_sync_to_async(again)() == (404, 404)


async def test_a_role_that_ends_by_itself_closes_the_socket_within_three_seconds(stage, make):
    """Nobody bumps anything at that moment: the sweep comes once a minute."""
    until = timezone.now() + timedelta(seconds=2)
    await Membership.objects.filter(user=stage.house.member).aupdate(valid_until=until)
    socket = await make(stage.house.member)
    await socket.connect()
    assert await socket.receive_output(2 + 3) == {"type": "websocket.close", "code": 4403}
    assert timezone.now() >= until


async def test_signing_out_closes_the_socket_within_three_seconds(stage, make):
    socket = await make(stage.house.member)
    await socket.connect()
    await database_sync_to_async(socket.client.logout)()
    assert await socket.receive_output(3) == {"type": "websocket.close", "code": 4403}


async def test_event_of_the_own_tenant_arrives_and_a_foreign_one_does_not(stage, make):
    socket = await make(stage.house.member, "events")
    await socket.connect()
    await asyncio.sleep(0.2)

    def tell():
        announce("quota.changed", topics=[f"tenant.{stage.other.tenant.pk}"], id="foreign")
        announce("quota.changed", topics=[f"tenant.{stage.house.tenant.pk}"], id="own")

    await database_sync_to_async(tell)()
    assert await text(socket) == {"type": "event", "event": "quota.changed", "facts": {"id": "own"}}
    assert await socket.receive_nothing(0.3)
    await socket.disconnect()


def test_ticket_for_a_foreign_tenant_is_not_found(stage, client):
    client.force_login(make_user())
    assert client.get("/live/ticket/", {"topic": f"tenant:{stage.house.tenant.public_id}"}).status_code == 404
    assert client.get("/live/snapshot/", {"topic": f"tenant:{stage.house.tenant.public_id}"}).status_code == 404


def test_snapshot_of_a_member_has_no_foreign_number(stage, client):
    stage.read()
    client.force_login(stage.house.member)
    found = client.get("/live/snapshot/", {"topic": "capacity"}).json()
    (cluster,) = found["clusters"]
    assert list(cluster["t"]) == [stage.tenants["acme"]]
    assert "codes" not in cluster
    assert "whole" not in cluster
