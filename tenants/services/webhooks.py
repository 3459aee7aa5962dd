"""Webhooks: made, changed, paused and removed by who is in charge of their place; told what happens there.

A message is a row in the transaction of the act, so none is lost, and a restarted worker sends it. It may arrive twice
(its id says so) and not in order. It carries ids; who may see what they stand for asks the API for it.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.core import isolation, outbound
from portal.core.addresses import OutboundError, checked_url, is_here
from portal.core.audit import record
from portal.core.errors import Conflict, Forbidden, Refused
from portal.core.outbox import claim, settle
from portal.core.proof import deciding
from portal.core.registry import common_acts, notice_acts, target_pages
from portal.core.sealing import Unopenable, current_key, key_of, seal
from portal.core.states import advance
from portal.core.tasks import nudge
from portal.models import AuditEvent, User
from tenants.models import Authority, Tenant, Webhook, WebhookDelivery
from tenants.queries.webhooks import TEST, identity, places_for, secret_of, signed

PREFIX = "whsec_"
MOST = 10
"""Webhooks of one place."""
SECONDS = 5.0
LEASE_SECONDS = 60
LARGEST_ANSWER = 1 << 16
WAITS = [timedelta(minutes=n) for n in (1, 5, 30, 120, 300, 600, 900)]
"""After each failed try; after the last one a message is given up."""
PAUSED_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)
AT_ONCE = 200
State = WebhookDelivery.State

ANSWERED = gettext_noop(
    "%(place)s answered with status %(status)d. It has to answer 200 to 299 once it has the message."
)
GONE = gettext_noop("%(place)s answered 410: it wants no more messages. The webhook is paused.")
SHUT = gettext_noop("The secret of this webhook does not open with the keys of this installation. Make a new one.")


@deciding
@transaction.atomic
def create_webhook(
    *, acting_user: User, place: Tenant | Authority, name: str, url: str, acts: Iterable[str] = ()
) -> tuple[Webhook, str]:
    """A webhook, and its secret, which nobody sees again."""
    if place not in places_for(acting_user):
        raise Forbidden(_("You are not in charge of this place, so it gets no webhook from you."), field="place")
    row = Webhook(
        name=name.strip(), url=_checked(url), acts=_known(acts), made_by=acting_user,
        tenant=place if isinstance(place, Tenant) else None,
        authority=place if isinstance(place, Authority) else None,
    )  # fmt: skip
    if Webhook.objects.filter(tenant=row.tenant, authority=row.authority).count() >= MOST:
        raise Conflict(
            _("%(place)s has %(most)d webhooks already. Remove one that is not needed any more.")
            % {"place": place, "most": MOST}
        )
    secret = _new_secret(row)
    row.save()
    _tell("webhook.created", acting_user, row, after={"url": row.url, "acts": row.acts})
    return row, secret


@deciding
@transaction.atomic
def change_webhook(*, acting_user: User, webhook: Webhook, name: str, url: str, acts: Iterable[str] = ()) -> Webhook:
    """Another name, address or choice of acts. What was not delivered yet goes to the new address."""
    before = {"url": webhook.url, "acts": webhook.acts}
    webhook.name, webhook.url, webhook.acts = name.strip(), _checked(url), _known(acts)
    webhook.save(update_fields=["name", "url", "acts"])
    _tell("webhook.changed", acting_user, webhook, before=before, after={"url": webhook.url, "acts": webhook.acts})
    return webhook


@deciding
@transaction.atomic
def renew_secret(*, acting_user: User, webhook: Webhook) -> str:
    """A new secret; from now on messages are signed with it alone."""
    secret = _new_secret(webhook)
    webhook.save(update_fields=["secret"])
    _tell("webhook.secret_renewed", acting_user, webhook)
    return secret


@transaction.atomic
def pause_webhook(*, acting_user: User | None, webhook: Webhook) -> Webhook:
    """Nothing is sent until it is resumed; what happens meanwhile is not sent later."""
    now = timezone.now()
    if not Webhook.objects.filter(pk=webhook.pk, paused_at=None).update(paused_at=now):
        raise Conflict(_("%(webhook)s is paused already.") % {"webhook": webhook})
    webhook.paused_at = now
    _tell("webhook.paused", acting_user, webhook)
    return webhook


@transaction.atomic
def resume_webhook(*, acting_user: User, webhook: Webhook) -> Webhook:
    if not Webhook.objects.filter(pk=webhook.pk, paused_at__isnull=False).update(paused_at=None, failing_since=None):
        raise Conflict(_("%(webhook)s is not paused.") % {"webhook": webhook})
    webhook.paused_at = webhook.failing_since = None
    _tell("webhook.resumed", acting_user, webhook)
    return webhook


@transaction.atomic
def remove_webhook(*, acting_user: User, webhook: Webhook) -> None:
    """Away with it and with the list of what it was sent; the record keeps that it was there."""
    _tell("webhook.removed", acting_user, webhook, before={"url": webhook.url})
    webhook.delete()


@transaction.atomic
def try_webhook(*, acting_user: User, webhook: Webhook) -> WebhookDelivery:
    """Send a message about nothing, so that one sees whether it arrives."""
    if webhook.paused_at is not None:
        raise Conflict(_("%(webhook)s is paused, so nothing is sent. Resume it first.") % {"webhook": webhook})
    _tell("webhook.tested", acting_user, webhook)
    return _message(webhook, TEST, webhook.tenant_id, {"type": None, "id": None, "url": None})


@transaction.atomic
def deliver_again(*, acting_user: User, delivery: WebhookDelivery) -> WebhookDelivery:
    """Try a message that was given up once more, from the beginning of its waits."""
    advance(delivery, State.WAITING, attempts=0, next_at=timezone.now())
    _tell("webhook.delivered_again", acting_user, delivery.webhook, after={"delivery": str(delivery.public_id)})
    nudge("tenants.deliver", delivery.pk)
    return delivery


def follow(event: AuditEvent) -> None:
    """Told of every event of the record, in its transaction: a message for each webhook of its place that wants it."""
    if event.act not in notice_acts or event.authority_id is None:
        return
    places = Q(authority_id=event.authority_id)
    if event.tenant_id is not None:
        mine = Q(tenant_id=event.tenant_id)
        places = mine if event.act in common_acts else places | mine
    for webhook in Webhook.objects.filter(places, paused_at=None).order_by("pk"):
        if not webhook.acts or event.act in webhook.acts:
            _message(webhook, event.act, event.tenant_id if webhook.tenant_id else None, _target(event))


def deliver(delivery_id: int) -> bool:
    """Send one message if it is due and nobody else sends it; whether it arrived."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(pk=delivery_id, state=State.WAITING, next_at__lte=now, webhook__paused_at=None)
    return any(_send(row) for row in claim(due, lease_seconds=LEASE_SECONDS, limit=1))


