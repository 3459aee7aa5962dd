"""The demo world is made by the services, once, and is what the cast says."""

import pytest
from django.db import transaction
from django.utils import timezone

from portal.models import AuditEvent, User
from resources.demo import afterwards, asking, cast, endings, ruling, world
from resources.demo.drafts import DRAFTS
from resources.models import (
    AutoRule,
    Cluster,
    Decision,
    Environment,
    Grant,
    GrantCondition,
    GrantNotice,
    IdleFinding,
    Quota,
    QuotaRequest,
    RuleLook,
)
from resources.queries.budgets import budget_of
from resources.queries.measured import suggestion, use_of_grant
from resources.services.rule_decisions import look_at_requests
from tenants.models import OnboardingCase, Tenant

PORTS = {each.slug: 20000 + number for number, each in enumerate(cast.CLUSTERS)}


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """The world, seeded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert world.seed(PORTS)
        yield
        transaction.set_rollback(True)


def taken_over():
    """The tenants that came from another site, as they were told to the import."""
    return [dict(zip(afterwards.COLUMNS, row, strict=True)) for rows in afterwards.TAKEN_OVER.values() for row in rows]


@pytest.fixture
def rows(made, db):
    """The world as every test finds it; what a test changes is taken back."""


def test_everybody_of_the_cast_is_there_and_signs_in(rows):
    wanted = [*(each.email for each in cast.PEOPLE), *(each["owner_email"] for each in taken_over())]
    assert sorted(User.objects.values_list("email", flat=True)) == sorted(wanted)
    assert all(User.objects.get(email=each.email).check_password(each.password) for each in world.accounts())


def test_environments_have_the_names_the_sources_use(rows):
    wanted = {(slug, name) for slug in PORTS for name in cast.quotas_on(slug)}
    found = set(Environment.objects.values_list("cluster__slug", "external_name"))
    assert found == wanted | endings.places()


def test_quotas_wish_what_the_engines_have(rows):
    wanted = {
        (slug, name, kind): gpus
        for slug in PORTS for name, kinds in cast.quotas_on(slug).items() for kind, gpus in kinds.items()
    }  # fmt: skip
    found = Quota.objects.values_list(
        "environment__cluster__slug", "environment__external_name", "pool__kind__slug", "wanted"
    )
    beside = {(each.cluster, cast.namespace(each.tenant, each.project), each.kind) for each in endings.ENDINGS}
    assert beside.isdisjoint(wanted)
    assert {row[:3]: row[3] for row in found if row[:3] not in beside} == wanted


def test_what_ends_or_stands_idle_is_in_the_state_that_people_look_for(rows):
    assert {"active", "expiring", "grace", "expired", "superseded", "revoked"} == set(
        Grant.objects.values_list("state", flat=True)
    )
    assert sorted(IdleFinding.objects.values_list("tenant__slug", "state", "notices")) == [
        ("blekvatten", "justified", 2), ("gruenwerk", "reclaimed", 2), ("gruenwerk", "released", 1),
        ("region-vitsund", "escalated", 2), ("tallbacken", "notified", 1),
    ]  # fmt: skip
    budget = budget_of(Grant.objects.select_related("pool__cluster").get(budget_hours__isnull=False))
    assert 75 <= budget.percent < 90
    assert list(GrantNotice.objects.filter(about="budget").values_list("step", "told")) == [(75, True)]
    renewed = Grant.objects.select_related("pool__cluster").get(tenant__slug="norvik-weather", state="expiring")
    use = use_of_grant(renewed).last(30)
    assert 0.3 < use.busy_ratio < 0.5
    assert suggestion(renewed, renewed.amount, use).gpus < renewed.amount


def test_conditions_of_a_grant_are_met_open_and_with_the_approver(rows):
    found = GrantCondition.objects.order_by("number").values_list("request__tenant__slug", "state")
    assert list(found) == [("isfall-genomics", "met"), ("isfall-genomics", "open"), ("isfall-genomics", "said_met")]


def test_what_waits_is_what_the_cast_says(rows):
    waiting = QuotaRequest.objects.exclude(state__in=("approved",)).values_list("tenant__slug", "state")
    refused = [("blekvatten", "rejected") for each in ruling.SMALL if each.by == "refused"]
    asked = [(each.tenant, each.state) for each in (*cast.REQUESTS, *asking.ASKED)]
    assert sorted(waiting) == sorted([*asked, *refused])
    cases = OnboardingCase.objects.filter(tenant=None).values_list("organisation", "state")
    written = [(each.facts["organisation"], "draft") for each in DRAFTS]
    decided = [("Kronbukt Odds", "rejected"), ("Institut Rauhfeld", "appealed")]
    assert sorted(cases) == sorted([*((each.organisation, each.state) for each in cast.CASES), *written, *decided])
    names = [*(each.name for each in cast.TENANTS), *(each["name"] for each in taken_over()), "Vassdal Herbarium"]
    assert sorted(Tenant.objects.values_list("name", flat=True)) == sorted(names)


def test_the_rule_decided_what_it_says_and_left_the_rest_to_people(rows):
    rule = AutoRule.objects.in_force().get()
    assert (rule.version, rule.max_gpus, AutoRule.objects.count()) == (2, 4, 2)
    decided = Decision.objects.filter(rule=rule).values_list("request__purpose", flat=True)
    assert sorted(decided) == sorted(each.purpose for each in ruling.SMALL if each.by == "rule")
    responsible = people_of(ruling.OFFICE, "quota_approver")[1]
    assert set(Decision.objects.filter(rule=rule).values_list("decider__email", flat=True)) == {responsible}
    assert look_at_requests() == 0
    left = RuleLook.objects.filter(request__state="submitted").values_list("said", flat=True)
    assert [[code for code, _facts in each["why"]] for said in left for each in said] == [["hours"]]


def people_of(place, role):
    return [each.email for each in cast.PEOPLE if (each.place, each.role) == (place, role)]


def test_some_decisions_are_late_and_some_are_not(rows):
    due = [row.due_at for row in QuotaRequest.objects.filter(state__in=("submitted", "in_review", "awaiting_second"))]
    late = [moment for moment in due if moment < timezone.now()]
    assert 0 < len(late) < len(due)


def test_the_past_is_in_the_trail_and_nothing_lies_in_the_future(rows):
    moments = list(AuditEvent.objects.values_list("at", flat=True))
    assert max(moments) <= timezone.now()
    assert (max(moments) - min(moments)).days > 100


def test_a_second_start_changes_nothing_but_ports_that_moved(rows):
    before = AuditEvent.objects.count()
    assert not world.seed(PORTS)
    assert AuditEvent.objects.count() == before
    assert not world.seed({**PORTS, "kaamos": 31999})
    assert Cluster.objects.get(slug="kaamos").driver_settings == cast.driver_settings(31999)
    assert AuditEvent.objects.count() == before + 1
