"""Leaving: what is said before is what happens, two people where policy wants two, and nothing personal stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from portal.core.errors import Conflict, Refused, UnlawfulMove
from portal.core.isolation import as_worker
from portal.core.registry import Effect
from portal.models import AuditEvent, Notification, Operation, User
from resources.models import Environment, Grant, Quota, QuotaRequest, RequestAnswer
from resources.services.decisions import approve_request, ask_for_changes
from resources.services.requests import answer_request
from tenants.errors import FourEyes
from tenants.models import ApiToken, CaseDocument, Departure, Membership, OnboardingCase, Project, Tenant
from tenants.queries.leaving import departure_of, effects, grouped
from tenants.services import leaving
from tenants.services.admission import approve_case
from tenants.services.documents import attach_document
from tenants.services.leaving import ask_to_leave, begin_leaving, confirm_leaving, drop_leaving
from tenants.services.people import add_member
from tenants.services.tokens import create_token
from tests.factories.people import make_user
from tests.factories.resources import make_draft, make_pool, make_request, make_share
from tests.factories.tenants import (
    make_case,
    make_check,
    make_member,
    make_policy,
    make_project,
    make_staff,
    make_tenant,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path


class House:
    """A tenant that came by an application, with everything a tenant can have."""

    def __init__(self) -> None:
        person = make_user("zora.quillfeather@quill.example", full_name="Zora Quillfeather")
        self.case = make_case("draft", person, organisation="Quill Works", purpose="Secretquill purpose",
                              contact_email="desk@quill.example")  # fmt: skip
        self.authority = self.case.authority
        self.officer, self.second = make_staff(self.authority), make_staff(self.authority)
        self.approver = make_staff(self.authority, "quota_approver")
        attach_document(acting_user=person, case=self.case, name="quill.txt", content=b"Of Zora Quillfeather")
        OnboardingCase.objects.filter(pk=self.case.pk).update(
            state="in_review", submitted_at=timezone.now(), submitted_by=person
        )
        self.case.refresh_from_db()
        make_check(self.case)
        approve_case(acting_user=self.officer, case=self.case)
        self.tenant, self.owner = Tenant.objects.get(), person
        add_member(
            acting_user=self.owner, tenant=self.tenant, email="mo@quill.example", role="member",
            full_name="Mo Quillson", site="https://portal.test/",
        )  # fmt: skip
        self.both = make_user("both@else.example", full_name="Bo Elsewhere")
        make_member(self.tenant, "member", self.both)
        make_member(make_tenant(), "member", self.both)
        self.project = make_project(self.tenant, purpose="Secretquill project")
        self.pool = make_pool(100)
        make_share(self.pool, self.authority)
        approve_request(acting_user=self.approver, request=self.asked(8))
        make_draft(self.project, self.pool, self.owner)
        create_token(
            acting_user=self.owner, name="quill robot", place=self.tenant, scopes=[], expires_at=timezone.now() + DAY
        )

    def asked(self, gpus):
        return make_request(self.project, self.pool, self.owner, gpus)

    def now(self):
        self.tenant.refresh_from_db()
        return self.tenant.state

    def counts(self):
        """What the effects speak of, counted in the tables."""
        return {
            "quotas": Quota.objects.filter(tenant=self.tenant, wanted__gt=0).count(),
            "grants": Grant.objects.filter(tenant=self.tenant, state__in=Grant.COUNTING).count(),
            "requests": QuotaRequest.objects.filter(tenant=self.tenant, state__in=("draft", *QuotaRequest.OPEN)).count(),
            "environments": Environment.objects.filter(quotas__in=Quota.objects.filter(tenant=self.tenant).exclude(state="removed")).distinct().count(),
            "roles": Membership.objects.filter(tenant=self.tenant).exclude(valid_until__lte=timezone.now()).count(),
            "projects": Project.objects.filter(tenant=self.tenant, ended_at=None).count(),
            "tokens": ApiToken.objects.filter(tenant=self.tenant).in_force().count(),
            "documents": CaseDocument.objects.filter(case__tenant=self.tenant).count(),
            "accounts": User.objects.filter(email__endswith="quill.example").count(),
        }  # fmt: skip


@pytest.fixture
def house():
    return House()


def due(departure, field):
    Departure.objects.filter(pk=departure.pk).update(**{field: timezone.localdate()})


def alone(house):
    make_policy(house.authority, "leaving.second_person", 0)


def gone(house):
    """Closed, on its day."""
    alone(house)
    row = begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="The project is over.")
    due(row, "closes_on")
    with as_worker():
        leaving.close_due()
    Quota.objects.filter(tenant=house.tenant).update(state="removed")  # as the enforcing task does on the cluster
    return Departure.objects.get(pk=row.pk)


def test_what_is_said_before_is_what_then_happens(house):
    said = {each.key: each for each in effects(house.tenant)}
    before = house.counts()
    alone(house)
    row = begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Over.")
    after = house.counts()
    assert before["quotas"] - after["quotas"] == said["quotas"].count == 1
    assert {key: before[key] for key in before if before[key] != after[key]} == {"quotas": 1}
    due(row, "closes_on")
    with as_worker():
        leaving.close_due()
    Quota.objects.filter(tenant=house.tenant).update(state="removed")
    closed = house.counts()
    happened = {key: after[key] - closed[key] for key in after if after[key] != closed[key]}
    assert happened == {each.key: each.count for each in said.values() if each.when == "close"}
    due(row, "erase_on")
    with as_worker():
        leaving.erase_due()
    erased = house.counts()
    happened = {key: closed[key] - erased[key] for key in closed if closed[key] != erased[key]}
    assert happened == {key: said[key].count for key in ("documents", "accounts")}


def test_leaving_begins_closes_and_erases_on_its_days(house):
    alone(house)
    row = begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Over.")
    assert (house.now(), row.closes_on) == ("offboarding", timezone.localdate() + 30 * DAY)
    assert leaving.close_due(timezone.localdate() + 29 * DAY) == 0
    assert leaving.close_due(timezone.localdate() + 30 * DAY) == 1
    assert leaving.close_due(timezone.localdate() + 30 * DAY) == 0
    row.refresh_from_db()
    assert (house.now(), row.state, row.erase_on) == ("closed", "closed", timezone.localdate() + 395 * DAY)
    assert leaving.erase_due(timezone.localdate() + 394 * DAY) == 0
    assert leaving.erase_due(timezone.localdate() + 395 * DAY) == 1
    row.refresh_from_db()
    assert (row.state, row.erased["documents"], row.erased["accounts"]) == ("erased", 1, 2)
    acts = AuditEvent.objects.filter(act__startswith="departure.").order_by("pk").values_list("act", "actor")
    assert list(acts) == [
        ("departure.begun", house.officer.pk), ("departure.closed", None), ("departure.erased", None),
    ]  # fmt: skip


WORDS = ("quillfeather", "quillson", "quill.example", "secretquill", "zora", "mo quill")


def test_nothing_personal_is_left_anywhere_after_the_retention_period(house, tmp_path):
    request = house.asked(3)
    ask_for_changes(acting_user=house.approver, request=request, reason="How many?")
    request.refresh_from_db()
    answer_request(acting_user=house.owner, request=request, text="We need three.")
    row = gone(house)
    Operation.objects.create(kind="x", user=house.owner, tenant_id=house.tenant.pk, about="Zora's")
    assert found_anywhere(), "the scan finds what is there before"
    due(row, "erase_on")
    with as_worker():
        leaving.erase_due()
    assert found_anywhere() == []
    assert list(tmp_path.rglob("*")) == [each for each in tmp_path.rglob("*") if each.is_dir()]
    assert RequestAnswer.objects.count() == 0


def found_anywhere():
    """(table, column) of every text in the database in which a person of the house, or what they wrote, still stands."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.proxy or not model._meta.managed:
                continue
            for field in model._meta.concrete_fields:
                cursor.execute(
                    f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{field.column}"::text ~* %s',
                    ["|".join(WORDS)],
                )
                if cursor.fetchone()[0]:
                    found.append((model._meta.label, field.column))
    return found


