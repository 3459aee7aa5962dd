from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.base import PublicModel, isolated


class SavedView(PublicModel):
    """A list as somebody wants it again: its filters, order and tab under a name, for themselves or for their colleagues.

    ``page`` is the name of the list's address, ``query`` what stands behind its question mark. ``circle`` is the public
    id of the place whose people see it too (portal.core.saved_views), empty when it is the person's own.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    circle = models.UUIDField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_name_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["circle", "page"], name="saved_view_shared", condition=models.Q(circle__isnull=False)),
        ]

    def __str__(self) -> str:
        return isolated(self.name)