def sweep_deliveries() -> list[int]:
    """What is due to be tried; messages older than a month are forgotten."""
    now = timezone.now()
    WebhookDelivery.objects.filter(created_at__lt=now - KEPT).exclude(state=State.WAITING).delete()
    due = WebhookDelivery.objects.filter(state=State.WAITING, next_at__lte=now, webhook__paused_at=None)
    return list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


def rotate_secrets() -> tuple[int, list[str]]:
    """Seal every secret with the current key: how many were sealed anew, and a sentence for each that does not open."""
    renewed, failures = 0, []
    with transaction.atomic():
        for row in Webhook.objects.select_for_update(of=("self",)).order_by("pk"):
            try:
                if key_of(bytes(row.secret)) == current_key():
                    continue
                row.secret = seal(secret_of(row), identity(row))
            except Unopenable:
                failures.append(_("The secret of the webhook “%(webhook)s” does not open.") % {"webhook": row})
                continue
            row.save(update_fields=["secret"])
            renewed += 1
    return renewed, failures


def _checked(url: str) -> str:
    try:
        address = checked_url(url.strip())
    except OutboundError as error:
        raise Refused(_(error.template) % error.facts, field="url") from None
    if address.scheme != "https" and not is_here(address.host):
        raise Refused(
            _("What is sent there could be read and changed on the way. Write an address that begins with https://."),
            field="url",
        )
    return url.strip()


