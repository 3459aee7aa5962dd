"""The pages of resources."""

from __future__ import annotations

from resources.models import Grant, GrantCondition, IdleFinding
from tests.matrix.doors import Thing
from tests.matrix.people import (
    ADMIN,
    APPROVERS,
    EVERYBODY,
    HOUSES,
    NOBODY,
    OPERATORS,
    SIGNED_IN,
    STAFF,
    TENANT_PEOPLE,
    house,
    office,
    request,
    tenant,
)
from tests.matrix.rows.of import nobody, of_houses, of_named, page, row
from tests.matrix.rows.tenants import NORTH, SOUTH
from tests.world import World

HILL, DALE = frozenset({"hill operator"}), frozenset({"dale operator"})
WITH_A_PLACE = ADMIN | OPERATORS | STAFF | TENANT_PEOPLE
CLUSTERS = {
    "shared": HILL | ADMIN | NORTH | SOUTH | house("one") | house("two"),
    "upper": HILL | ADMIN | NORTH,
    "lower": DALE | ADMIN | SOUTH | house("three"),
}
POOLS = {"shared": HILL | ADMIN | NORTH | SOUTH, "upper": HILL | ADMIN | NORTH, "lower": DALE | ADMIN | SOUTH}
RUNS = {"shared": HILL | ADMIN, "upper": HILL | ADMIN, "lower": DALE | ADMIN}
PROVIDERS = {"hill": HILL | ADMIN, "dale": DALE | ADMIN}
SHARES = {
    ("shared", "north"): HILL | NORTH,
    ("shared", "south"): HILL | SOUTH,
    ("upper", "north"): HILL | NORTH,
    ("lower", "south"): DALE | SOUTH,
}


def asks(key):
    return house(key) - {"one member"}


def deciders(key):
    """Approvers of every authority with a share in the pool that is asked for."""
    return office(key, "approver") | ({"south approver"} if key in {"one", "two"} else NOBODY)


def drafts(may, sees=nobody, **facts):
    return of_houses(lambda h: h.draft, may, sees, **facts)


def sent(may, sees=nobody, **facts):
    return of_houses(lambda h: h.open, may, sees, **facts)


def decided(may, sees=nobody, **facts):
    return of_houses(lambda h: h.decided, may, sees, **facts)


def clusters(may, seen=False, **facts):
    """``may``: name → people; with ``seen``, the others who see the cluster are told that it is not theirs to do."""
    names = {name: (people, CLUSTERS[name] - people if seen else NOBODY) for name, people in may.items()}
    return of_named(lambda world: world.clusters, names, **facts)


def windows(may, **facts):
    """The maintenance of each cluster; others who see the cluster are told that it is not theirs to do."""
    names = {name: (people, CLUSTERS[name] - people) for name, people in may.items()}
    return of_named(lambda world: {name: world.clusters[name].maintenance.get() for name in names}, names, **facts)


def credentials(may=RUNS, purpose="source_token", **facts):
    """The token of each cluster's source; others who see the cluster are told that it is not theirs to do."""
    return tuple(
        Thing(
            name,
            lambda world, name=name: {"public_id": world.clusters[name].public_id, "purpose": purpose},
            people, CLUSTERS[name] - people, **facts,
        )
        for name, people in may.items()
    )  # fmt: skip


def operators(world: World):
    return {name: world.people[f"{name} operator"].providermemberships.get() for name in world.providers}


def shares():
    return tuple(
        Thing(
            " ".join(key), lambda world, key=key: {"public_id": world.shares[key].public_id}, ADMIN, people, other=404
        )
        for key, people in SHARES.items()
    )


def topics():
    """Every live topic of every tenant and cluster, and the two that everybody has a cut of."""
    asked = {
        "capacity": (lambda _world: "capacity", SIGNED_IN),
        "events": (lambda _world: "events", SIGNED_IN),
        "unknown": (lambda _world: "everything", NOBODY),
        **{key: (lambda world, key=key: f"tenant:{world.houses[key].tenant.public_id}", tenant(key)) for key in HOUSES},
        **{
            name: (lambda world, name=name: f"cluster:{world.clusters[name].public_id}", people)
            for name, people in CLUSTERS.items()
        },
    }
    return tuple(
        Thing(label, lambda _world: {}, may, query=lambda world, topic=topic: f"?topic={topic(world)}")
        for label, (topic, may) in asked.items()
    )


