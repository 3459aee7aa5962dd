"""Rows made without the constructor are the rows that the constructor makes."""

import pytest
from django.apps import apps
from django.db import models
from django.db.models.signals import post_init

from portal.models import SavedView
from portal.models.base import LightModel, _told

LIGHT = [model for model in apps.get_models() if issubclass(model, LightModel)]
VALUES = {"country": "LU"}


def facts(row):
    """What a row holds, and what Django knows of it."""
    kept = {name: value for name, value in vars(row).items() if name != "_state"}
    return type(row), kept, row._state.db, row._state.adding, row._state.fields_cache, row.get_deferred_fields()


def values_of(names):
    return tuple(VALUES.get(name, f"{name} as it is stored") for name in names)


@pytest.mark.parametrize("model", LIGHT, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("every", [1, 2], ids=["whole", "in part"])
def test_a_row_holds_what_one_made_by_the_constructor_holds(model, every):
    names = [field.attname for field in model._meta.concrete_fields][::every]
    made = model.from_db("default", names, values_of(names))
    expected = models.Model.from_db.__func__(model, "default", names, values_of(names))
    assert facts(made) == facts(expected)
    assert [getattr(made, name) for name in names] == [getattr(expected, name) for name in names]


def test_every_row_of_the_portal_with_a_public_name_is_made_so():
    assert {model._meta.label for model in LIGHT} >= {
        "portal.User", "tenants.Tenant", "resources.Grant", "resources.QuotaRequest", "resources.RequestLine",
    }  # fmt: skip


def test_whoever_wants_to_be_told_of_new_rows_is_told():
    heard = []

    def hear(instance, **_):
        heard.append(instance.name)

    _told.cache_clear()
    post_init.connect(hear, sender=SavedView)
    try:
        SavedView.from_db("default", ["name"], ["Late ones"])
    finally:
        post_init.disconnect(hear, sender=SavedView)
        _told.cache_clear()
    assert heard == ["Late ones"]
