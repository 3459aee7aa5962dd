"""What comes after an admission: imports, defaults, invitations, recertification, leaving, archives, ended projects."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tenants.models import Departure, Invitation, KindDefaults, Recertification, TenantImport
from tenants.services.imports import upload_import
from tests.matrix.doors import Row, Thing
from tests.matrix.people import ADMIN, HOUSES, NOBODY, OFFICERS, STAFF, People, tenant
from tests.matrix.rows.of import Who, nobody, of_houses, of_named, page, row
from tests.matrix.rows.tenants import (
    authorities,
    deciding,
    officer,
    opens_projects,
    owner,
    rest,
    sees_authority,
    staff_of,
)
from tests.world import WORDS, World

SHEET = "name,legal_id,kind,country,contact_email,data_class\nA,LU12345613,academia,LU,a@b.example,internal"
OFFICES = ("north", "south")


def import_of(world: World, name: str) -> TenantImport:
    authority = world.authorities[name]
    found = TenantImport.objects.filter(authority=authority).first()
    officer = world.people[f"{name} officer"]
    return found or upload_import(acting_user=officer, authority=authority, name="a.csv", content=SHEET.encode())


def imports(status: int = 200, sees: People = NOBODY, **facts: bool) -> Row:
    return row(
        tuple(
            Thing(
                name, lambda world, name=name: {"public_id": import_of(world, name).public_id},
                frozenset({f"{name} officer"}), sees, status=status,
            )
            for name in OFFICES
        ),
        **facts,
    )  # fmt: skip


def things(make, may: Who, sees: Who = nobody, status: int = 200) -> tuple[Thing, ...]:
    """Something that each house has; made when it is asked for."""
    return tuple(
        Thing(
            key, lambda world, key=key: {"public_id": make(world, key).public_id}, may(key), sees(key), status=status
        )
        for key in HOUSES
    )  # fmt: skip


def look_of(world: World, key: str) -> Recertification:
    house = world.houses[key].tenant
    facts = {"authority": house.authority, "due_on": timezone.localdate() + timedelta(days=30), "note": WORDS[key]}
    return Recertification.objects.get_or_create(tenant=house, defaults=facts)[0]


def departure_of(world: World, key: str) -> Departure:
    house = world.houses[key]
    facts = {"authority": house.tenant.authority, "asked_by": house.owner, "reason": WORDS[key]}
    return Departure.objects.get_or_create(tenant=house.tenant, defaults=facts)[0]


def invitation_of(world: World, key: str) -> Invitation:
    house = world.houses[key]
    membership = house.tenant.memberships.get(user=house.owner)
    facts = {
        "tenant": house.tenant, "authority": house.tenant.authority, "user": house.owner,
        "expires_at": timezone.now() + timedelta(days=1),
    }  # fmt: skip
    return Invitation.objects.get_or_create(membership=membership, defaults=facts)[0]


def defaults_of(world: World, name: str) -> KindDefaults:
    return KindDefaults.objects.get_or_create(authority=world.authorities[name], kind="academia", version=1)[0]


def of_defaults(may: Who) -> tuple[Thing, ...]:
    return tuple(
        Thing(name, lambda world, name=name: {"public_id": defaults_of(world, name).public_id}, may(name))
        for name in OFFICES
    )


def on_tenant(may: Who, **facts: bool) -> Row:
    return row(of_houses(lambda house: house.tenant, may, rest(may, tenant)), **facts)


def officer_or_owner(key: str) -> People:
    return owner(key) | officer(key)


def manages(key: str) -> People:
    return owner(key)


LOOK_OWNER, LOOK_OFFICER = (things(look_of, may, rest(may, tenant)) for may in (owner, officer))
DEPARTURE_OFFICER = things(departure_of, officer, rest(officer, tenant))
DEPARTURE_BOTH = things(departure_of, officer_or_owner, rest(officer_or_owner, tenant))
INVITATION = things(invitation_of, owner, lambda key: staff_of("south" if key == "three" else "north"))
SEES_INVITATION = lambda key: owner(key) | staff_of("south" if key == "three" else "north")  # noqa: E731 - a group

ROWS = {
    "recertifications": row(page(STAFF)),
    "recertification": row(things(look_of, tenant)),
    "recertification-answer": row(LOOK_OWNER),
    "recertification-close": row(LOOK_OFFICER),
    "recertification-back": row(LOOK_OFFICER),
    "recertification-move": row(LOOK_OFFICER),
    "api-recertification-list": row(page()),
    "api-recertification-detail": row(things(look_of, tenant)),
    "api-recertification-reply": row(LOOK_OWNER, gets=False),
    "api-recertification-close": row(LOOK_OFFICER, gets=False),
    "api-recertification-send-back": row(LOOK_OFFICER, gets=False),
    "api-recertification-move": row(LOOK_OFFICER, gets=False),
    "tenant-leave": on_tenant(officer),
    "tenant-ask-leave": on_tenant(owner),
    "tenant-archive": on_tenant(owner),
    "departure-confirm": row(DEPARTURE_OFFICER),
    "departure-drop": row(DEPARTURE_BOTH),
    "api-departure-list": row(page()),
    "api-departure-detail": row(things(departure_of, tenant)),
    "api-departure-ask": row(page(), gets=False),
    "api-departure-confirm": row(DEPARTURE_OFFICER, gets=False),
    "api-departure-drop": row(DEPARTURE_BOTH, gets=False),
    "api-tenant-leaving-effects": row(of_houses(lambda house: house.tenant, tenant)),
    "api-tenant-archive": on_tenant(owner, gets=False),
    "tenant-invitations": on_tenant(officer_or_owner),
    "members-many": on_tenant(owner),
    "invitation-resend": row(INVITATION),
    "invitation-revoke": row(INVITATION),
    "api-invitation-list": row(page()),
    "api-invitation-detail": row(things(invitation_of, SEES_INVITATION)),
    "api-invitation-people": row(page(), gets=False),
    "api-invitation-send": row(INVITATION, gets=False),
    "api-invitation-revoke": row(INVITATION, gets=False),
    "kind-defaults": row(of_named(authorities, {n: (ADMIN | sees_authority(n), NOBODY) for n in OFFICES})),
    "kind-defaults-set": row(
        *(
            Thing(
                name,
                lambda world, name=name: {"public_id": world.authorities[name].public_id, "kind": "academia"},
                deciding(name),
                (ADMIN | sees_authority(name)) - deciding(name),
            )
            for name in OFFICES
        )
    ),
    "api-kind-defaults-list": row(page()),
    "api-kind-defaults-detail": row(of_defaults(staff_of)),
    "project-end": row(of_houses(lambda house: house.project, opens_projects, rest(opens_projects, tenant))),
    "api-project-end": row(
        of_houses(lambda house: house.project, opens_projects, rest(opens_projects, tenant)), gets=False
    ),
    "imports": row(page(OFFICERS)),
    "import-new": row(page(OFFICERS)),
    "import-template": row(page(OFFICERS)),
    "import": imports(),
    "import-part": imports(),
    "import-try": imports(),
    "import-run": imports(),
    "api-import-list": row(page()),
    "api-import-detail": imports(),
    "api-import-trial": imports(gets=False),
    "api-import-take-over": imports(gets=False),
}
