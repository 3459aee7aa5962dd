"""A known secret is put in as a credential, everything is made to happen with it, and then it is looked for."""

from __future__ import annotations

import base64
import json
import logging
import subprocess
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.core import tasks
from portal.embedded.binaries import postgres_bin
from portal.models import AuditEvent
from portal.settings import logs
from resources.models import ClusterCredential
from resources.services import samples
from tests.factories.people import make_admin
from tests.resources import wire
from tests.resources.conftest import make_house
from tests.resources.wire import Wire

CANARY = "canary-3f9d-tells-on-us"


@pytest.fixture
def heard():
    """Everything that is logged, at every level, as both kinds of line."""
    out = StringIO()
    handlers = []
    for readable in (True, False):
        handler = logging.StreamHandler(out)
        config = logs.configure(machine_readable=readable)["formatters"]["line"]
        formatter = config.pop("()")
        handler.setFormatter(formatter(**config))
        handlers.append(handler)
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    for handler in handlers:
        root.addHandler(handler)
    yield out
    root.setLevel(level)
    for handler in handlers:
        root.removeHandler(handler)


def dump() -> dict[str, str]:
    """The database as text: what Django writes, every column of every table, and pg_dump."""
    found, columns, server = StringIO(), StringIO(), connection.settings_dict
    call_command("dumpdata", stdout=found)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            columns.write("\n".join(row[0] for row in cursor.fetchall()))
    facts = {"PGHOST": server["HOST"], "PGPORT": server["PORT"], "PGUSER": server["USER"],
             "PGPASSWORD": server["PASSWORD"], "PGDATABASE": server["NAME"]}  # fmt: skip
    known = {name: str(value) for name, value in facts.items() if value}
    pg_dump = postgres_bin() / "pg_dump"
    written = subprocess.run(
        [pg_dump, "--enable-row-security"], env=known, capture_output=True, check=True, text=True
    ).stdout
    return {"dumpdata": found.getvalue(), "columns": columns.getvalue(), "pg_dump": written}


@pytest.mark.django_db(transaction=True)
def test_the_canary_is_found_nowhere(heard, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.current_app, "send_task", lambda name, **facts: sent.append((name, facts)))
    with Wire(wire.answers(f"no metrics, but {CANARY}", "500 No")) as source:
        house = make_house(
            collector_settings={"urls": [source.url]}, driver="fake", driver_settings={"url": source.url}
        )
        answers = list(say(house))
        samples.read(house.cluster, 1.0)
        samples.read(broken(house), 1.0)
    assert f"Authorization: Bearer {CANARY}" in source.asked[-1]
    assert ClusterCredential.objects.count() == 2
    pages = "\n".join(answer.content.decode() + str(answer.headers) for answer in answers)
    assert {answer.status_code for answer in answers} >= {200, 204, 302, 404, 422}
    trail = json.dumps(list(AuditEvent.objects.values()), default=str)
    places = {"pages and answers": pages, "log": heard.getvalue(), "trail": trail, "tasks": repr(sent), **dump()}
    assert [name for name, text in places.items() if len(text) < 50] == []
    forms = (CANARY, CANARY.encode().hex(), base64.b64encode(CANARY.encode()).decode()[:24])
    assert [name for name, text in places.items() if any(form in text for form in forms)] == []


def say(house):
    """Everybody looks at everything around it; somebody does it wrongly."""
    operator, others = Client(raise_request_exception=False), [house.owner, house.approver, make_admin()]
    operator.force_login(house.operator)
    cluster = {"public_id": house.cluster.public_id}
    page = {purpose: reverse("cluster-credential", kwargs={**cluster, "purpose": purpose}) for purpose in
            ("source_token", "engine_token", "source_ca", "none")}  # fmt: skip
    api = reverse("api-cluster-credential", kwargs={**cluster, "purpose": "engine_token"})
    yield operator.post(page["source_token"], {"secret": CANARY})
    yield operator.put(api, {"secret": CANARY}, content_type="application/json")
    yield operator.put(api, {"secret": f"{CANARY} with words"}, content_type="application/json")
    yield operator.put(api, {"secret": CANARY, "more": 1, "purpose": [CANARY]}, content_type="text/plain")
    yield operator.post(page["source_token"], {"secret": f"{CANARY} with words"})
    yield operator.post(page["none"], {"secret": CANARY})
    for client in (operator, *(Client(raise_request_exception=False) for _ in others)):
        if client is not operator:
            client.force_login(others.pop())
        yield client.get(page["source_token"])
        yield client.get(reverse("cluster", kwargs=cluster))
        yield client.get(reverse("cluster-edit", kwargs=cluster))
        yield client.get(reverse("api-cluster-credentials", kwargs=cluster))
        yield client.get(reverse("api-cluster-detail", kwargs=cluster))
        yield client.get(reverse("audit"))
        yield client.get(reverse("api-audit-list"))
        yield client.get(reverse("audit") + "?format=csv")
    yield operator.post(reverse("cluster-test", kwargs=cluster))
    yield operator.post(reverse("api-cluster-test", kwargs=cluster))


def broken(house):
    """The same cluster with a source that is gone, so that the error names what it can."""
    house.cluster.collector_settings = {"urls": ["http://127.0.0.1:1/metrics"]}
    return house.cluster


@pytest.mark.django_db
def test_a_fault_in_the_middle_of_setting_it_tells_nothing(heard, monkeypatch):
    house = make_house(collector_settings={"urls": ["https://one.example/"]})
    client = Client(raise_request_exception=False)
    client.force_login(house.operator)

    def fail(text, identity):
        raise RuntimeError("the cipher is gone")

    monkeypatch.setattr("resources.services.credentials.seal", fail)
    path = reverse("cluster-credential", kwargs={"public_id": house.cluster.public_id, "purpose": "source_token"})
    answer = client.post(path, {"secret": CANARY})
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert "the cipher is gone" in heard.getvalue()
    assert CANARY not in heard.getvalue()