def pays(key):
    """Approvers of the authority whose share pays."""
    return office(key, "approver")


def granted(key):
    """Who sees the tenant's grants: also the operator of its cluster."""
    return tenant(key) | (DALE if key == "three" else HILL)


def found(key):
    """Who sees what stands idle: no operator."""
    return tenant(key)


def grants(may, sees=nobody, **facts):
    return of_houses(lambda h: Grant.objects.get(line__request=h.decided), may, sees, **facts)


def findings(may, sees=nobody, **facts):
    return of_houses(lambda h: IdleFinding.objects.get(grant__line__request=h.decided), may, sees, **facts)


def conditions(may, sees=nobody, **facts):
    return of_houses(lambda h: GrantCondition.objects.get(request=h.decided), may, sees, **facts)


CONDITION_ACTS = ("confirm", "send-back", "lift", "suspend", "shorten")
IDLE_ACTS = ("accept", "escalate", "dismiss", "reclaim", "confirm", "send-back")
GRANTS_SHOWN = {key: granted(key) for key in HOUSES}
IDLE_SHOWN = {key: found(key) for key in HOUSES}
SHOWN = {**{key: request(key) for key in HOUSES}, **{f"{key} draft": house(key) for key in HOUSES}}
ON_CLUSTERS = {"one": tenant("one") | HILL, "two": tenant("two") | HILL, "three": tenant("three") | DALE}

