"""Who runs clusters, registered by the site."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portal.models import User
from resources.models import Provider
from resources.services import changes


@transaction.atomic
def create_provider(*, acting_user: User, **fields: Any) -> Provider:
    return changes.create("provider.created", Provider(**fields), acting_user=acting_user)


@transaction.atomic
def change_provider(*, acting_user: User, provider: Provider, **fields: Any) -> Provider:
    return changes.change("provider.changed", provider, fields, acting_user=acting_user)
