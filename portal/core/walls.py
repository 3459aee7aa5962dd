"""Builds the second wall out of the models: roles' rights, row policies, composite foreign keys, definer functions.

The apps say in ``AppConfig.ready()`` which of their tables belong to tenants or cases, which to nobody and why, and
in which of them officers write. ``build`` brings the database to that; it runs after every migration, may run again,
and leaves what is right alone. docs/architecture.md draws the roles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from portal.core import isolation
from portal.core.isolation import behind

TENANT, CASE, STREAM = "app.tenants()::bigint[]", "app.cases()::bigint[]", "app.streams()::text[]"
OFFICE = "'{}'::bigint[]"
"""The list of rows that are an authority's own although they are about a tenant or a case: nobody's but officers'."""
ME = "ARRAY[app.me()]::bigint[]"
officers_write: set[str] = set()
"""Labels of tenants' models that officers and operators write when they decide."""
belongs_to_nobody: dict[str, str] = {}
"""Label of a model without a policy → why it needs none."""
tenants_but_open: dict[str, str] = {}
"""Label of a model that names a tenant and stands open all the same → why."""
not_for_tenants = isolation.not_for_tenants
"""Labels of models without a policy that a tenant's person cannot so much as read."""
read_only: set[str] = set()
"""Labels of models that no role of the application writes: the database does, by itself."""
worker_erases: dict[str, tuple[str, ...]] = {}
"""Label of an insert-only model → columns that the portal itself may empty, since they are personal data."""
worker_writes: set[str] = set()
"""Labels of models without a policy that only the portal itself writes."""
functions: dict[str, str] = {}
"""Signature → body of functions that run as the owner: they see every row and return sums and ids, never rows."""
insert_only: set[str] = set()
"""Labels of models whose rows are added and read, never changed."""
staff_tables: list[str] = []
"""Tables of memberships whose live rows make somebody staff."""
policies: dict[str, list[str]] = {}
"""Label → further conditions under which a tenant's person sees a row of it."""


NOBODYS = {
    "portal.User": "people, who belong to several tenants or none; names are looked up by id",
    "portal.Notification": "rows of a person, ids without contents; words come through the target's own wall",
    "portal.NoticeChoice": "what a person wants to be told of; names no tenant",
    "portal.MailDigest": "that a person was sent a mail; what it said stands nowhere",
    "portal.SetupCode": "the site's first minutes",
    "auth.Permission": "Django's catalogue of rights",
    "auth.Group": "not used",
    "auth.Group_permissions": "not used",
    "portal.User_groups": "not used",
    "portal.User_user_permissions": "not used",
    "contenttypes.ContentType": "Django's catalogue of models",
    "sessions.Session": "signed in or not, before anybody has a scope",
    "account.EmailAddress": "addresses by which people sign in, before anybody has a scope",
    "account.EmailConfirmation": "likewise",
    "mfa.Authenticator": "second factors, asked for before anybody has a scope",
    "usersessions.UserSession": "where people are signed in",
    "socialaccount.SocialAccount": "who somebody is to an identity provider, asked before anybody has a scope",
    "socialaccount.SocialApp": "empty: identity providers are settings",
    "socialaccount.SocialToken": "empty: tokens of identity providers are not kept",
    "portal.AuditHead": "the last hash of each stream, of everybody's; no tenant's role reads it",
    "portal.AuditCheckpoint": "hashes of everybody's heads, signed; no tenant's role reads it",
    "portal.AuditWitness": "where checkpoints were sent",
    "portal.AuditVerification": "when the chain was checked, and what was found",
    "guardian.UserObjectPermission": "empty: grants live in direct-foreign-key tables",
    "guardian.GroupObjectPermission": "empty",
}


def shelter(labels: Mapping[str, str], *, within: str = TENANT, officers: Iterable[str] = ()) -> None:
    """Put models behind the wall: label → column that must be on the list ``within``."""
    for label, column in labels.items():
        behind[label] = (column, within)
    officers_write.update(officers)


def stand_open(reasons: Mapping[str, str]) -> None:
    """Models without a policy, each with the reason."""
    belongs_to_nobody.update(reasons)


def tables() -> dict[str, type[models.Model]]:
    """Every table of the database by the name of its model's label; proxies and abstract models have none."""
    found = apps.get_models(include_auto_created=True)
    return {model._meta.label: model for model in found if model._meta.managed and not model._meta.proxy}


def build(**_: Any) -> None:
    """Bring the database to what the models say, unless it is there already. Runs as the owner of the tables."""
    wanted = statements()
    print_of = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('portal walls'))")
        cursor.execute("SELECT obj_description(to_regnamespace('app')::oid, 'pg_namespace')")
        if cursor.fetchone()[0] == print_of:
            return
        cursor.execute(
            "SELECT array_agg(name) FROM unnest(%s::text[]) AS name WHERE to_regrole(name) IS NULL", [_roles()]
        )
        if missing := cursor.fetchone()[0]:
            raise LookupError(
                f"The database has no roles called {', '.join(missing)}. `manage.py db_roles` prints what makes them."
            )
        for statement in wanted:
            cursor.execute(statement)
        cursor.execute(f"COMMENT ON SCHEMA app IS '{print_of}'")


def statements() -> list[str]:
    """The whole wall as SQL, in order; running it twice gives the same."""
    return [*_schema(), *_rights(), *_policies(), *_keys(), *_functions()]


def _roles() -> list[str]:
    return [isolation.role(name) for name in ("tenant", "officer", "worker")]