def _known(acts: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(acts))
    if unknown := [act for act in wanted if act not in notice_acts]:
        raise Refused(_("There is no event “%(act)s”.") % {"act": unknown[0]}, field="acts")
    return wanted


def _new_secret(row: Webhook) -> str:
    secret = PREFIX + secrets.token_urlsafe(32)
    row.secret = seal(secret, identity(row))
    return secret


def _target(event: AuditEvent) -> dict[str, Any]:
    known = event.target_type in target_pages and event.target_public_id
    page = reverse(target_pages[event.target_type], args=[event.target_public_id]) if known else ""
    url = settings.PORTAL_URL + page if known else None
    return {"type": event.target_type, "id": str(event.target_public_id or "") or None, "url": url}


def _message(webhook: Webhook, act: str, tenant_id: int | None, target: dict[str, Any]) -> WebhookDelivery:
    now = timezone.now()
    row = WebhookDelivery(webhook=webhook, act=act, tenant_id=tenant_id, next_at=now)
    body = {"id": str(row.public_id), "event": act, "at": now.isoformat(), "target": target}
    row.body = json.dumps(body, separators=(",", ":"))
    row.save()
    nudge("tenants.deliver", row.pk)
    return row


def _send(row: WebhookDelivery) -> bool:
    """Ask with no transaction open, then write down what came of it."""
    webhook = Webhook.objects.get(pk=row.webhook_id)
    status, error = None, {}
    try:
        status = _post(webhook, row)
    except OutboundError as refused:
        facts = {name: fact if isinstance(fact, int) else str(fact) for name, fact in refused.facts.items()}
        error = {"template": refused.template, "facts": facts}
    if status is not None and not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        template = GONE if status == HTTPStatus.GONE else ANSWERED
        error = {"template": template, "facts": {"place": _host(webhook), "status": status}}
    now = timezone.now()
    attempts = row.attempts + 1
    state = State.WAITING if error and attempts <= len(WAITS) else State.GIVEN_UP if error else State.DELIVERED
    wait = WAITS[attempts - 1] if state == State.WAITING else timedelta()
    with transaction.atomic():
        if not settle(row, attempts=attempts, tried_at=now, status=status, error=error, next_at=now + wait):
            return False  # somebody took over meanwhile
        if state != State.WAITING:
            advance(row, state)
        _note(webhook, failed=bool(error), gone=status == HTTPStatus.GONE)
    return not error


def _post(webhook: Webhook, row: WebhookDelivery) -> int:
    try:
        secret = secret_of(webhook)
    except Unopenable:
        raise OutboundError("sealed", SHUT) from None
    headers = {
        "Portal-Event": row.act, "Portal-Delivery": str(row.public_id),
        "Portal-Signature": signed(secret, int(time.time()), row.body),
    }  # fmt: skip
    return outbound.request(
        "POST", webhook.url, deadline_seconds=SECONDS, networks=settings.ALLOWED_NETWORKS, body=row.body.encode(),
        headers=headers, largest_body=LARGEST_ANSWER,
    ).status  # fmt: skip


def _host(webhook: Webhook) -> str:
    return checked_url(webhook.url).netloc.decode("ascii")


def _note(webhook: Webhook, *, failed: bool, gone: bool) -> None:
    """Since when it fails; one that fails for days, or wants no more, is paused, and its people see that."""
    now = timezone.now()
    rows = Webhook.objects.filter(pk=webhook.pk)
    if not failed:
        rows.update(delivered_at=now, failing_since=None)
        return
    rows.filter(failing_since=None).update(failing_since=now)
    stale = rows.filter(paused_at=None, failing_since__lt=now - PAUSED_AFTER).exists()
    if (gone or stale) and rows.filter(paused_at=None).update(paused_at=now):
        _tell("webhook.paused", None, webhook, after={"gone": gone})


def _tell(act: str, acting_user: User | None, webhook: Webhook, **facts: Any) -> None:
    with isolation.as_worker():
        tenant, authority = webhook.tenant, webhook.authority
    record(act, acting_user=acting_user, target=webhook, tenant=tenant, authority=authority, **facts)
