"""The endpoints of resources: the same rows and rights as the pages."""

from __future__ import annotations

from resources.models import Grant, Quota
from tests.matrix.doors import Row, Thing
from tests.matrix.people import ADMIN, HOUSES, NOBODY, SIGNED_IN, People, house, office, request, tenant
from tests.matrix.rows.of import Who, nobody, of_named, page, row
from tests.matrix.rows.resources import (
    CLUSTERS,
    CONDITION_ACTS,
    DALE,
    HILL,
    IDLE_ACTS,
    POOLS,
    PROVIDERS,
    RUNS,
    SHARES,
    SHOWN,
    asks,
    clusters,
    conditions,
    credentials,
    decided,
    deciders,
    drafts,
    findings,
    found,
    grants,
    operators,
    pays,
    sent,
    windows,
)


def runs(key: str) -> People:
    """The operator of the cluster that the tenant uses."""
    return DALE if key == "three" else HILL


def holds(key: str) -> People:
    """Who sees the tenant's quotas."""
    return tenant(key) | runs(key)


def granted(key: str) -> People:
    """Who sees the tenant's grants: also approvers of the authority whose share pays."""
    return holds(key) | office(key, "approver")


def rest(may: Who, sees: Who) -> Who:
    return lambda key: sees(key) - may(key)


def of_tenant(model: type[Grant | Quota], may: Who, **facts) -> tuple[Thing, ...]:
    return tuple(
        Thing(
            key,
            lambda w, key=key: {"public_id": model.objects.get(tenant=w.houses[key].tenant).public_id},
            may(key),
            **facts,
        )
        for key in HOUSES
    )


def by_tenant(*also: Thing) -> Row:
    return row(sent(asks, rest(asks, request)), *also, gets=False)


DECIDES = row(sent(deciders, rest(deciders, request)), drafts(nobody, house), gets=False)
ON_CLUSTER = row(clusters(RUNS, seen=True), gets=False)
WITH_QUOTAS = {key: holds(key) for key in HOUSES}
SHARED = ("shared", "north")

ROWS = {
    "api-provider-staff-list": row(page()),
    "api-provider-staff-detail": row(
        of_named(operators, {"hill": (ADMIN | HILL, NOBODY), "dale": (ADMIN | DALE, NOBODY)})
    ),
    "api-provider-staff-change": row(of_named(operators, {"hill": (ADMIN, HILL), "dale": (ADMIN, DALE)}), gets=False),
    "api-provider-staff-end": row(
        of_named(operators, {"hill": (ADMIN | HILL, NOBODY), "dale": (ADMIN | DALE, NOBODY)}), gets=False
    ),
    "api-provider-staff-delegate": row(of_named(operators, {"hill": (HILL, ADMIN), "dale": (DALE, ADMIN)}), gets=False),
    "api-provider-list": row(page()),
    "api-provider-detail": row(
        of_named(lambda w: w.providers, {name: (people, NOBODY) for name, people in PROVIDERS.items()})
    ),
    "api-cluster-list": row(page()),
    "api-cluster-detail": row(clusters(CLUSTERS)),
    "api-cluster-state": ON_CLUSTER,
    "api-cluster-test": ON_CLUSTER,
    "api-cluster-credentials": row(clusters(RUNS, seen=True)),
    "api-cluster-credential": row(credentials(), gets=False),
    "api-maintenance-list": row(page()),
    "api-maintenance-detail": row(windows(CLUSTERS)),
    "api-maintenance-consequences": row(windows(CLUSTERS)),
    "api-maintenance-cancel": row(windows(RUNS), gets=False),
    "api-maintenance-end": row(windows(RUNS), gets=False),
    "api-maintenance-preview": row(page(), gets=False),
    "api-kind-list": row(page()),
    "api-kind-detail": row(Thing("h100", lambda world: {"public_id": world.pools["shared"].kind.public_id}, SIGNED_IN)),
    "api-pool-list": row(page()),
    "api-pool-detail": row(of_named(lambda w: w.pools, {name: (people, NOBODY) for name, people in POOLS.items()})),
    "api-pool-timeline": row(
        of_named(lambda w: w.pools, {name: (people, NOBODY) for name, people in POOLS.items()}),
    ),
    "api-pool-room": row(
        of_named(lambda w: w.pools, {name: (people, NOBODY) for name, people in POOLS.items()}), gets=False
    ),
    "api-share-list": row(page()),
    "api-share-detail": row(
        Thing("north", lambda world: {"public_id": world.shares[SHARED].public_id}, SHARES[SHARED] | ADMIN)
    ),
    "api-request-list": row(page(), shows=SHOWN),
    "api-request-detail": row(drafts(house), sent(request), decided(request)),
    "api-request-submit": by_tenant(*drafts(asks, lambda key: house(key) - asks(key))),
    "api-request-withdraw": by_tenant(),
    "api-request-answer-question": by_tenant(),
    "api-request-review": DECIDES,
    "api-request-approve": DECIDES,
    "api-request-reject": DECIDES,
    "api-request-ask": DECIDES,
    "api-request-confirm": DECIDES,
    "api-request-send-back": DECIDES,
    "api-request-take-back": DECIDES,
    "api-request-assign": DECIDES,
    "api-request-appeal": by_tenant(),
    "api-request-approve-many": row(page(), gets=False),
    "api-request-preview": DECIDES,
    "api-request-rules": row(
        sent(office, rest(office, request)), decided(office, rest(office, request)), drafts(nobody, house)
    ),
    "api-grant-list": row(page(), shows={key: granted(key) for key in HOUSES}),
    "api-grant-detail": row(of_tenant(Grant, granted)),
    "api-grant-use": row(of_tenant(Grant, granted)),
    "api-grant-budget": row(of_tenant(Grant, granted, status=404)),
    "api-grant-revoke": row(grants(pays, rest(pays, granted)), gets=False),
    "api-idle-list": row(page(), shows={key: found(key) for key in HOUSES}),
    "api-idle-detail": row(findings(found)),
    "api-idle-savings": row(page()),
    "api-idle-justify": row(findings(asks, rest(asks, found)), gets=False),
    "api-idle-release": row(findings(asks, rest(asks, found)), gets=False),
    **{f"api-idle-{act}": row(findings(pays, rest(pays, found)), gets=False) for act in IDLE_ACTS},
    "api-grant-condition-list": row(page(), shows={key: found(key) for key in HOUSES}),
    "api-grant-condition-detail": row(conditions(found)),
    "api-grant-condition-say-met": row(conditions(asks, rest(asks, found)), gets=False),
    **{f"api-grant-condition-{act}": row(conditions(pays, rest(pays, found)), gets=False) for act in CONDITION_ACTS},
    "api-quota-list": row(page(), shows=WITH_QUOTAS),
    "api-quota-detail": row(of_tenant(Quota, holds)),
}