def _schema() -> list[str]:
    lists = [
        f"CREATE OR REPLACE FUNCTION app.{name}() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS "
        f"$$ SELECT string_to_array(nullif(current_setting('app.{setting}', true), ''), ',')::bigint[] $$"
        for name, setting in (("tenants", "tenant_ids"), ("cases", "case_ids"))
    ]
    me = (
        "CREATE OR REPLACE FUNCTION app.me() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS "
        "$$ SELECT nullif(current_setting('app.user_id', true), '')::bigint $$"
    )
    streams = (
        "CREATE OR REPLACE FUNCTION app.streams() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS "
        "$$ SELECT array_agg('tenant:' || id) FROM unnest(app.tenants()) AS id $$"
    )
    return ["CREATE SCHEMA IF NOT EXISTS app", "GRANT USAGE ON SCHEMA app, public TO PUBLIC", *lists, me, streams]


def _rights() -> list[str]:
    """Nobody's tables for every role and the login; tenants' tables for the roles alone."""
    tenant, officer, worker = _roles()
    login = _quoted(settings.DATABASE_LOGIN)
    made = []
    for label, model in tables().items():
        table = _quoted(model._meta.db_table)
        rights = "INSERT" if label in insert_only else "INSERT, UPDATE, DELETE"
        readers = [tenant, officer, worker, *([] if label in behind else [login])]
        if label in not_for_tenants:
            readers = [officer, worker]
        writers = readers
        if label in read_only:
            writers = []
        elif label in worker_writes:
            writers = [worker]
        elif label in behind:
            writers = [tenant, worker, *([officer] if label in officers_write else [])]
        made.append(f"REVOKE ALL ON {table} FROM {', '.join([*_roles(), *_powerless(login)])}")
        made.append(f"GRANT SELECT ON {table} TO {', '.join(readers)}")
        if writers:
            made.append(f"GRANT {rights} ON {table} TO {', '.join(writers)}")
        if columns := ", ".join(map(_quoted, worker_erases.get(label, ()))):
            made.append(f"GRANT UPDATE ({columns}) ON {table} TO {worker}")
    made.append(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {tenant}, {officer}, {worker}, {login}")
    return made


def _powerless(login: str) -> list[str]:
    """The login, unless it owns the tables (tests): then there is nothing to take from it."""
    return [] if settings.DATABASE_LOGIN_OWNS else [login]


def _policies() -> list[str]:
    tenant, officer, worker = _roles()
    made = []
    for label, (column, within) in behind.items():
        table = _quoted(apps.get_model(label)._meta.db_table)
        mine = f"{_quoted(column)} = ANY ((SELECT {within.partition('::')[0]})::{within.partition('::')[2]})"
        rules = {
            "tenant": f"TO {tenant} USING ({mine}) WITH CHECK ({mine})",
            "officer_reads": f"FOR SELECT TO {officer} USING (true)",
            "worker": f"TO {worker} USING (true) WITH CHECK (true)",
            "owner": "TO CURRENT_USER USING (true) WITH CHECK (true)",
        }
        if label in officers_write:
            rules["officer_writes"] = f"TO {officer} USING (true) WITH CHECK (true)"
        for number, condition in enumerate(policies.get(label, [])):
            rules[f"tenant_{number}"] = f"TO {tenant} USING ({condition}) WITH CHECK ({condition})"
        made += [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]
        for name, rule in rules.items():
            made += [f"DROP POLICY IF EXISTS wall_{name} ON {table}", f"CREATE POLICY wall_{name} ON {table} {rule}"]
    return made


def composite_keys() -> list[tuple[type[models.Model], str, type[models.Model]]]:
    """(table, column, table it points into): foreign keys between tenants' tables, which must agree on the tenant."""
    found = []
    sheltered = {label: apps.get_model(label) for label, (_, within) in behind.items() if within == TENANT}
    for model in sheltered.values():
        own = {field.column for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey) or not getattr(field, "db_constraint", True):
                continue
            target = field.related_model
            names = {each.column for each in target._meta.concrete_fields}
            if target._meta.label in sheltered and {"tenant_id", "id"} <= names and "tenant_id" in own:
                found.append((model, field.column, target))
    return found


KEY = """DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = '{name}' AND conrelid = '{table}'::regclass) THEN
        ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {column})
        REFERENCES {target} (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;
    END IF;
END $$"""


def _keys() -> list[str]:
    made = []
    for model, column, target in composite_keys():
        table, name = model._meta.db_table, f"wall_{model._meta.model_name}_{column}"[:60]
        made.append(KEY.format(name=name, table=_quoted(table), column=column, target=_quoted(target._meta.db_table)))
    return made


def _functions() -> list[str]:
    callers = ", ".join([*_roles(), _quoted(settings.DATABASE_LOGIN)])
    live = "user_id = person AND valid_from <= at AND (valid_until IS NULL OR valid_until > at)"
    staff = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {live})" for table in staff_tables)  # noqa: S608 - names of our own
    is_staff = "is_staff(person bigint, at timestamptz) RETURNS boolean LANGUAGE sql STABLE"
    made = []
    for signature, body in {**functions, is_staff: f"SELECT {staff or 'false'}"}.items():
        plain = "app." + signature.partition("(")[0] + "(" + _types(signature) + ")"
        made += [
            f"CREATE OR REPLACE FUNCTION app.{signature} SECURITY DEFINER SET search_path = public, pg_temp AS $$ {body} $$",
            f"REVOKE ALL ON FUNCTION {plain} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {plain} TO {callers}",
        ]
    return made


def _types(signature: str) -> str:
    """The types of a function's arguments: "f(a bigint, b text) RETURNS …" → "bigint, text"."""
    inside = signature.partition("(")[2].partition(")")[0]
    return ", ".join(part.strip().partition(" ")[2] for part in inside.split(",") if part.strip())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
