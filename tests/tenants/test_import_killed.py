"""A real worker of the running product is killed in the middle of an import: nothing is lost, nothing doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from tests.product import PROJECT, Product, open_folder

pytestmark = [pytest.mark.product, pytest.mark.xdist_group("product")]
ROWS = int(os.environ.get("IMPORT_ROWS", "600"))
BEGIN = """
import json, sys
from django.utils import timezone
from portal.core.isolation import as_worker
from portal.core import operation_work
from portal.models import User
from tenants.models import Authority
from tenants.services import imports
from tenants.services.memberships import give_role
from tenants.services.people import create_person
with as_worker():
    office = Authority.objects.create(name="Moving Office", slug="moving", country="LU", contact_email="a@b.example")
    officer = create_person(acting_user=None, email="officer@moving.example", full_name="Officer")
    give_role(acting_user=None, anchor=office, user=officer, role="onboarding_officer")
    lines = ["name,legal_id,kind,country,contact_email,data_class,residency,owner_email,owner_name"]
    lines += [f"Site {n},B {100000 + n},industry,LU,s{n}@x.example,internal,LU,o{n}@x.example,Owner {n}" for n in range(%d)]
    batch = imports.upload_import(acting_user=officer, authority=office, name="all.csv", content="\\n".join(lines).encode())
    began = timezone.now()
    trial = imports.try_import(acting_user=officer, batch=batch)
    while trial.is_open:
        operation_work.pause(); trial.refresh_from_db()
    run = imports.run_import(acting_user=officer, batch=batch)
    print(json.dumps({"trial": trial.tally, "seconds": (trial.ended_at - began).total_seconds(), "run": run.pk}))
"""
LOOK = """
import json
from portal.core.isolation import as_worker
from portal.models import Operation, OperationLine, User
from tenants.models import Membership, Tenant, Recertification
with as_worker():
    row = Operation.objects.get(pk=%d)
    lines = OperationLine.objects.filter(operation=row, place__gt=0)
    print(json.dumps({"state": row.state, "done": row.done, "tally": row.tally, "fence": row.fence,
        "tenants": Tenant.objects.count(), "ids": Tenant.objects.values("legal_id").distinct().count(),
        "owners": Membership.objects.count(), "people": User.objects.filter(email__endswith="@x.example").count(),
        "days": Recertification.objects.count(), "lines": lines.count(), "places": lines.values("place").distinct().count(),
        "took": (row.ended_at - row.started_at).total_seconds() if row.ended_at else None}))
"""
AGAIN = """
import json
from portal.core.isolation import as_worker
from portal.core import operation_work
from portal.models import AuditEvent
from tenants.models import Membership, Tenant, TenantImport
from tenants.services import imports
def all():
    kinds = (Tenant, Membership)
    return {k.__name__: list(k._base_manager.order_by("pk").values()) for k in kinds}
with as_worker():
    batch = TenantImport.objects.select_related("authority", "added_by").get()
    before = all(), AuditEvent.objects.filter(act="tenant.imported").count()
    run = imports.run_import(acting_user=batch.added_by, batch=batch)
    while run.is_open:
        operation_work.pause(); run.refresh_from_db()
    after = all(), AuditEvent.objects.filter(act="tenant.imported").count()
    print(json.dumps({"same": before == after, "tally": run.tally, "took": (run.ended_at - run.started_at).total_seconds()}))
"""


def told(product, script):
    """What a script says that runs beside the product, on its data."""
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script], cwd=PROJECT, env=product.env,
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-3000:]
    return json.loads(answer.stdout.strip().splitlines()[-1])


def kill_worker(product):
    for each in product.family():
        if "worker@" in " ".join(each.cmdline()):
            each.kill()
            return
    raise AssertionError("no worker runs")


def test_import_survives_kill_9_of_its_worker_and_a_second_run_changes_nothing():
    with open_folder() as var:
        product = Product(var, DEMO="0")
        try:
            product.start().wait_for("Ctrl-C ends everything.", seconds=300)
            began = told(product, BEGIN % ROWS)
            assert began["trial"] == {"new": ROWS}
            seen = until(product, began["run"], lambda now: now["done"] >= ROWS // 10)
            assert seen["state"] == "running"
            kill_worker(product)
            after = until(product, began["run"], lambda now: now["state"] != "running")
            assert (after["state"], after["done"], after["tally"]) == ("done", ROWS, {"new": ROWS})
            counted = {key: after[key] for key in ("tenants", "ids", "owners", "people", "days", "lines", "places")}
            assert set(counted.values()) == {ROWS}, counted
            assert after["fence"] >= 2, "nobody took it over: the kill came too late to show anything"
            again = told(product, AGAIN)
            assert (again["same"], again["tally"]) == (True, {"same": ROWS})
            print(
                json.dumps({"rows": ROWS, "trial_seconds": began["seconds"], **after, "again_seconds": again["took"]})
            )
        finally:
            if product.process is not None:
                product.stop()


def until(product, pk, enough, seconds=1500):
    deadline = time.monotonic() + seconds
    while True:
        now = told(product, LOOK % pk)
        if enough(now):
            return now
        assert time.monotonic() < deadline, now
        time.sleep(1)
