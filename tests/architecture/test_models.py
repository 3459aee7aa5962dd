"""Every model: whose it is, who may see it, how its states move."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command

from portal.core.access import EveryoneScope, PersonScope, Scope, ScopedQuerySet, SiteScope, anchors
from portal.models import User
from resources.roles import PROVIDER_GRANTS, ProviderRole
from tenants.roles import AUTHORITY_GRANTS, TENANT_GRANTS, AuthorityRole, TenantRole
from tests.architecture.declared import GLOBAL, KEYED_OTHERWISE, THROUGH_A_PARENT

MODELS = {
    model._meta.label: model
    for app in ("portal", "tenants", "resources")
    for model in apps.get_app_config(app).get_models()
}
GRANTS = {
    "tenants.Tenant": (TENANT_GRANTS, TenantRole),
    "tenants.Authority": (AUTHORITY_GRANTS, AuthorityRole),
    "resources.Provider": (PROVIDER_GRANTS, ProviderRole),
}
SCOPED = {label: m for label, m in MODELS.items() if isinstance(m._default_manager.get_queryset(), ScopedQuerySet)}
STATEFUL = {label: model for label, model in MODELS.items() if hasattr(model, "moves")}


def scopes(model):
    return model._default_manager.get_queryset().scopes


def test_every_model_has_an_owner_or_a_reason_to_have_none():
    owned = set()
    for label, model in MODELS.items():
        names = {field.name for field in model._meta.concrete_fields if field.is_relation and not field.null}
        if {"tenant", "authority"} <= names:
            owned.add(label)
    assert set(MODELS) - owned == set(GLOBAL)


def test_every_model_has_scopes_or_a_reason_to_have_none():
    assert set(MODELS) - set(SCOPED) == set(THROUGH_A_PARENT)


@pytest.mark.parametrize("label", SCOPED)
def test_every_scope_reaches_its_rows(label):
    model = SCOPED[label]
    assert scopes(model), "no scope: nobody would ever see a row"
    person = User(pk=1, is_platform_admin=True)
    verbs = {verb for scope in scopes(model) for verb in scope.verbs}
    assert "view" in verbs
    for verb in verbs:
        for scope in scopes(model):
            if (rows := scope.rows(person, verb)) is not None:
                str(model._base_manager.filter(rows).query)  # a path that does not exist raises here
        str(model._default_manager.get_queryset().visible_to(person, verb).query)


@pytest.mark.parametrize("label", SCOPED)
def test_every_scope_asks_for_a_right_that_a_role_gives(label):
    for scope in scopes(SCOPED[label]):
        assert isinstance(scope, Scope | PersonScope | SiteScope | EveryoneScope)
        if isinstance(scope, Scope):
            given = frozenset().union(*GRANTS[scope.anchor][0].values())
            asked = {c for wanted in scope.verbs.values() for c in ((wanted,) if isinstance(wanted, str) else wanted)}
            assert asked <= given


@pytest.mark.parametrize("label", GRANTS)
def test_roles_and_permissions_of_an_anchor_are_the_same_set(label):
    grants, roles = GRANTS[label]
    assert label in anchors()
    assert {str(role) for role in roles} == {str(role) for role in grants}
    assert frozenset().union(*grants.values()) == {codename for codename, _ in MODELS[label]._meta.permissions}


def test_no_model_makes_permissions_of_its_own():
    """Django's add, change, delete and view would be rights that nobody decides by."""
    assert [label for label, model in MODELS.items() if model._meta.default_permissions] == []


@pytest.mark.parametrize("label", STATEFUL)
def test_states_are_one_table_and_all_of_it_can_be_reached(label):
    model = STATEFUL[label]
    field = model._meta.get_field("state")
    assert {value for value, _ in field.choices} == set(model.moves.states)
    assert any(f"{model.__name__.lower()}_state" in c.name or "state_known" in c.name for c in model._meta.constraints)
    reached, ends = {field.default}, [field.default]
    while ends:
        fresh = model.moves.table[ends.pop()] - reached
        reached |= fresh
        ends += fresh
    assert reached == set(model.moves.states)


def test_every_table_of_a_tenant_can_be_joined_by_tenant():
    """UNIQUE (tenant, id) is what composite foreign keys between tenant tables will point at."""
    missing = []
    for label, model in MODELS.items():
        if label in GLOBAL or label in KEYED_OTHERWISE:
            continue
        unique = [tuple(c.fields) for c in model._meta.constraints if hasattr(c, "fields")]
        if ("tenant", "id") not in unique:
            missing.append(label)
    assert missing == []


@pytest.mark.django_db
def test_models_and_migrations_say_the_same():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