def test_who_belongs_elsewhere_too_is_not_erased(house):
    row = gone(house)
    due(row, "erase_on")
    with as_worker():
        leaving.erase_due()
    both = User.objects.get(pk=house.both.pk)
    assert (both.full_name, both.is_active) == ("Bo Elsewhere", True)


def test_erased_person_keeps_the_number_and_no_way_in(house):
    row = gone(house)
    due(row, "erase_on")
    with as_worker():
        leaving.erase_due()
    owner = User.objects.get(pk=house.owner.pk)
    assert (owner.full_name, owner.is_active, owner.has_usable_password()) == ("", False, False)
    assert owner.email == f"{owner.public_id}@erased.invalid"
    assert AuditEvent.objects.filter(actor=owner.pk).exists()


def test_two_officers_where_policy_wants_two(house):
    row = begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Over.")
    assert (row.state, house.now()) == ("awaiting_second", "active")
    with pytest.raises(FourEyes):
        confirm_leaving(acting_user=house.officer, departure=row)
    confirm_leaving(acting_user=house.second, departure=row)
    assert (departure_of(house.tenant).state, house.now()) == ("begun", "offboarding")


def test_second_officer_may_drop_it(house):
    row = begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Over.")
    with pytest.raises(Refused):
        drop_leaving(acting_user=house.second, departure=row, reason="")
    drop_leaving(acting_user=house.second, departure=row, reason="They pay until June.")
    assert (departure_of(house.tenant), house.now()) == (None, "active")


