"""Webhooks in the browser: where they are, what they were sent and what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.access import fetch, may
from portal.ui.lists import Empty, ListPage
from portal.ui.pages import ActionPage, DetailPage, FormPage, Text
from tenants.models import Webhook
from tenants.queries.webhooks import EXAMPLE, TEST, acts, lately, places_for
from tenants.services import webhooks
from tenants.webhook_forms import WebhookForm
from tenants.webhook_tables import WebhookTable


class Webhooks(ListPage):
    queryset = Webhook.objects.select_related("tenant", "authority", "made_by")
    table_class = WebhookTable
    title = gettext_lazy("Webhooks")
    lede = gettext_lazy("Addresses of yours that are told by a signed message what happens here")
    nav = "webhooks"
    noun = gettext_lazy("webhooks")
    create = ("webhook-new", gettext_lazy("New webhook"))
    empty = Empty(
        gettext_lazy("No webhook yet"),
        gettext_lazy("With one, a program of yours hears of a decision as soon as it is made, without asking again and again."),
        icon="send", url="webhook-new", action=gettext_lazy("New webhook"),
    )  # fmt: skip

    def may_create(self) -> bool:
        return bool(places_for(self.user))

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("profile"), _("Your profile"))]


class WebhookPage(DetailPage):
    queryset = Webhook.objects.select_related("tenant", "authority", "made_by")
    template_name = "tenants/webhook.html"
    nav = "webhooks"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("webhooks"), _("Webhooks"))]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": self.row.name, "lede": str(self.row.place)}

    def context(self, row: Any) -> dict[str, Any]:
        words = dict(acts())
        may_edit = may(self.user, "edit", row)
        return {
            "deliveries": lately(row), "may_edit": may_edit, "test": TEST,
            "told": [words.get(act, act) for act in row.acts],
        }  # fmt: skip


class OfOne(FormPage):
    """What the pages about one webhook share."""

    queryset = Webhook.objects.select_related("tenant", "authority", "made_by")
    verb = "edit"
    nav = "webhooks"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("webhooks"), _("Webhooks")), (self.back(), self.row.name)]

    def back(self) -> str:
        return reverse("webhook", args=[self.row.public_id])


class NewWebhook(FormPage):
    form_class = WebhookForm
    title = gettext_lazy("New webhook")
    lede = gettext_lazy("It is sent ids, never contents; what they stand for your program asks the API")
    button = gettext_lazy("Make the webhook")
    template_name = "tenants/webhook_new.html"
    nav = "webhooks"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("webhooks"), _("Webhooks"))]

    def context(self, form: Any) -> dict[str, Any]:
        return {"nowhere": not form.fields["place"].choices, "example": EXAMPLE}

    def act(self, form: Any) -> HttpResponse:
        row, secret = webhooks.create_webhook(acting_user=self.user, **form.facts())
        return shown_once(self, row, secret)


class EditWebhook(OfOne):
    form_class = WebhookForm
    title = gettext_lazy("Change the webhook")
    done = gettext_lazy("Saved.")

    def initial(self) -> dict[str, Any]:
        return {"name": self.row.name, "url": self.row.url, "acts": self.row.acts}

    def act(self, form: Any) -> str:
        webhooks.change_webhook(acting_user=self.user, webhook=self.row, **form.facts())
        return self.back()


class NewSecret(OfOne, ActionPage):
    title = gettext_lazy("Make a new secret")
    consequence = gettext_lazy(
        "From now on messages are signed with the new secret alone; your program has to know it before it believes them."
    )
    button = gettext_lazy("Make a new secret")

    def act(self, form: Any) -> HttpResponse:
        return shown_once(self, self.row, webhooks.renew_secret(acting_user=self.user, webhook=self.row))


class Try(OfOne, ActionPage):
    title = gettext_lazy("Send a test message")
    consequence = gettext_lazy(
        "A signed message about nothing is sent now. Whether it arrived you see in the list of messages."
    )
    button = gettext_lazy("Send a test message")
    done = gettext_lazy("The message is on its way.")

    def act(self, form: Any) -> str:
        webhooks.try_webhook(acting_user=self.user, webhook=self.row)
        return self.back()


class Pause(OfOne, ActionPage):
    title = gettext_lazy("Pause the webhook")
    consequence = gettext_lazy("Nothing is sent until it is resumed. What happens meanwhile is not sent later.")
    button = gettext_lazy("Pause the webhook")
    done = gettext_lazy("Paused.")

    def act(self, form: Any) -> str:
        webhooks.pause_webhook(acting_user=self.user, webhook=self.row)
        return self.back()


class Resume(OfOne, ActionPage):
    title = gettext_lazy("Resume the webhook")
    consequence = gettext_lazy("What happens from now on is sent again, and what was still waiting when it was paused.")
    button = gettext_lazy("Resume the webhook")
    done = gettext_lazy("Active again.")

    def act(self, form: Any) -> str:
        webhooks.resume_webhook(acting_user=self.user, webhook=self.row)
        return self.back()


class Remove(OfOne, ActionPage):
    title = gettext_lazy("Remove the webhook")
    consequence = gettext_lazy("Nothing more is sent, and the list of what was sent goes with it.")
    button = gettext_lazy("Remove the webhook")
    done = gettext_lazy("Removed.")
    danger = True

    def act(self, form: Any) -> str:
        webhooks.remove_webhook(acting_user=self.user, webhook=self.row)
        return reverse("webhooks")


class Again(OfOne, ActionPage):
    title = gettext_lazy("Send the message again")
    consequence = gettext_lazy("It is tried at once, and later again if it still does not arrive.")
    button = gettext_lazy("Send again")
    done = gettext_lazy("The message is on its way.")

    def act(self, form: Any) -> str:
        delivery = fetch(self.row.deliveries.all(), self.user, "edit", public_id=self.kwargs["delivery"])
        webhooks.deliver_again(acting_user=self.user, delivery=delivery)
        return self.back()


def shown_once(page: Any, row: Webhook, secret: str) -> HttpResponse:
    """The secret, this once; no browser keeps the page."""
    context = {**page.page_context(), "title": _("Copy the secret now"), "lede": row.name, "row": row, "secret": secret}
    answer = render(page.request, "tenants/webhook_secret.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer
