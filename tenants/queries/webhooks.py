"""What a webhook is signed with, where one may have webhooks, and what was sent."""

from __future__ import annotations

import hashlib
import hmac

from django.db import models
from django.utils.translation import gettext

from portal.core.registry import act_words, notice_acts
from portal.core.sealing import unseal
from portal.models import User
from tenants.models import Authority, Tenant, Webhook, WebhookDelivery

TEST = "webhook.test"
SHOWN = 50
EXAMPLE = """{"id": "…", "event": "request.approved",
 "at": "2026-03-24T06:30:00+00:00",
 "target": {"type": "resources.QuotaRequest",
            "id": "…", "url": "…"}}"""


def identity(row: Webhook) -> list[str]:
    """What a secret is bound to: sealed for one webhook and one place, it opens for no other."""
    return ["webhook", str(row.public_id), f"{row.tenant_id}", f"{row.authority_id}"]


def secret_of(row: Webhook) -> str:
    """Raises portal.core.sealing.Unopenable."""
    return unseal(bytes(row.secret), identity(row))


def signed(secret: str, at: int, body: str) -> str:
    """``t`` Unix seconds, ``v1`` HMAC-SHA256 over "t.body" in hexadecimal: who knows the secret can check both."""
    mac = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def places_for(user: User) -> list[Tenant | Authority]:
    """Where somebody may have webhooks: tenants that they own, authorities for which they decide."""
    found: list[Tenant | Authority] = [*Tenant.objects.visible_to(user, "manage_members").order_by("name")]
    deciding = models.Q(pk__in=Authority.objects.visible_to(user, "decide").values("pk"))
    deciding |= models.Q(pk__in=Authority.objects.visible_to(user, "approve").values("pk"))
    return [*found, *Authority.objects.filter(deciding).order_by("name")]


def acts() -> list[tuple[str, str]]:
    """The acts that webhooks are told, with their words: the same of which people are notified."""
    return [(act, str(act_words[act])) for act, _icon in notice_acts.items()]


def lately(row: Webhook) -> list[WebhookDelivery]:
    """The newest messages, each with its error as a sentence."""
    found = list(row.deliveries.order_by("-created_at", "-pk")[:SHOWN])
    for each in found:
        each.sentence = sentence(each)  # type: ignore[attr-defined]  # for the page alone
        each.word = str(act_words[each.act]) if each.act in act_words else each.act  # type: ignore[attr-defined]
    return found


def sentence(delivery: WebhookDelivery) -> str:
    """Why the last try did not succeed, in the reader's language; "" when it did."""
    told = delivery.error
    return gettext(told["template"]) % told["facts"] if told else ""