def test_owner_asks_and_an_officer_begins(house):
    alone(house)
    row = ask_to_leave(acting_user=house.owner, tenant=house.tenant, reason="We merge.")
    assert house.now() == "active"
    told = Notification.objects.filter(act="departure.asked").values_list("user", flat=True)
    assert set(told) == {house.officer.pk, house.second.pk}
    begun = begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="As they ask.")
    assert (begun.pk, begun.state, begun.asked_by_id) == (row.pk, "begun", house.owner.pk)


def test_owner_takes_the_wish_back(house):
    row = ask_to_leave(acting_user=house.owner, tenant=house.tenant, reason="We merge.")
    drop_leaving(acting_user=house.owner, departure=row, reason="")
    assert departure_of(house.tenant) is None


@pytest.mark.parametrize("state", ["offboarding", "closed"])
def test_leaving_twice_is_told(house, state):
    Tenant.objects.filter(pk=house.tenant.pk).update(state=state)
    with pytest.raises(Conflict):
        begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Again.")


def test_suspended_tenant_may_leave_too(house):
    alone(house)
    Tenant.objects.filter(pk=house.tenant.pk).update(state="suspended")
    begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Over.")
    assert house.now() == "offboarding"


def test_member_of_the_tenant_is_no_officer_of_its_leaving(house):
    make_member(house.tenant, "member", house.officer)
    with pytest.raises(FourEyes):
        begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Over.")


def test_every_pair_of_states_of_a_departure():
    lawful = {
        ("asked", "awaiting_second"), ("asked", "begun"), ("asked", "dropped"), ("awaiting_second", "begun"),
        ("awaiting_second", "dropped"), ("begun", "closed"), ("closed", "erased"),
    }  # fmt: skip
    moves = Departure.moves
    assert {(a, b) for a in moves.states for b in moves.states if moves.lawful(a, b)} == lawful


def test_confirm_twice_is_told(house):
    row = begin_leaving(acting_user=house.officer, tenant=house.tenant, reason="Over.")
    confirm_leaving(acting_user=house.second, departure=row)
    with pytest.raises(UnlawfulMove):
        confirm_leaving(acting_user=house.second, departure=row)


def test_effects_are_grouped_by_when_they_happen():
    told = grouped([Effect("a", 1, "A", "close"), Effect("b", 1, "B"), Effect("c", 1, "C", "keep")])
    assert told == [("At once", ["B"]), ("When it is closed", ["A"]), ("What stays", ["C"])]
