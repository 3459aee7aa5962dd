"""Rules are written by one person and put in force by another; what was in force stays as it was."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.core.errors import Conflict, Refused
from portal.models import AuditEvent
from resources.models import AccessMode, AutoRule
from resources.queries.rules import in_words
from resources.services.modes import begin_mode, publish_mode, write_mode
from resources.services.rules import activate_rule, begin_rule, drop_rule, retire_rule, write_rule
from tenants.errors import FourEyes
from tenants.models import AuthorityMembership, OrganisationKind
from tenants.services.delegations import delegate_role
from tests.factories.resources import make_rule
from tests.factories.tenants import make_authority, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(house):
    row = begin_rule(acting_user=house.approver, authority=house.authority, slug="playground")
    return write_rule(acting_user=house.approver, row=row, facts={"modes": ["playground"]})


def test_a_rule_begins_careful_and_is_in_force_only_by_a_second_person(house, begun):
    assert (begun.version, begun.name, begun.max_gpus, begun.max_days, begun.only_calm) == (
        1, "Playground", 2, 31, True,
    )  # fmt: skip
    with pytest.raises(FourEyes, match="written by you"):
        activate_rule(acting_user=house.approver, row=begun, note="Small ones")
    done = activate_rule(acting_user=house.second, row=begun, note="Small ones")
    assert (done.is_in_force, done.activated_by, done.note) == (True, house.second, "Small ones")
    event = AuditEvent.objects.get(act="rule.activated")
    assert (event.actor, event.after["max_gpus"], event.reason) == (house.second, 2, "Small ones")


def test_who_changed_it_last_does_not_put_it_in_force_nor_does_who_stands_in_for_them(house, begun):
    write_rule(acting_user=house.second, row=begun, facts={"max_gpus": 3})
    with pytest.raises(FourEyes, match="written by you"):
        activate_rule(acting_user=house.second, row=begun, note="x")
    role, stand_in = AuthorityMembership.objects.get(user=house.second), make_staff(house.authority)
    until = timezone.now() + timedelta(days=9)
    delegate_role(acting_user=house.second, membership=role, to=stand_in, valid_until=until, reason="Away")
    with pytest.raises(FourEyes, match="stand in"):
        activate_rule(acting_user=stand_in, row=begun, note="x")
    assert activate_rule(acting_user=house.approver, row=begun, note="x").max_gpus == 3


def test_the_next_version_is_a_copy_and_takes_the_place_of_the_one_in_force(house, begun):
    first = activate_rule(acting_user=house.second, row=begun, note="First")
    for act in (
        lambda: write_rule(acting_user=house.approver, row=first, facts={"max_gpus": 9}),
        lambda: activate_rule(acting_user=house.second, row=first, note="x"),
        lambda: drop_rule(acting_user=house.approver, row=first),
    ):
        with pytest.raises(Conflict, match="put in force or is gone"):
            act()
    following = begin_rule(acting_user=house.second, authority=house.authority, slug="playground")
    assert (following.version, following.max_gpus, following.modes) == (2, 2, ["playground"])
    write_rule(acting_user=house.second, row=following, facts={"max_gpus": 3})
    activate_rule(acting_user=house.approver, row=following, note="One more")
    first.refresh_from_db()
    assert (first.is_in_force, first.ended_by, first.ended_because) == (
        False, house.approver, "Version 2 came in its place.",
    )  # fmt: skip
    assert [rule.version for rule in AutoRule.objects.in_force()] == [2]
    changed = AuditEvent.objects.filter(act="rule.activated").latest("pk")
    assert (changed.before, changed.after["max_gpus"]) == ({"max_gpus": 2}, 3)


def test_a_rule_is_retired_with_a_reason_once(house):
    rule = make_rule(house.authority, house.approver, house.second)
    with pytest.raises(Refused, match="why it ends"):
        retire_rule(acting_user=house.approver, row=rule, reason=" ")
    retire_rule(acting_user=house.approver, row=rule, reason="Too many asked")
    rule.refresh_from_db()
    assert (rule.is_in_force, rule.ended_because) == (False, "Too many asked")
    with pytest.raises(Conflict, match="not in force"):
        retire_rule(acting_user=house.approver, row=rule, reason="Again")


def test_only_modes_that_are_open_to_rules_are_taken(house, begun):
    with pytest.raises(Refused, match="people decide"):
        write_rule(acting_user=house.approver, row=begun, facts={"modes": ["large-scale"]})
    mode = begin_mode(acting_user=house.approver, authority=house.authority, slug="playground")
    write_mode(acting_user=house.approver, row=mode, facts={"auto_decision": False})
    publish_mode(acting_user=house.approver, row=mode, note="People again")
    with pytest.raises(Refused, match="people decide"):
        activate_rule(acting_user=house.second, row=begun, note="x")
    write_rule(acting_user=house.approver, row=begun, facts={"modes": []})
    with pytest.raises(Refused, match="at least one access mode"):
        activate_rule(acting_user=house.second, row=begun, note="x")
    assert AccessMode.objects.get(pk=mode.pk).is_published


def test_a_rule_gives_no_more_than_who_answers_for_it_may(house, begun):
    AuthorityMembership.objects.filter(user=house.second).update(gpu_limit=1)
    with pytest.raises(Refused, match="does not give 2 GPUs"):
        activate_rule(acting_user=house.second, row=begun, note="x")
    write_rule(acting_user=house.approver, row=begun, facts={"max_gpus": 1})
    assert activate_rule(acting_user=house.second, row=begun, note="x").is_in_force


@pytest.mark.parametrize("fields", [{"max_gpus": 99}, {"name": "Nicer"}, {"activated_by": None}, {"modes": []}])
def test_the_database_keeps_what_was_in_force(house, fields):
    rule = make_rule(house.authority, house.approver, house.second)
    with pytest.raises(IntegrityError, match="stays as it was in force"), transaction.atomic():
        AutoRule.objects.filter(pk=rule.pk).update(**fields)
    with pytest.raises(IntegrityError, match="stays as it was in force"), transaction.atomic():
        AutoRule.objects.filter(pk=rule.pk).delete()


def test_the_database_wants_two_people_and_one_version_in_force(house):
    with pytest.raises(IntegrityError, match="rule_by_two_people"), transaction.atomic():
        make_rule(house.authority, house.approver, house.approver)
    make_rule(house.authority, house.approver, house.second, slug="same")
    with pytest.raises(IntegrityError, match="rule_in_force_once"), transaction.atomic():
        make_rule(house.authority, house.approver, house.second, slug="same", version=2)


def test_a_rule_reads_as_sentences(house):
    rule = make_rule(
        make_authority(), house.approver, tenant_kinds=["startup"], kinds=[house.pool.kind.public_id], max_gpus=1,
        max_gpu_hours=500, max_held=8, keep_free_percent=20,
    )  # fmt: skip
    assert in_words(rule) == [
        "It asks for new GPUs, in the access mode “Playground”.",
        f"The tenant is of the kind “{OrganisationKind.STARTUP.label}”.",
        f"It asks for “{house.pool.kind}”.",
        "The project’s data is “Internal” at most.",
        "It asks for 1 GPU at once.",
        "It asks for at most 500 GPU hours.",
        "It lasts at most 31 days.",
        "The tenant holds at most 8 GPUs in that time already.",
        "At least 20 % of the pool stay free over the whole time.",
        "The pool is nowhere past its policy line from now on.",
    ]
