"""The audit record as its readers see it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from portal.core.audit import record
from portal.core.trail import checkpoints, verifying, witnesses
from portal.models import AuditEvent, AuditVerification
from resources.services.inventory import set_cluster_state
from tests.factories.people import make_admin, make_user
from tests.factories.resources import make_cluster, make_operator
from tests.factories.tenants import make_authority, make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.AUDIT_KEY_FILE = tmp_path / "key.pem"
    settings.AUDIT_CHECKPOINT_FILE = tmp_path / "checkpoints.jsonl"


def page(user, query="", path="/audit/"):
    browser = Client()
    browser.force_login(user)
    answer = browser.get(path + query)
    assert answer.status_code == 200
    return answer.content.decode()


def write(act, target, **facts):
    with transaction.atomic():
        return record(act, target=target, **{"acting_user": None, **facts})


@pytest.fixture
def tenant():
    return make_tenant(name="Quillon Institute")


@pytest.fixture
def owner(tenant):
    return make_member(tenant, "owner", make_user(full_name="Olga Owner"))


def test_an_event_has_a_page_in_words_with_its_place_in_the_chain(tenant, owner):
    event = write(
        "tenant.suspended", tenant, acting_user=make_user(full_name="Otto Officer"), tenant=tenant,
        before={"state": "active", "user": owner.pk}, after={"state": "suspended"}, reason="Papers are missing",
    )  # fmt: skip
    connection.check_constraints()
    before = page(owner, path=f"/audit/{event.pk}/")
    assert "Not yet: a checkpoint is made every minute" in before
    checkpoints.seal()
    text = page(owner, path=f"/audit/{event.pk}/")
    for words in ("Tenant suspended", "Otto Officer", "Olga Owner", "Active", "Suspended", "Papers are missing",
                  f"/tenants/{tenant.public_id}/", "Checkpoint 1 of", bytes(event.entry.hash).hex()):  # fmt: skip
        assert words in text


def test_only_what_the_reader_may_open_is_a_link():
    case = make_case()
    decided, begun = write("case.approved", case, authority=case.authority), write("case.begun", case)
    connection.check_constraints()
    address = f"/applications/{case.public_id}/"
    for reader, event, opens in ((make_staff(case.authority, "auditor"), decided, True), (make_admin(), begun, False)):
        for text in (page(reader), page(reader, path=f"/audit/{event.pk}/")):
            assert case.reference in text
            assert (f'href="{address}"' in text) is opens


def test_a_name_that_was_erased_is_not_shown(tenant, owner):
    gone = make_user(full_name="Gone Person")
    event = write("membership.given", tenant, tenant=tenant, after={"user": gone.pk})
    gone.delete()
    connection.check_constraints()
    assert "Gone Person" not in page(owner) + page(owner, path=f"/audit/{event.pk}/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?act=tenant.suspended", {"Tenant suspended"}),
        ("?act=tenant.suspended&act=tenant.reactivated", {"Tenant suspended", "Tenant reactivated"}),
        ("?on=tenants.Tenant", {"Tenant suspended", "Tenant reactivated"}),
        ("?on=resources.Cluster", set()),
        ("?person=otto", {"Tenant suspended"}),
        ("?q=papers", {"Tenant suspended"}),
        ("?until=2000-01-01", set()),
        ("?tab=refused", {"Refused: not this person’s to do"}),
        ("?tab=roles", {"Role given"}),
    ],
)
def test_the_record_is_narrowed(tenant, owner, query, found):
    officer = make_user(full_name="Otto Officer")
    write("tenant.suspended", tenant, acting_user=officer, tenant=tenant, reason="Papers are missing")
    write("tenant.reactivated", tenant, tenant=tenant)
    write("refused.attempt", tenant.authority, tenant=tenant)
    rows = page(owner, query).partition('id="results"')[2]
    labels = {"Tenant suspended", "Tenant reactivated", "Refused: not this person’s to do", "Role given"}
    assert {label for label in labels if f">{label}</a>" in rows} == found


def test_operators_read_what_concerns_their_clusters_and_no_more(tenant):
    cluster, other = make_cluster(name="Here"), make_cluster(name="Elsewhere")
    operator = make_operator(cluster.provider, make_user())
    for each in (cluster, other):
        set_cluster_state(acting_user=operator, cluster=each, to="maintenance")
    write("tenant.suspended", tenant, tenant=tenant)
    text = page(operator)
    assert (">Here<" in text, "Elsewhere" in text, "Quillon" in text) == (True, False, False)
    assert "Cluster in maintenance" in text


def test_the_panel_says_what_is_known(tenant, owner):
    assert "has not been checked yet" in page(owner)
    assert "No checkpoint has been made yet" in page(owner)
    connection.check_constraints()
    checkpoints.seal()
    witnesses.hand_over()
    verifying.keep(verifying.verify())
    text = page(owner)
    assert "is as it was written, in its place, and nothing is missing" in text
    assert "compared with checkpoint 1 of" in text
    assert "No checkpoint" not in text


def test_a_fault_is_told_to_those_whose_record_it_is(tenant, owner):
    other = make_member(make_tenant(), "owner")
    AuditVerification.objects.create(
        until=timezone.now(), entries=2, seconds=0.1,
        faults=[{"stream": f"tenant:{tenant.pk}", "seq": 2, "code": "edited", "other": 0}],
    )  # fmt: skip
    sentence = "In Quillon Institute entry 2 was changed"
    auditor, admin = make_staff(tenant.authority, "auditor"), make_admin()
    foreign = make_staff(make_authority(), "auditor")
    assert {user for user in (owner, auditor, admin, other, foreign) if sentence in page(user)} == {
        owner, auditor, admin,
    }  # fmt: skip


def test_a_witness_that_cannot_be_told_is_shown_to_administrators(tenant, owner):
    def broken(_sealed):
        raise OSError("no route")

    write("tenant.suspended", tenant, tenant=tenant)
    connection.check_constraints()
    checkpoints.seal()
    witnesses.tell("syslog", broken)
    assert "Witness “syslog” knows the checkpoints up to 0: no route" in page(make_admin())
    assert "no route" not in page(owner)
    told = []
    assert witnesses.tell("syslog", told.append).number == 1
    assert [each.facts["number"] for each in told] == [1]
    assert AuditEvent.objects.exists()
