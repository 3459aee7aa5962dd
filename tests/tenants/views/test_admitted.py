"""The home of a tenant shows the letters about its admission and what it still has to do, to those who may read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tenants.queries.admitted import tile
from tenants.services.admission import approve_case
from tenants.services.conditions import Condition, meet_condition
from tests.factories.tenants import make_case, make_member, make_staff, make_tenant

pytestmark = pytest.mark.django_db
FIRST, SECOND = "Name a data protection officer", "Sign the agreement"


@pytest.fixture
def admitted():
    """A case with two conditions, and the officer who admitted it."""
    case = make_case("in_review")
    officer = make_staff(case.authority)
    day = timezone.localdate() + timedelta(days=60)
    wishes = [Condition(text, day, "Management") for text in (FIRST, SECOND)]
    return approve_case(acting_user=officer, case=case, conditions=wishes), officer


def home(case):
    return reverse("tenant", args=[case.tenant.public_id])


@pytest.mark.parametrize(
    ("who", "reads", "application"),
    [("applicant", True, True), ("owner", True, False), ("member", False, False), ("officer", True, True), ("auditor", True, True)],
)  # fmt: skip
def test_home_shows_letters_and_open_conditions_to_owners_and_the_office(signed_in, admitted, who, reads, application):
    case, officer = admitted
    person = {
        "applicant": lambda: case.submitted_by, "owner": lambda: make_member(case.tenant, "owner"),
        "member": lambda: make_member(case.tenant), "officer": lambda: officer,
        "auditor": lambda: make_staff(case.authority, "auditor"),
    }[who]()  # fmt: skip
    text = signed_in(person).get(home(case)).content.decode()
    letter = case.letters.get()
    paths = [reverse(name, args=[letter.public_id]) for name in ("letter", "letter-file")]
    assert (FIRST in text, SECOND in text, paths[0] in text, paths[1] in text) == (reads,) * 4
    assert (reverse("case", args=[case.public_id]) in text) == application
    assert [signed_in(person).get(path).status_code for path in paths] == [200 if reads else 404] * 2
    one = [reverse(name, args=[letter.public_id]) for name in ("api-letter-detail", "api-letter-content")]
    assert [signed_in(person).get(path).status_code for path in one] == [200 if reads else 404] * 2
    if reads:
        seen = signed_in(person).get(one[0]).json()["application"]
        assert seen == (str(case.public_id) if application else None)


def test_home_says_no_more_of_a_condition_that_is_met(signed_in, admitted):
    case, officer = admitted
    meet_condition(acting_user=officer, condition=case.conditions.get(text=FIRST), evidence="The letter names her.")
    text = signed_in(case.submitted_by).get(home(case)).content.decode()
    assert (FIRST in text, SECOND in text) == (False, True)


def test_another_tenants_home_shows_nothing_of_it(signed_in, admitted):
    tenant = make_tenant(authority=admitted[0].authority)
    for person in (make_member(tenant, "owner"), admitted[1]):
        text = signed_in(person).get(reverse("tenant", args=[tenant.public_id])).content.decode()
        assert FIRST not in text
        assert "Letters" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_tile_costs_the_same_for_one_and_for_three(django_assert_num_queries, count):
    case = make_case("in_review")
    officer, day = make_staff(case.authority), timezone.localdate() + timedelta(days=60)
    case = approve_case(acting_user=officer, case=case, conditions=[Condition(FIRST, day, "We")] * count)
    with django_assert_num_queries(3):
        shown = tile(case.tenant, officer)
    assert (len(shown["conditions"]), len(shown["letters"]), shown["case"]) == (count, 1, case)
