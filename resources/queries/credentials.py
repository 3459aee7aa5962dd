"""With what a cluster's source or engine is reached, opened for the moment of asking."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from portal.core.addresses import place_of
from portal.core.sealing import Unopenable, unseal
from resources.models import Cluster, ClusterCredential

Purpose = ClusterCredential.Purpose
SIDES = {"source": (Purpose.SOURCE_TOKEN, Purpose.SOURCE_CA), "engine": (Purpose.ENGINE_TOKEN, Purpose.ENGINE_CA)}
"""Which side → its token, its certificates."""


class Withheld(Exception):
    """There is a credential, and it cannot be used; a sentence to read."""


@dataclass(frozen=True, slots=True)
class Held:
    token: str = field(default="", repr=False)
    ca: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """One purpose as an operator sees it: whether something is there, since when, from whom, and whether it is used."""

    purpose: str
    label: str
    row: ClusterCredential | None
    stale: bool = False


def addresses(cluster: Cluster, side: str) -> tuple[str, ...]:
    """What is asked: the source's addresses or the engine's."""
    wanted = cluster.collector_settings if side == "source" else cluster.driver_settings
    return tuple(wanted.get("urls") or ([wanted["url"]] if wanted.get("url") else []))


def places_of(cluster: Cluster, side: str) -> list[str]:
    return sorted({place_of(url) for url in addresses(cluster, side)})


def identity(row: ClusterCredential, cluster: Cluster) -> tuple[str, ...]:
    """What a sealed credential is bound to; in no other row does it open."""
    return ("resources.ClusterCredential", str(row.public_id), str(cluster.public_id), row.purpose, *row.places)


def opened(row: ClusterCredential, cluster: Cluster) -> str:
    """Raises Withheld."""
    try:
        return unseal(bytes(row.sealed), identity(row, cluster))
    except Unopenable as error:
        facts = {"what": row.get_purpose_display(), "cluster": cluster.name, "key": error.key_name}
        if error.key_name:
            raise Withheld(
                _(
                    "“%(what)s” of %(cluster)s is sealed with the key “%(key)s”, which this installation does not have. "
                    "Give the key back in CREDENTIAL_KEYS, or set the credential again."
                )
                % facts
            ) from None
        raise Withheld(
            _(
                "“%(what)s” of %(cluster)s was changed in the database and does not open. Set it again on the cluster’s page."
            )
            % facts
        ) from None


def is_stale(row: ClusterCredential, cluster: Cluster) -> bool:
    """Whether the addresses have changed since a token was set; then it is not sent."""
    side = next((side for side, (token, _ca) in SIDES.items() if token == row.purpose), "")
    return bool(side) and not set(places_of(cluster, side)) <= set(row.places)


def held_for(cluster: Cluster, side: str) -> Held:
    """The token and the certificates for one side. Raises Withheld."""
    token, ca = SIDES[side]
    rows = {row.purpose: row for row in ClusterCredential.objects.filter(cluster=cluster, purpose__in=(token, ca))}
    if token in rows and is_stale(rows[token], cluster):
        raise Withheld(
            _(
                "“%(what)s” of %(cluster)s was set for %(places)s, and the address is another one now. "
                "Nothing was sent. Set it again on the cluster’s page."
            )
            % {
                "what": rows[token].get_purpose_display(),
                "cluster": cluster.name,
                "places": ", ".join(rows[token].places),
            }
        )
    texts = {purpose: opened(row, cluster) for purpose, row in rows.items()}
    return Held(token=texts.get(token, ""), ca=texts.get(ca, ""))


def slots(cluster: Cluster) -> list[Slot]:
    """All purposes, set or not, for the cluster's page."""
    rows = {row.purpose: row for row in ClusterCredential.objects.filter(cluster=cluster).select_related("set_by")}
    return [
        Slot(value, str(label), rows.get(value), value in rows and is_stale(rows[value], cluster))
        for value, label in Purpose.choices
    ]
