"""When two people decide: always, from a class of data on, or for kinds of organisations."""

from __future__ import annotations

import pytest

from portal.core.errors import Refused
from tenants.models import DataClass, OrganisationKind, PolicyRule
from tenants.models.authority import kinds_in, kinds_number, shown
from tenants.queries.policies import who_is_hit
from tenants.queries.thresholds import second_because
from tenants.services.admission import approve_case
from tenants.services.authorities import set_policy
from tests.factories.people import make_admin
from tests.factories.tenants import make_authority, make_case, make_policy, make_staff

pytestmark = pytest.mark.django_db
CLASS, KINDS, ALWAYS = "onboarding.second_person_class", "onboarding.second_person_kinds", "onboarding.second_person"


@pytest.mark.parametrize(
    ("rules", "facts", "two"),
    [
        ({}, {"data_class": "restricted"}, False),
        ({ALWAYS: 1}, {"data_class": "public"}, True),
        ({CLASS: 3}, {"data_class": "internal"}, False),
        ({CLASS: 3}, {"data_class": "confidential"}, True),
        ({CLASS: 3}, {"data_class": "restricted"}, True),
        ({CLASS: 1}, {"data_class": "public"}, True),
        ({KINDS: 0b100}, {"kind": "industry"}, True),
        ({KINDS: 0b100}, {"kind": "startup"}, False),
        ({KINDS: 0b1100}, {"kind": "startup"}, True),
        ({KINDS: 0b100, CLASS: 4}, {"kind": "academia", "data_class": "restricted"}, True),
    ],
)
def test_the_policy_says_for_which_cases_two_decide(rules, facts, two):
    case = make_case("in_review", **facts)
    for key, value in rules.items():
        make_policy(case.authority, key, value)
    assert bool(second_because(case)) == two
    case = approve_case(acting_user=make_staff(case.authority), case=case)
    assert case.state == ("awaiting_second" if two else "approved")


def test_the_rules_bounds_are_those_of_the_classes_and_kinds():
    assert PolicyRule.AT_MOST[CLASS] == len(DataClass.values)
    assert PolicyRule.AT_MOST[KINDS] == kinds_number(OrganisationKind.values)


def test_a_class_that_nobody_knows_counts_as_the_highest():
    case = make_case("in_review")
    make_policy(case.authority, CLASS, 4)
    case.data_class = "something new"
    assert second_because(case)


def test_kinds_are_one_number_and_are_read_in_words():
    assert kinds_in(kinds_number(["industry", "public_agency"])) == ["public_agency", "industry"]
    assert shown(KINDS, kinds_number(["industry"])) == "Industry"
    assert (shown(KINDS, 0), shown(CLASS, 0), shown(CLASS, 3), shown(ALWAYS, 1)) == (
        "None",
        "None",
        "Confidential",
        "Yes",
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [(CLASS, 5), (KINDS, 2**9), (ALWAYS, 2), ("onboarding.answer_days", 0), ("onboarding.answer_days", 366)],
)
def test_a_value_that_means_nothing_is_refused(key, value):
    with pytest.raises(Refused) as refusal:
        set_policy(acting_user=make_admin(), authority=make_authority(), key=key, value=value, reason="x")
    assert refusal.value.field == "value"


def test_before_a_rule_is_set_the_page_says_whom_it_hits():
    authority = make_authority()
    make_case("in_review", authority=authority, data_class="restricted")
    make_case("submitted", authority=authority, data_class="internal")
    make_case("approved", authority=authority, data_class="restricted")
    assert who_is_hit(authority, CLASS, 4) == ["1 open application will need a second officer before it is approved."]
    assert who_is_hit(authority, CLASS, 2) == [
        "2 open applications will need a second officer before they are approved."
    ]
    assert who_is_hit(authority, CLASS, 0) == []
    make_policy(authority, CLASS, 2)
    assert who_is_hit(authority, CLASS, 4) == ["1 open application can be approved by one officer alone."]
