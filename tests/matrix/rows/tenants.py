"""The pages of tenants."""

from __future__ import annotations

from dataclasses import replace

from tenants.models import ClaimMapping, TenantClaim, Trail
from tests.matrix.doors import Thing
from tests.matrix.people import (
    ADMIN,
    APPLICANTS,
    AUDITORS,
    CASES,
    EVERYBODY,
    HOUSES,
    IN_THE_RECORD,
    NOBODY,
    OFFICERS,
    OPERATORS,
    OWNERS,
    STAFF,
    TENANT_PEOPLE,
    case,
    house,
    office,
    tenant,
)
from tests.matrix.rows.of import nobody, of_cases, of_houses, of_named, page, row
from tests.world import WORDS, World

NORTH = frozenset({"north officer", "north approver", "north auditor"})
SOUTH = frozenset({"south officer", "south approver", "south auditor"})
SEES_NORTH = NORTH | house("one") | house("two")
SEES_SOUTH = SOUTH | house("three")


def applicant(key):
    return frozenset({f"{key} applicant"})


def officials(key):
    return case(key) - applicant(key)


def officer(key):
    return NOBODY if key == "drafting" else office(key, "officer")


def owner(key):
    return frozenset({f"{key} owner"})


def opens_projects(key):
    return house(key) - {"one member"}


def rest(may, sees):
    """Those who see it without being among those who may."""
    return lambda key: sees(key) - may(key)


def authorities(world: World):
    return world.authorities


def staff(world: World):
    return {name: world.people[f"{name} officer"].authoritymemberships.get() for name in world.authorities}


def member_of(name):
    """Those who see the staff of an authority."""
    return NORTH if name == "north" else SOUTH


def self_and_admin(name):
    return ADMIN | {f"{name} officer"}


def mapping_of(world: World):
    facts = {
        "provider": "work",
        "claim": "groups",
        "value": "auditors",
        "role": "auditor",
        "anchor_name": "North Office",
    }
    north = world.authorities["north"]
    return ClaimMapping.objects.get_or_create(
        **facts, anchor_label="tenants.Authority", anchor_id=north.pk, authority=north, made_by=world.people["admin"]
    )[0]


def of_mapping(may):
    return Thing("north", lambda world: {"public_id": mapping_of(world).public_id}, may, NORTH - may)


def tenant_claim_of(world: World, key: str):
    """A mapping of the tenant, made by its owner."""
    tenant = world.houses[key].tenant
    facts = {"provider": "work", "claim": "groups", "value": f"{WORDS[key]} people", "role": "member"}
    return TenantClaim.objects.get_or_create(
        **facts, tenant=tenant, authority=tenant.authority, made_by=world.houses[key].owner
    )[0]


def of_tenant_claims(may, sees=lambda _key: NOBODY):
    return tuple(
        Thing(key, lambda world, key=key: {"public_id": tenant_claim_of(world, key).public_id}, may(key), sees(key))
        for key in HOUSES
    )


def reads_claims(key):
    """The owner, and the auditor who reads everything of the authority."""
    return owner(key) | office(key, "auditor")


def members(world: World):
    return {key: world.houses[key].tenant.memberships.get(user=world.houses[key].owner) for key in HOUSES}


def documents(may, sees=lambda _key: NOBODY, **facts):
    """The one document of each application."""
    return tuple(
        Thing(
            key, lambda world, key=key: {"public_id": world.cases[key].documents.get().public_id}, may(key), sees(key), **facts
        )
        for key in CASES
    )  # fmt: skip


def letters(may):
    """The one letter of each application that was sent."""
    return tuple(
        Thing(key, lambda world, key=key: {"public_id": world.cases[key].letters.get().public_id}, may(key))
        for key in ("asking", "elsewhere")
    )


def conditions(may, sees):
    """The one condition of each application that was sent."""
    return tuple(
        Thing(
            key, lambda world, key=key: {"public_id": world.cases[key].conditions.get().public_id}, may(key), sees(key)
        )
        for key in ("asking", "elsewhere")
    )


