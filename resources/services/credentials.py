"""With what clusters are reached: put in, replaced, removed, sealed with a new key. Never shown to anybody again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.errors import NotFound, Refused
from portal.core.events import announce
from portal.core.proof import deciding
from portal.core.sealing import Unopenable, current_key, key_of, seal
from portal.models import User
from resources.models import Cluster, ClusterCredential
from resources.queries.credentials import SIDES, Withheld, identity, opened, places_of
from resources.services.quotas import apply_again
from resources.services.topics import of_cluster

Purpose = ClusterCredential.Purpose
LONGEST_TOKEN = 8_000
LONGEST_CA = 200_000
NEVER_HERE = ("password", "token", "secret", "bearer", "authorization", "apikey", "api_key", "credential", "headers")


@dataclass(frozen=True)
class Rotation:
    """How many credentials were sealed anew, and a sentence for each that does not open."""

    renewed: int
    failures: list[str]


@deciding
@transaction.atomic
def set_credential(*, acting_user: User, cluster: Cluster, purpose: str, secret: str) -> ClusterCredential:
    """Put in or replace one credential. From the next reading or application on it is used."""
    cluster = Cluster.objects.select_for_update().get(pk=cluster.pk)
    text = _checked_token(secret) if purpose in _tokens() else _checked_ca(secret)
    places = _places(cluster, purpose)
    row = ClusterCredential.objects.filter(cluster=cluster, purpose=purpose).first()
    act = "credential.replaced" if row else "credential.set"
    row = row or ClusterCredential(cluster=cluster, purpose=purpose)
    row.places, row.set_at, row.set_by = places, timezone.now(), acting_user
    row.sealed = seal(text, identity(row, cluster))
    row.save()
    audit.record(
        act,
        acting_user=acting_user,
        target=row,
        provider=cluster.provider_id,
        after={"purpose": purpose, "places": places, "cluster": cluster.name},
    )
    _tell(cluster, purpose)
    return row


@deciding
@transaction.atomic
def remove_credential(*, acting_user: User, cluster: Cluster, purpose: str) -> None:
    """Forget one credential; the cluster is reached without it."""
    row = ClusterCredential.objects.select_for_update().filter(cluster=cluster, purpose=purpose).first()
    if row is None:
        raise NotFound
    audit.record(
        "credential.removed",
        acting_user=acting_user,
        target=row,
        provider=cluster.provider_id,
        before={"purpose": purpose, "cluster": cluster.name},
    )
    row.delete()
    _tell(cluster, purpose)


@transaction.atomic
def rotate_credentials(*, acting_user: User | None) -> Rotation:
    """Seal everything that another key sealed with the current one; afterwards the others may be forgotten."""
    renewed, failures = 0, []
    for row in ClusterCredential.objects.select_for_update(of=("self",)).select_related("cluster").order_by("pk"):
        try:
            if key_of(bytes(row.sealed)) == current_key():
                opened(row, row.cluster)
                continue
            row.sealed = seal(opened(row, row.cluster), identity(row, row.cluster))
        except Withheld as error:
            failures.append(str(error))
            continue
        except Unopenable:
            failures.append(_("“%(what)s” is no sealed credential. Set it again.") % {"what": str(row)})
            continue
        row.save(update_fields=["sealed"])
        audit.record(
            "credential.sealed_anew",
            acting_user=acting_user,
            target=row,
            provider=row.cluster.provider_id,
            after={"key": current_key()},
        )
        renewed += 1
    return Rotation(renewed, failures)


def refuse_secrets(settings: Mapping[str, Any], field: str) -> None:
    """A secret among a cluster's settings would stand in the open, and in the trail; it has a place of its own."""
    for name in settings:
        if any(word in str(name).lower().replace("-", "_") for word in NEVER_HERE):
            raise Refused(
                _(
                    "“%(name)s” does not belong into the settings, where others could read it. Set it as a credential of the cluster."
                )
                % {"name": name},
                field=field,
            )


def _tokens() -> list[str]:
    return [token for token, _ca in SIDES.values()]


def _places(cluster: Cluster, purpose: str) -> list[str]:
    if purpose not in _tokens():
        return []
    side = "source" if purpose == Purpose.SOURCE_TOKEN else "engine"
    places = places_of(cluster, side)
    if not places:
        raise Refused(
            _("%(cluster)s has no address to which this could be sent. Change the cluster first, then set the token.")
            % {"cluster": cluster.name},
            field="secret",
        )
    return places


def _checked_token(secret: str) -> str:
    text = secret.strip().removeprefix("Bearer ").strip()
    if not text or len(text) > LONGEST_TOKEN or not text.isascii() or not text.isprintable() or " " in text:
        raise Refused(
            _(
                "This is no token: it has to be one word of plain characters, at most %(most)d of them. Copy it again, without the line around it."
            )
            % {"most": LONGEST_TOKEN},
            field="secret",
        )
    return text


def _checked_ca(secret: str) -> str:
    if "PRIVATE KEY" in secret:
        raise Refused(
            _("There is a private key in this text. Nothing was kept. Paste the certificate alone."), field="secret"
        )
    try:
        found = x509.load_pem_x509_certificates(secret.strip().encode()) if len(secret) <= LONGEST_CA else []
    except ValueError:
        found = []
    if not found:
        raise Refused(
            _("This is no certificate. Paste it in PEM form, from “BEGIN CERTIFICATE” to “END CERTIFICATE”."),
            field="secret",
        )
    if any(certificate.not_valid_after_utc <= timezone.now() for certificate in found):
        raise Refused(_("A certificate in this text has expired. Paste only valid ones."), field="secret")
    return secret.strip()


def _tell(cluster: Cluster, purpose: str) -> None:
    if purpose in SIDES["engine"]:
        apply_again(cluster)
    announce("cluster.changed", topics=of_cluster(cluster), cluster=str(cluster.public_id))
