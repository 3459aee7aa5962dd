from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.access import Scope, ScopedQuerySet, SiteScope
from portal.models import PublicModel
from resources.models.cluster import Cluster


class ClusterCredentialQuerySet(ScopedQuerySet["ClusterCredential"]):
    scopes = (
        Scope("resources.Provider", "cluster__provider", {"view": "operate_clusters", "edit": "operate_clusters"}),
        SiteScope({"view", "edit"}),
    )


class ClusterCredential(PublicModel):
    """With what a cluster's source or engine is reached. Sealed (portal.core.sealing); who set it and when is all
    that anybody is ever shown.
    """

    class Purpose(models.TextChoices):
        SOURCE_TOKEN = "source_token", _("Bearer token for the source")
        SOURCE_CA = "source_ca", _("CA certificate of the source")
        ENGINE_TOKEN = "engine_token", _("Token for the engine")
        ENGINE_CA = "engine_ca", _("CA certificate of the engine")

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="credentials")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    sealed = models.BinaryField()
    places = ArrayField(models.CharField(max_length=300), default=list)
    """Where a token is sent, as scheme, host and port; it is sent nowhere else, so that nobody learns it by writing
    another address into the cluster.
    """
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ClusterCredentialQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "purpose"], name="cluster_credential_once"),
        ]
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}, {self.cluster}"
