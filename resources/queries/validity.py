from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.core.access import live_now
from portal.models import User
from resources.models import ProviderMembership
from tenants.models import AuthorityMembership, Membership

Asked = tuple[int, int, str]


def still_valid(asked: set[Asked]) -> set[Asked]:
    """Which (user, epoch, session key) still hold: active, same rights, session not ended. Two queries for all."""
    epochs = dict(User.objects.filter(pk__in={user for user, _, _ in asked}, is_active=True).values_list("pk", "epoch"))
    keys = {session for _, _, session in asked}
    sessions = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list(
            "session_key", flat=True
        )
    )
    return {each for each in asked if epochs.get(each[0]) == each[1] and each[2] in sessions}


def first_end(user: User) -> datetime | None:
    """When the first of the person's roles ends by itself; what they may see now is not good beyond it. One query."""
    ends = [
        rows.filter(live_now(), user=user, valid_until__isnull=False).order_by().values_list("valid_until", flat=True)
        for rows in (Membership.objects, AuthorityMembership.objects, ProviderMembership.objects)
    ]
    return min((end for end in ends[0].union(*ends[1:]) if end is not None), default=None)
