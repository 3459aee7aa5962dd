from __future__ import annotations

import pytest

from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent
from tenants.models import Authority, PolicyRule
from tenants.queries.policies import policy, rules_of, who_is_hit
from tenants.services.authorities import register_authority, revise_authority, set_policy
from tests.factories.people import make_admin
from tests.factories.tenants import make_authority, make_case

pytestmark = pytest.mark.django_db

FACTS = {
    "name": "Moselle Compute Board",
    "country": "LU",
    "region": "",
    "contact_email": "office@moselle.test",
    "time_zone": "Europe/Luxembourg",
}


def test_register_authority_is_written_in_its_own_trail():
    row = register_authority(acting_user=make_admin(), facts=FACTS)
    assert (row.slug, str(row.country), row.time_zone) == ("moselle-compute-board", "LU", "Europe/Luxembourg")
    assert AuditEvent.objects.get(act="authority.registered").authority_id == row.pk


def test_register_authority_with_a_name_in_other_capitals_is_refused():
    make_authority(name="moselle compute board")
    with pytest.raises(Conflict) as refusal:
        register_authority(acting_user=make_admin(), facts=FACTS)
    assert refusal.value.field == "name"


def test_revise_authority_writes_down_only_what_changed():
    row = register_authority(acting_user=make_admin(), facts=FACTS)
    revise_authority(
        acting_user=make_admin(), authority=row, facts={**FACTS, "name": "MOSELLE Compute Board", "region": "South"}
    )
    event = AuditEvent.objects.get(act="authority.changed")
    assert event.before == {"name": "Moselle Compute Board", "region": ""}
    assert event.after == {"name": "MOSELLE Compute Board", "region": "South"}
    assert Authority.objects.get(pk=row.pk).slug == "moselle-compute-board"


def test_policy_without_a_version_is_the_portals_default():
    assert {key: policy(make_authority(), key) for key in PolicyRule.Key.values} == PolicyRule.DEFAULTS


def test_set_policy_adds_a_version_and_keeps_the_old_ones():
    authority, admin = make_authority(), make_admin()
    set_policy(acting_user=admin, authority=authority, key="decision.days", value=5, reason="New law")
    set_policy(acting_user=admin, authority=authority, key="decision.days", value=7, reason="Holidays")
    rule = next(rule for rule in rules_of(authority) if rule.key == "decision.days")
    assert (rule.value, rule.current.version, [old.value for old in rule.past]) == (7, 2, [5])
    events = AuditEvent.objects.filter(act="policy.set").order_by("pk")
    assert [(event.before["value"], event.after["value"], event.reason) for event in events] == [
        (10, 5, "New law"),
        (5, 7, "Holidays"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [("onboarding.second_person", 2, "value"), ("decision.days", 0, "value"), ("no.such.rule", 1, "key")],
)
def test_set_policy_to_what_makes_no_sense_is_refused(key, value, field):
    with pytest.raises(Refused) as refusal:
        set_policy(acting_user=make_admin(), authority=make_authority(), key=key, value=value, reason="x")
    assert refusal.value.field == field


def test_set_policy_without_a_reason_or_without_a_change_is_refused():
    authority, admin = make_authority(), make_admin()
    with pytest.raises(Refused):
        set_policy(acting_user=admin, authority=authority, key="decision.days", value=5, reason=" ")
    set_policy(acting_user=admin, authority=authority, key="decision.days", value=5, reason="x")
    with pytest.raises(Conflict):
        set_policy(acting_user=admin, authority=authority, key="decision.days", value=5, reason="x")
    assert PolicyRule.objects.count() == 1


def test_who_is_hit_counts_the_open_applications_that_wait_for_officers():
    authority = make_authority()
    for state in ("draft", "submitted", "in_review", "info_requested", "approved"):
        make_case(state, authority=authority)
    make_case("submitted")
    assert who_is_hit(authority, "onboarding.second_person", 1) == [
        "3 open applications will need a second officer before they are approved."
    ]
    assert who_is_hit(authority, "quota.second_person_gpus", 1) == []
