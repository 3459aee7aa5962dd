"""The seed: turns the cast into rows, through the services and as the people of the cast, in the order of their days.

It acts once, on an empty database, in one transaction: a start that is killed half-way leaves nothing behind. Later
starts only tell the clusters on which ports their sources listen now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.models import MailRhythm, NoticeChoice, Notification, User
from resources.demo import (
    afterwards,
    bindings,
    cast,
    checking,
    clock,
    drafts,
    endings,
    history,
    maintenance,
    outcomes,
    ruling,
    second_factor,
)
from resources.demo.cast_types import Person
from resources.models import Cluster, GPUKind, Provider
from resources.roles import PROVIDER_GRANTS
from resources.services import inventory, providers
from tenants.models import Authority
from tenants.roles import AUTHORITY_GRANTS
from tenants.services.authorities import register_authority, set_policy
from tenants.services.memberships import give_role
from tenants.services.people import create_person

PASSWORD = "demo factory 2026"  # noqa: S105 - printed at every start, for a world in which nobody exists
BEGAN_DAYS_AGO = 150
READ_AFTER_DAYS = 6
"""Notifications older than this were read long ago."""


@dataclass(frozen=True)
class Account:
    """A line of the greeting."""

    role: str
    name: str
    email: str
    password: str = PASSWORD


def accounts() -> list[Account]:
    """Whom one may sign in as, one per role."""
    return [Account(person.shown, person.name, person.email) for person in cast.PEOPLE if person.shown]


def is_here() -> bool:
    """Whether this database holds the demo world."""
    return User.objects.filter(email=cast.PEOPLE[0].email).exists()


def seed(ports: dict[str, int]) -> bool:
    """Make the world if nobody is here yet; False if somebody was. ``ports``: cluster slug → port of its source."""
    if is_here() or not User.objects.exists():
        checking.record_registers()
    if User.objects.exists():
        if is_here():
            tell_ports(ports)
            second_factor.equip()
        return False
    now = timezone.now()
    with transaction.atomic():
        people = Cast(now)
        with clock.on(now - timedelta(days=BEGAN_DAYS_AGO)):
            people.arrive()
            found_house(people, ports)
        history.live(people, now)
        endings.live(people, now)
        ruling.happen(people, now)
        bindings.happen(people, now)
        drafts.begin(people, now)
        outcomes.happen(people, now)
        afterwards.happen(people, now)
        maintenance.happen(people, now)
        User.objects.update(date_joined=now - timedelta(days=BEGAN_DAYS_AGO), password=make_password(PASSWORD))
        old = Notification.objects.filter(created_at__lt=now - timedelta(days=READ_AFTER_DAYS))
        old.update(read_at=F("created_at") + timedelta(hours=2))
        second_factor.equip()
    return True


class Cast:
    """The people of the cast as rows, and the rows of the house they work in, by the slugs of the cast."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.users: dict[str, User] = {}
        self.authorities: dict[str, Authority] = {}
        self.providers: dict[str, Provider] = {}
        self.kinds: dict[str, GPUKind] = {}
        self.clusters: dict[str, Cluster] = {}

    def arrive(self) -> None:
        """Everybody has an account; nobody has a role yet."""
        zones = {each.slug: each.time_zone for each in cast.AUTHORITIES}
        for person in cast.PEOPLE:
            admin = person.role == "platform_admin"
            by = None if admin else self.admin
            user = create_person(acting_user=by, email=person.email, full_name=person.name, is_platform_admin=admin)
            User.objects.filter(pk=user.pk).update(time_zone=zones.get(person.place, ""))
            self.users[person.email] = user
        # Nobody reads their mail, and it would fill the console.
        NoticeChoice.objects.bulk_create(
            NoticeChoice(user=each, rhythm=MailRhythm.NEVER) for each in self.users.values()
        )

    @property
    def admin(self) -> User:
        return self.users[cast.PEOPLE[0].email]

    def at(self, place: str, role: str) -> list[User]:
        """The people with ``role`` at ``place``, in the order of the cast."""
        return [self.users[each.email] for each in cast.PEOPLE if (each.place, each.role) == (place, role)]


def found_house(people: Cast, ports: dict[str, int]) -> None:
    """What the platform admin sets up before anybody applies."""
    for each in cast.AUTHORITIES:
        row = register_authority(
            acting_user=people.admin,
            facts={
                "name": each.name, "country": each.country, "region": each.region, "contact_email": each.email,
                "time_zone": each.time_zone,
            },
        )  # fmt: skip
        people.authorities[each.slug] = row
        for key, value in each.policies.items():
            set_policy(
                acting_user=people.admin, authority=row, key=key, value=value, reason="Agreed when the agency joined"
            )
    for owner in cast.PROVIDERS:
        people.providers[owner.slug] = providers.create_provider(
            acting_user=people.admin, name=owner.name, slug=owner.slug, country=owner.country,
            contact_email=owner.email,
        )  # fmt: skip
    for person in cast.PEOPLE:
        employ(people, person)
    for kind in cast.KINDS:
        people.kinds[kind.slug] = inventory.create_kind(
            acting_user=people.admin, slug=kind.slug, vendor=kind.vendor, name=kind.name, memory_gib=kind.memory_gib,
            aliases=list(kind.aliases),
        )  # fmt: skip
    for cluster in cast.CLUSTERS:
        build(people, cluster, ports)


def employ(people: Cast, person: Person) -> None:
    anchor: Any = None
    if person.role in AUTHORITY_GRANTS:
        anchor = people.authorities[person.place]
    elif person.role in PROVIDER_GRANTS:
        anchor = people.providers[person.place]
    if anchor is not None:
        give_role(acting_user=people.admin, anchor=anchor, user=people.users[person.email], role=person.role)


def build(people: Cast, each: cast.Cluster, ports: dict[str, int]) -> None:
    """A cluster with its pools and their shares."""
    port = ports[each.slug]
    row = inventory.create_cluster(
        acting_user=people.admin, provider=people.providers[each.provider], name=each.name, slug=each.slug,
        city=each.city, country=each.country, data_classes=list(each.data_classes),
        certifications=list(each.certifications), confidential_computing=each.confidential_computing,
        driver="fake", driver_settings=cast.driver_settings(port),
        collector="prometheus", collector_settings=cast.collector_settings(port), collect_seconds=5,
    )  # fmt: skip
    people.clusters[each.slug] = row
    for kind in each.kinds:
        gpus = each.gpus(kind)
        pool = inventory.create_pool(
            acting_user=people.admin, cluster=row, kind=people.kinds[kind], installed=gpus, healthy=gpus
        )
        for share in cast.SHARES:
            if (share.cluster, share.kind) == (each.slug, kind):
                inventory.create_share(
                    acting_user=people.admin, pool=pool, authority=people.authorities[share.authority], gpus=share.gpus
                )


def tell_ports(ports: dict[str, int]) -> None:
    """The sources may listen elsewhere since the last start; clusters that moved are told, the others left alone."""
    admin = User.objects.get(email=cast.PEOPLE[0].email)
    for row in Cluster.objects.filter(slug__in=ports):
        port = ports[row.slug]
        reached = {"driver_settings": cast.driver_settings(port), "collector_settings": cast.collector_settings(port)}
        if row.driver_settings != reached["driver_settings"]:
            inventory.change_cluster(acting_user=admin, cluster=row, **reached)


def as_table(rows: list[Account]) -> list[str]:
    """The accounts as lines of equal columns."""
    cells = [(each.role, each.name, each.email, each.password) for each in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