def stock_texts(world: World):
    """A text of each authority's officers."""
    return {
        name: authority.stock_texts.get_or_create(
            use="ground", texts={"en": "Ours"}, defaults={"set_by": world.people[f"{name} officer"]}
        )[0]
        for name, authority in world.authorities.items()
    }


def on_stock():
    """Officers change their texts, auditors read them."""
    names = {n: (deciding(n), frozenset({f"{n} auditor"})) for n in ("north", "south")}
    return row(of_named(stock_texts, names))


def on_wording():
    """How letters are worded is read by whoever sees the authority."""
    names = {name: (ADMIN | sees_authority(name), NOBODY) for name in ("north", "south")}
    return row(*with_more(of_named(authorities, names), {"kind": "case.approved", "language": "fr"}))


def of_checks(may, sees=lambda _key: NOBODY, **facts):
    """One check of each application that was sent; a draft has none."""
    return tuple(
        Thing(
            key, lambda world, key=key: {"public_id": world.cases[key].checks.earliest("pk").public_id}, may(key),
            sees(key), **facts
        )
        for key in CASES if key != "drafting"
    )  # fmt: skip


def rules(may, sees):
    return tuple(
        Thing(
            name,
            lambda world, name=name: {"public_id": world.authorities[name].public_id, "key": "decision.days"},
            may, sees(name),
        )
        for name in ("north", "south")
    )  # fmt: skip


def sees_authority(name):
    return SEES_NORTH if name == "north" else SEES_SOUTH


NO_INVITATION = "00000000-0000-4000-8000-000000000000"


def writing(status: int = 200, **more: str):
    """Pages of a draft; what was sent may be read on its own page and not be changed."""
    return row(
        *with_more(of_cases(applicant, officials, keys=["drafting"], status=status), more),
        *with_more(of_cases(applicant, officials, keys=["asking", "elsewhere"], status=422), more),
    )


def with_more(things, more):
    """The same doors with more in their address than the case."""
    return [
        replace(thing, kwargs=lambda world, thing=thing: {**thing.kwargs(world), **more}) for thing in things
    ]  # fmt: skip


def sets(world: World):
    """North has begun a version of its own, south has published one."""
    return {name: authority.question_sets.get() for name, authority in world.authorities.items()}


def questions(may, sees, status=200, keys=("north", "south"), **more):
    """Pages about an authority's question sets."""
    names = {name: (may(name), sees(name)) for name in keys}
    return with_more(of_named(sets, names, status=status), more)


def deciding(name):
    return frozenset({f"{name} officer"})


def staff_of(name):
    return NORTH if name == "north" else SOUTH


def watching(name):
    return (staff_of(name) | ADMIN) - deciding(name)


def on_unpublished(status=200, **more):
    """What is published is refused to those who might else."""
    return row(
        *questions(deciding, watching, status, ["north"], **more),
        *questions(deciding, watching, 422, ["south"], **more),
    )


OF_OFFICERS = {n: (deciding(n), (ADMIN | sees_authority(n)) - deciding(n)) for n in ("north", "south")}
SHOWN_TENANTS = {key: tenant(key) for key in HOUSES}
SHOWN_CASES = {key: case(key) for key in ("asking", "elsewhere")}