ROWS = {
    "capacity": row(page()),
    "live-ticket": row(topics()),
    "live-snapshot": row(topics()),
    "requests": row(page(STAFF | TENANT_PEOPLE), shows=SHOWN),
    "request-new": row(page(asks("one") | asks("two") | asks("three"))),
    "request-offer": row(page()),
    "request": row(drafts(house), sent(request), decided(request)),
    "request-edit": row(drafts(asks, lambda key: house(key) - asks(key))),
    "request-copy": row(
        drafts(asks, lambda key: house(key) - asks(key)), sent(asks, lambda key: request(key) - asks(key))
    ),
    "request-submit": row(
        drafts(asks, lambda key: house(key) - asks(key)), sent(asks, lambda key: request(key) - asks(key))
    ),
    "request-withdraw": row(sent(asks, lambda key: request(key) - asks(key))),
    "request-answer": row(sent(asks, lambda key: request(key) - asks(key))),
    "request-quotas": row(drafts(house), decided(request)),
    "request-letters": row(drafts(house), decided(request)),
    "request-moved": row(drafts(house), sent(request)),
    "request-impact": row(sent(deciders, lambda key: request(key) - deciders(key))),
    "request-review": row(sent(deciders, lambda key: request(key) - deciders(key)), drafts(nobody, house)),
    "request-decide": row(sent(deciders, lambda key: request(key) - deciders(key), status=302), drafts(nobody, house)),
    "requests-bulk": row(page(APPROVERS, other=403, status=302)),
    "request-assign": row(sent(deciders, lambda key: request(key) - deciders(key)), drafts(nobody, house)),
    "request-appeal": row(sent(asks, lambda key: request(key) - asks(key))),
    "request-take-back": row(sent(deciders, lambda key: request(key) - deciders(key)), drafts(nobody, house)),
    "tenant-quotas": row(of_houses(lambda h: h.tenant, tenant)),
    "tenant-ends": row(of_houses(lambda h: h.tenant, tenant)),
    "grants": row(page(STAFF | TENANT_PEOPLE | OPERATORS), shows=GRANTS_SHOWN),
    "grant": row(grants(granted), tells={}),
    "grant-moved": row(grants(granted)),
    "grant-revoke": row(grants(pays, lambda key: granted(key) - pays(key))),
    "request-conditions": row(drafts(house), decided(request)),
    "request-condition-rows": row(
        sent(deciders, lambda key: request(key) - deciders(key), status=302), drafts(nobody, house)
    ),
    "grant-conditions": row(page(STAFF | TENANT_PEOPLE), shows=IDLE_SHOWN),
    "grant-condition": row(conditions(found)),
    "grant-condition-moved": row(conditions(found)),
    "grant-condition-say-met": row(conditions(asks, lambda key: found(key) - asks(key))),
    **{f"grant-condition-{act}": row(conditions(pays, lambda key: found(key) - pays(key))) for act in CONDITION_ACTS},
    "idle-findings": row(page(STAFF | TENANT_PEOPLE), shows=IDLE_SHOWN),
    "idle-savings": row(page()),
    "idle-finding": row(findings(found)),
    "idle-moved": row(findings(found)),
    "idle-justify": row(findings(asks, lambda key: found(key) - asks(key))),
    "idle-release": row(findings(asks, lambda key: found(key) - asks(key))),
    **{f"idle-{act}": row(findings(pays, lambda key: found(key) - pays(key))) for act in IDLE_ACTS},
    "clusters": row(page(WITH_A_PLACE)),
    "cluster-new": row(page(OPERATORS | ADMIN, other=403)),
    "cluster": row(clusters(CLUSTERS), tells={}),
    "cluster-edit": row(clusters(RUNS, seen=True)),
    "cluster-state": row(clusters(RUNS, seen=True)),
    "cluster-test": row(clusters(RUNS, seen=True)),
    "cluster-credential": row(credentials(), credentials(purpose="engine_ca"), credentials(purpose="none", status=404)),
    "cluster-credential-remove": row(credentials()),
    "maintenance": row(page(WITH_A_PLACE)),
    "maintenance-new": row(page(OPERATORS | ADMIN, other=403)),
    "maintenance-window": row(windows(CLUSTERS), tells={}),
    "maintenance-moved": row(windows(CLUSTERS)),
    **{f"maintenance-{act}": row(windows(RUNS)) for act in ("change", "cancel", "end")},
    "tenant-maintenance": row(of_houses(lambda h: h.tenant, tenant)),
    "providers": row(page(OPERATORS | ADMIN)),
    "provider-new": row(page(ADMIN, other=403)),
    "provider": row(of_named(lambda w: w.providers, {name: (people, NOBODY) for name, people in PROVIDERS.items()})),
    "provider-edit": row(of_named(lambda w: w.providers, {"hill": (ADMIN, HILL), "dale": (ADMIN, DALE)})),
    "provider-staff-new": row(of_named(lambda w: w.providers, {"hill": (ADMIN, HILL), "dale": (ADMIN, DALE)})),
    "provider-people": row(
        of_named(lambda w: w.providers, {"hill": (ADMIN | HILL, NOBODY), "dale": (ADMIN | DALE, NOBODY)})
    ),
    "provider-staff-change": row(of_named(operators, {"hill": (ADMIN, HILL), "dale": (ADMIN, DALE)})),
    "provider-staff-end": row(of_named(operators, {"hill": (ADMIN | HILL, NOBODY), "dale": (ADMIN | DALE, NOBODY)})),
    "provider-staff-delegate": row(of_named(operators, {"hill": (HILL, ADMIN), "dale": (DALE, ADMIN)})),
    "kinds": row(page()),
    "kind-new": row(page(ADMIN, other=403)),
    "kind-alias": row(page(ADMIN, other=403)),
    "kind": row(
        Thing("h100", lambda world: {"public_id": world.pools["shared"].kind.public_id}, ADMIN, EVERYBODY, other=403)
    ),
    "pools": row(page(OPERATORS | ADMIN | STAFF)),
    "pool-new": row(page(OPERATORS | ADMIN, other=403)),
    "pool": row(of_named(lambda w: w.pools, {name: (people, NOBODY) for name, people in POOLS.items()})),
    "pool-timeline": row(of_named(lambda w: w.pools, {name: (people, NOBODY) for name, people in POOLS.items()})),
    "pool-edit": row(of_named(lambda w: w.pools, {name: (RUNS[name], POOLS[name] - RUNS[name]) for name in POOLS})),
    "shares": row(page(OPERATORS | ADMIN | STAFF)),
    "share-new": row(page(ADMIN, other=403)),
    "share": row(shares()),
}
