"""Every constraint of the database that somebody's typing can run into speaks in words."""

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from portal.core.constraints import refused_by, rules
from portal.models import User
from resources.models import CapacityPool
from tests.factories.people import make_user
from tests.factories.resources import make_pool

OURS = ("portal", "tenants", "resources")
UNTYPED = {
    "tenant_of_authority": "carries a foreign key",
    "audit_entry_once": "written by the database itself",
    "notification_unread_once": "a second row of the same is left out where it is written",
    "series_once": "written by the collecting task",
    "quota_applied_was_wished": "written by the enforcing task",
    "case_link_used_leads_somewhere": "the service that uses a link writes all three at once",
    "check_of_something": "the service that opens a check is given what it is about",
    "check_verdict_has_a_time": "written with the state by whatever gives the verdict",
    "recertification_closed_by_somebody": "written with the state by the service that closes it",
    "invitation_ends_after_it_begins": "counted from the moment of sending by a setting",
    "grant_grace_after_its_end": "counted from the end by the days of the authority's rules",
    "grant_notice_once": "written by the tasks that remind",
    "grant_condition_closed_by_somebody": "written with the state by the services that settle it",
    "idle_open_once": "written by the finding task, which holds the grant",
    "idle_measured_for_a_time": "written by the finding task",
    "idle_is_of_something": "written by the finding task",
    "idle_gives_back_when_it_ends": "written with the state by the service that closes it",
}
"""Constraints that nothing typed can break, with the reason; those of states are moved by ``advance`` alone."""
CARRIES = ("_of_tenant", "_state_known")


def constraints():
    return {
        each.name
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for each in model._meta.constraints
        if isinstance(each, CheckConstraint | UniqueConstraint)
    }


def test_every_constraint_that_typing_can_break_has_words():
    silent = {name for name in constraints() - {name for name, _rule in rules.items()} if not name.endswith(CARRIES)}
    assert silent == set(UNTYPED)


def test_words_are_of_constraints_that_there_are():
    assert {name for name, _rule in rules.items()} - constraints() == set()


@pytest.mark.django_db
def test_refused_by_names_the_field_of_a_constraint_in_words():
    pool = make_pool()
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        CapacityPool.objects.filter(pk=pool.pk).update(healthy=pool.installed + 1)
    told = refused_by(caught.value)
    assert (told.field, told.code, told.status) == ("healthy", "portal.constraint", 409)
    assert str(told).startswith("More GPUs cannot be healthy than are installed.")


@pytest.mark.django_db
def test_refused_by_names_the_field_that_is_unique_by_itself():
    first, second = make_user(), make_user()
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        User.objects.filter(pk=second.pk).update(public_id=first.public_id)
    assert refused_by(caught.value).field == "public_id"


def test_refused_by_leaves_other_errors_alone():
    assert refused_by(ValueError("no")) is None
    assert refused_by(IntegrityError("of no server")) is None