WEBHOOKS = of_named(lambda world: world.webhooks, {key: (owner(key), NOBODY) for key in HOUSES})
ROWS = {
    "first-run": row(page(EVERYBODY, public=True, status=302)),
    "setup": row(page(ADMIN)),
    "case-apply": row(page(EVERYBODY, public=True)),
    "case-link-sent": row(page(EVERYBODY, public=True)),
    "case-link": row(Thing("", lambda _world: {"token": "forged"}, EVERYBODY, public=True, status=404)),
    "case-invitation-take-back": writing(status=302, invitation=NO_INVITATION),
    "cases": row(page(OFFICERS | AUDITORS | APPLICANTS), shows=SHOWN_CASES),
    "case": row(of_cases(case)),
    "case-facts": row(of_cases(case)),
    "case-aside": row(of_cases(case)),
    "case-edit": writing(status=302),
    "case-write": writing(step="data"),
    "case-keep": row(of_cases(applicant, officials, status=302)),
    "case-send": writing(),
    "case-writers": writing(),
    "case-writer-remove": writing(status=302, person="00000000-0000-4000-8000-000000000000"),
    "case-answer": row(of_cases(applicant, officials)),
    "case-withdraw": row(of_cases(applicant, officials)),
    "case-take": row(of_cases(officer, rest(officer, case))),
    "case-assign": row(of_cases(officer, rest(officer, case))),
    "case-note": row(of_cases(officer, rest(officer, case))),
    "case-decide": row(of_cases(officer, rest(officer, case), status=302)),
    "case-documents": row(of_cases(applicant, officials)),
    "case-files": row(*with_more(of_cases(applicant, officials), {"key": "register_extract"})),
    "document": row(documents(case)),
    "document-remove": row(documents(applicant, officials)),
    "case-effect": row(of_cases(officer, rest(officer, case))),
    "case-appeal": row(of_cases(applicant, officials)),
    "condition-met": row(conditions(officer, rest(officer, case))),
    "stock-texts": row(of_named(authorities, OF_OFFICERS)),
    "stock-text-new": row(of_named(authorities, OF_OFFICERS)),
    "stock-copy": row(of_named(authorities, OF_OFFICERS, status=302)),
    "stock-text-edit": on_stock(),
    "stock-text-retire": on_stock(),
    "letter": row(letters(case)),
    "letter-file": row(letters(case)),
    "letters": row(of_named(authorities, {n: (ADMIN | sees_authority(n), NOBODY) for n in ("north", "south")})),
    "letter-wording": on_wording(),
    "letter-preview": on_wording(),
    "letter-sample": on_wording(),
    "check": row(of_checks(officials)),
    "check-result": row(of_checks(officer, rest(officer, officials))),
    "check-propose": row(of_checks(officer, rest(officer, officials))),
    "check-second": row(of_checks(officer, rest(officer, officials))),
    "check-again": row(of_checks(officer, rest(officer, officials))),
    "check-rules": row(of_named(authorities, {n: (ADMIN | sees_authority(n), NOBODY) for n in ("north", "south")})),
    "check-rule-new": row(of_named(authorities, {n: (ADMIN, sees_authority(n)) for n in ("north", "south")})),
    "check-rule": row(
        *with_more(
            of_named(authorities, {n: (ADMIN, sees_authority(n)) for n in ("north", "south")}), {"key": "legal_id"}
        )
    ),
    "tenants": row(page(STAFF | TENANT_PEOPLE), shows=SHOWN_TENANTS),
    "tenant": row(of_houses(lambda h: h.tenant, tenant)),
    "tenant-admission": row(of_houses(lambda h: h.tenant, tenant)),
    "tenant-suspend": row(of_houses(lambda h: h.tenant, officer, rest(officer, tenant))),
    "tenant-reactivate": row(of_houses(lambda h: h.tenant, officer, rest(officer, tenant))),
    "project-new": row(of_houses(lambda h: h.tenant, opens_projects, rest(opens_projects, tenant))),
    "member-new": row(of_houses(lambda h: h.tenant, owner, rest(owner, tenant))),
    "membership-end": row(of_named(members, {key: (owner(key), tenant(key) - owner(key)) for key in HOUSES})),
    "membership-change": row(of_named(members, {key: (owner(key), tenant(key) - owner(key)) for key in HOUSES})),
    "tenant-people": row(of_houses(lambda h: h.tenant, tenant)),
    "my-roles": row(page()),
    "tokens": row(page(), shows={key: owner(key) for key in HOUSES}),
    "token-new": row(page()),
    "webhooks": row(page(), shows={key: owner(key) for key in HOUSES}),
    "webhook-new": row(page()),
    **{f"webhook{each}": row(WEBHOOKS) for each in ("", "-edit", "-secret", "-test", "-pause", "-resume", "-remove")},
    "webhook-again": row(
        tuple(
            Thing(
                key,
                lambda world, key=key: {
                    "public_id": world.webhooks[key].public_id,
                    "delivery": world.webhooks[key].deliveries.get().public_id,
                },
                owner(key),
            )
            for key in HOUSES
        )
    ),
    "token-revoke": row(of_named(lambda world: world.tokens, {key: (owner(key), NOBODY) for key in HOUSES})),
    "projects": row(page(STAFF | TENANT_PEOPLE), shows=SHOWN_TENANTS),
    "project": row(of_houses(lambda h: h.project, tenant)),
    "project-edit": row(of_houses(lambda h: h.project, opens_projects, rest(opens_projects, tenant))),
    "authorities": row(page(ADMIN | STAFF | TENANT_PEOPLE)),
    "authority-new": row(page(ADMIN)),
    "authority": row(of_named(authorities, {n: (ADMIN | sees_authority(n), NOBODY) for n in ("north", "south")})),
    "authority-edit": row(of_named(authorities, {n: (ADMIN, sees_authority(n)) for n in ("north", "south")})),
    "staff-new": row(of_named(authorities, {n: (ADMIN, sees_authority(n)) for n in ("north", "south")})),
    "authority-people": row(
        of_named(authorities, {n: (ADMIN | member_of(n), sees_authority(n) - member_of(n)) for n in ("north", "south")})
    ),
    "staff-change": row(of_named(staff, {"north": (ADMIN, NORTH), "south": (ADMIN, SOUTH)})),
    "staff-end": row(
        of_named(staff, {n: (self_and_admin(n), member_of(n) - self_and_admin(n)) for n in ("north", "south")})
    ),
    "staff-delegate": row(
        of_named(staff, {n: ({f"{n} officer"}, (ADMIN | member_of(n)) - {f"{n} officer"}) for n in ("north", "south")})
    ),
    "tenant-claims": row(of_houses(lambda house: house.tenant, reads_claims, rest(reads_claims, tenant))),
    "tenant-claim-new": row(of_houses(lambda house: house.tenant, owner, rest(owner, tenant))),
    "tenant-claims-dry-run": row(of_houses(lambda house: house.tenant, owner, rest(owner, tenant))),
    "tenant-claim-end": row(of_tenant_claims(owner, lambda key: office(key, "auditor"))),
    "claims": row(page(ADMIN)),
    "claim-new": row(page(ADMIN, other=403)),
    "claims-dry-run": row(page(ADMIN, other=403)),
    "claim-end": row(of_mapping(ADMIN)),
    "questions": row(of_named(authorities, {n: (ADMIN | sees_authority(n), NOBODY) for n in ("north", "south")})),
    "questions-begin": row(
        of_named(authorities, {n: (deciding(n), (ADMIN | sees_authority(n)) - deciding(n)) for n in ("north", "south")})
    ),
    "question-set": row(*questions(lambda name: staff_of(name) | ADMIN, nobody)),
    "question-preview": row(*questions(lambda name: staff_of(name) | ADMIN, nobody)),
    "question-new": on_unpublished(),
    "question-edit": on_unpublished(key="sector"),
    "question-move": on_unpublished(302, key="sector"),
    "question-set-publish": on_unpublished(),
    "question-set-drop": on_unpublished(),
    "people": row(page(ADMIN | STAFF)),
    "factors-reset": row(page(ADMIN, other=403)),
    "policies": row(page()),
    "policy-set": row(rules(ADMIN, sees_authority)),
    "policy-effect": row(rules(ADMIN, sees_authority)),
    "audit-event": row(
        tuple(
            Thing(
                key,
                lambda world, key=key: {
                    "public_id": Trail.objects.filter(tenant_id=world.houses[key].tenant.pk).earliest("pk").pk
                },
                owner(key) | office(key, "auditor"),
            )
            for key in HOUSES
        )
    ),
    "audit": row(
        page(ADMIN | AUDITORS | OWNERS | OPERATORS),
        shows={key: owner(key) | office(key, "auditor") for key in HOUSES},
        tells=IN_THE_RECORD,  # that something was drafted, and when
    ),
}
