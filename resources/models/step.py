from __future__ import annotations

from django.conf import settings
from django.db import models

from tenants.models.tenant import TenantOwned


class Step(TenantOwned):
    """One thing that happened to a row of which people decide step by step, never edited: who did what, with which words.

    ``by`` None: the portal. Who is ``on_behalf_of`` was absent, and is the one in whose right it was done. A step says
    which acts there are (``Act``, ``act``) and to what it happened.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField(max_length=4000, blank=True)

    class Meta(TenantOwned.Meta):
        abstract = True
