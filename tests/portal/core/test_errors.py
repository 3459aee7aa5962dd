from __future__ import annotations

import pytest
from django.utils.translation import gettext_lazy as _

from portal.core import errors
from portal.core.errors import Conflict, Forbidden, MovedMeanwhile, NotFound, PortalError, Refused, Unavailable


def family(kind):
    return [kind, *(grandchild for child in kind.__subclasses__() for grandchild in family(child))]


def test_every_error_of_the_family_has_a_code_of_its_own_and_a_status():
    kinds = [kind for kind in family(PortalError) if not kind.__module__.startswith("tests")]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert all("." in code and code == code.lower() for code in codes)
    assert {kind.status for kind in kinds} <= {403, 404, 409, 422, 500, 503}


@pytest.mark.parametrize(
    ("kind", "status"), [(NotFound, 404), (Forbidden, 403), (Conflict, 409), (MovedMeanwhile, 409), (Refused, 422),
                         (Unavailable, 503)]
)  # fmt: skip
def test_an_error_carries_its_sentence_facts_and_field(kind, status):
    error = kind(_("Aurora has 36 free."), free=36)
    assert (str(error), error.status, error.facts, error.field) == ("Aurora has 36 free.", status, {"free": 36}, None)


def test_an_error_may_name_its_field_and_a_narrower_code():
    error = Refused("x", code="tenants.name_taken", field="name")
    assert (error.code, error.field) == ("tenants.name_taken", "name")
    assert Refused.code == "portal.refused"


@pytest.mark.parametrize("kind", [errors.NotFound, errors.Forbidden])
def test_what_says_no_to_a_person_says_what_to_do_next(kind):
    assert str(kind()).count(".") >= 2
