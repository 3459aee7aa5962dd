"""Giving a grant back and moving it to another project: the tenant's own acts, which nobody decides."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from portal.ui.pages import ActionPage, Text
from portal.ui.times import last_day
from resources.forms.asking import begin_of
from resources.forms.grant_changes import GiveBackForm, TransferForm
from resources.models import Grant, QuotaRequest
from resources.services.grant_changes import release_grant, transfer_grant
from tenants.models import Project

WITH = ("tenant", "authority", "share", "pool__kind", "pool__cluster", "environment__project")


class OwnGrant(ActionPage):
    queryset = Grant.objects.select_related(*WITH)
    verb = "renew"
    nav = "grants"

    def back(self) -> str:
        return reverse("grant", args=[self.row.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("grants"), gettext_lazy("Grants")), (self.back(), str(self.row))]


class GiveBack(OwnGrant):
    form_class = GiveBackForm
    title = gettext_lazy("Give GPUs back")
    consequence = gettext_lazy("They are free for others from then on, and the quota is lowered. Nobody has to agree.")
    of_hours = gettext_lazy("Of the GPU hours that are left it keeps as large a part as of the GPUs and of the time.")
    button = gettext_lazy("Give them back")
    done = gettext_lazy("Given back. Thank you: others wait for them.")
    danger = True

    def page_context(self) -> dict[str, Any]:
        said = f"{self.consequence} {self.of_hours}" if self.row.budget_hours else self.consequence
        return {**super().page_context(), "consequence": said}

    def act(self, form: Any) -> str:
        data = form.cleaned_data
        left = release_grant(
            acting_user=self.user, grant=self.row, gpus=data["gpus"], reason=data["reason"],
            at=begin_of(data["at"]) if data["at"] else None,
        )  # fmt: skip
        return reverse("grant", args=[(left or self.row).public_id])


class Transfer(OwnGrant):
    form_class = TransferForm
    template_name = "resources/grant_transfer.html"
    title = gettext_lazy("Move GPUs to another project")
    consequence = gettext_lazy(
        "They stay where they are and until when they are; the other project has them from now on. Nobody has to agree, "
        "if its data may be on that cluster."
    )
    button = gettext_lazy("Move them")
    done = gettext_lazy("Moved. The quotas of both projects are being applied.")

    def context(self, form: Any) -> dict[str, Any]:
        chosen = (
            form.fields["project"].queryset.filter(pk=form["project"].value() or None).first() if form.errors else None
        )
        refused = any(error.code == "request.not_offered" for error in form.errors.as_data().get("project", []))
        return {"ask": transfer_address(self.row, chosen) if chosen and refused else ""}

    def act(self, form: Any) -> str:
        data = form.cleaned_data
        moved = transfer_grant(
            acting_user=self.user, grant=self.row, project=data["project"], gpus=data["gpus"], reason=data["reason"]
        )
        return reverse("grant", args=[moved.public_id])


def change_addresses(grant: Grant) -> dict[str, str]:
    """Where a tenant asks for more of a grant, and where it gives it back or moves it; renewing has a button of its own."""
    now = max(grant.starts_at, timezone.now())
    return {
        "more": _ask(grant, QuotaRequest.Change.INCREASE, since=timezone.localtime(now).date(), until=last_day(grant.ends_at)),
        "back": reverse("grant-give-back", args=[grant.public_id]),
        "move": reverse("grant-transfer", args=[grant.public_id]),
    }  # fmt: skip


def transfer_address(grant: Grant, project: Project) -> str:
    """The request that moves a grant where its own cluster may not be."""
    return _ask(
        grant, QuotaRequest.Change.TRANSFER, project=project.pk, pool=f"any-{grant.pool.kind_id}", amount=grant.amount,
        since=timezone.localdate(), until=last_day(grant.ends_at),
    )  # fmt: skip


def _ask(grant: Grant, change: str, **facts: Any) -> str:
    given = {
        "change": change, "grant": grant.public_id, "project": grant.environment.project_id, "pool": grant.pool_id,
        **facts,
    }  # fmt: skip
    return f"{reverse('request-new')}?{urlencode(given)}"
