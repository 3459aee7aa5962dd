"""Kinds of GPU, pools and shares."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.access import may
from portal.core.errors import Forbidden, Refused
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage
from portal.ui.pages import DetailPage, FormPage, Text
from resources import filters, tables
from resources.forms.inventory import AliasForm, KindForm, PoolForm, ShareForm
from resources.models import CapacityPool, Cluster, GPUKind, Grant, Share
from resources.queries.capacity import promised_now, shared
from resources.queries.maintenance import ahead
from resources.queries.outages import promisable_at
from resources.queries.shares import share_lines
from resources.services import inventory

YEAR = timedelta(days=366)
BY_NAME: dict[str, Sort] = {"name": Sort("name")}


class SiteForm(FormPage):
    """A form of the site's administrator."""

    def allow(self) -> None:
        if not self.user.is_platform_admin:
            raise Forbidden


class KindList(ListPage):
    queryset = GPUKind.objects.all()
    table_class = tables.KindTable
    filterset_class = filters.KindFilters
    nav = "kinds"
    title = _("GPU kinds")
    lede = _("The models of GPU, and the names by which exporters and engines know them")
    noun = _("kinds")
    search_hint = _("Name, vendor")
    sorts: ClassVar[dict[str, Sort]] = BY_NAME
    create: ClassVar[tuple[str, Text] | None] = ("kind-new", _("New GPU kind"))
    empty = Empty(_("No GPU kind yet"), _("Pools are counted by kind, so begin with one."), icon="cpu", url="kind-new",
                  action=_("New GPU kind"))  # fmt: skip

    def may_create(self) -> bool:
        return self.user.is_platform_admin


class KindNew(SiteForm):
    form_class = KindForm
    nav = "kinds"
    title = _("New GPU kind")
    button = _("Add GPU kind")
    done = _("Added.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("kinds"), _("GPU kinds"))]

    def act(self, form: Any) -> str:
        inventory.create_kind(acting_user=self.user, **form.cleaned_data)
        return reverse("kinds")


class KindEdit(KindNew):
    queryset = GPUKind.objects.all()
    title = _("Change the GPU kind")
    button = _("Save")
    done = _("Saved.")

    def act(self, form: Any) -> str:
        inventory.change_kind(acting_user=self.user, kind=self.row, **form.cleaned_data)
        return reverse("kinds")


class KindAlias(SiteForm):
    """A name that GPUs give themselves is added to the kind that they are."""

    form_class = AliasForm
    nav = "kinds"
    title = _("Add a name to a kind")
    lede = _("GPUs that call themselves so are counted as this kind from the next reading on.")
    button = _("Add the name")
    done = _("Added. The next reading counts them.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("kinds"), _("GPU kinds"))]

    def initial(self) -> dict[str, Any]:
        return {"name": self.request.GET.get("name", "")[:120]}

    def act(self, form: Any) -> str:
        kind, name = form.cleaned_data["kind"], form.cleaned_data["name"]
        inventory.change_kind(acting_user=self.user, kind=kind, aliases=[*kind.aliases, name])
        return reverse("kinds")


class PoolList(ListPage):
    queryset = CapacityPool.objects.select_related("cluster", "kind")
    table_class = tables.PoolTable
    filterset_class = filters.PoolFilters
    nav = "pools"
    title = _("Pools")
    lede = _("How many GPUs of each kind a cluster has, and how many may be promised")
    noun = _("pools")
    search_hint = _("Cluster, GPU kind")
    sorts: ClassVar[dict[str, Sort]] = {"cluster": Sort("cluster__name"), "newest": Sort("created_at", descending=True)}
    sort_labels: ClassVar[dict[str, Text]] = {"cluster": _("by cluster"), "newest": _("newest first")}
    create: ClassVar[tuple[str, Text] | None] = ("pool-new", _("New pool"))
    empty = Empty(_("No pool yet"), _("A pool says how many GPUs of a kind a cluster has."), icon="stack-2",
                  url="pool-new", action=_("New pool"))  # fmt: skip

    def may_create(self) -> bool:
        return Cluster.objects.visible_to(self.user, "edit").exists()


class PoolDetail(DetailPage):
    queryset = CapacityPool.objects.select_related("cluster", "kind")
    template_name = "resources/pool.html"
    nav = "pools"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("pools"), _("Pools"))]

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": str(self.row)}

    def context(self, row: Any) -> dict[str, Any]:
        shares = Share.objects.visible_to(self.user).filter(pool=row).select_related("authority", "pool")
        lines, in_shares = share_lines(shares.order_by("authority__name")), shared(row)
        now = timezone.now()
        promised, most = promised_now([row.pk], now).get(row.pk, 0), promisable_at([row], now)[row.pk]
        return {
            "promised": promised,
            "most": most,
            "maintenance": ahead([row], now, now + YEAR),
            "may_announce": may(self.user, "edit", row.cluster),
            "over": max(0, promised - most),
            "shares": lines,
            "unshared": max(0, row.promisable - in_shares),
            "elsewhere": in_shares - sum(line.share.gpus for line in lines),
            "affected": Grant.objects.visible_to(self.user)
            .filter(pool=row, state__in=Grant.COUNTING)
            .select_related("tenant", "environment")
            .order_by("-amount")[:50]
            if promised > most
            else [],
            "may_edit": may(self.user, "edit", row),
        }


class PoolNew(FormPage):
    form_class = PoolForm
    nav = "pools"
    title = _("New pool")
    button = _("Add pool")
    done = _("Added. Nobody can promise from it until an authority has a share.")

    def allow(self) -> None:
        if Cluster.objects.visible_to(self.user, "edit").exists():
            return
        if self.user.is_platform_admin:
            raise Refused(_("A pool belongs to a cluster, and there is none yet. Add the cluster first."))
        raise Forbidden

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("pools"), _("Pools"))]

    def act(self, form: Any) -> str:
        pool = inventory.create_pool(acting_user=self.user, **form.cleaned_data)
        return reverse("pool", args=[pool.public_id])


class PoolEdit(FormPage):
    queryset = CapacityPool.objects.select_related("cluster", "kind")
    form_class = PoolForm
    nav = "pools"
    title = _("Change the pool")
    lede = _("Counts that are typed stand until a collector counts again.")
    done = _("Saved.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("pools"), _("Pools")), (reverse("pool", args=[self.row.public_id]), str(self.row))]

    def act(self, form: Any) -> str:
        inventory.change_pool(acting_user=self.user, pool=self.row, **form.cleaned_data)
        return reverse("pool", args=[self.row.public_id])


class ShareList(ListPage):
    queryset = Share.objects.select_related("pool__cluster", "pool__kind", "authority").with_promised()
    table_class = tables.ShareTable
    filterset_class = filters.ShareFilters
    nav = "shares"
    title = _("Shares")
    lede = _("How many GPUs of each pool an authority may promise")
    noun = _("shares")
    search_hint = _("Authority, cluster, GPU kind")
    sorts: ClassVar[dict[str, Sort]] = {
        "authority": Sort("authority__name"), "newest": Sort("created_at", descending=True),
    }  # fmt: skip
    sort_labels: ClassVar[dict[str, Text]] = {"authority": _("by authority"), "newest": _("newest first")}
    create: ClassVar[tuple[str, Text] | None] = ("share-new", _("New share"))
    empty = Empty(_("No share yet"), _("Without a share no authority can promise anything."), icon="chart-pie",
                  url="share-new", action=_("New share"))  # fmt: skip

    def may_create(self) -> bool:
        return self.user.is_platform_admin


class ShareNew(SiteForm):
    form_class = ShareForm
    nav = "shares"
    title = _("New share")
    lede = _("All shares of a pool together stay within what it can promise.")
    button = _("Add share")
    done = _("Added. The authority can promise from it at once.")

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("shares"), _("Shares"))]

    def act(self, form: Any) -> str:
        inventory.create_share(acting_user=self.user, **form.cleaned_data)
        return reverse("shares")


class ShareEdit(ShareNew):
    queryset = Share.objects.select_related("pool__cluster", "pool__kind", "authority")
    title = _("Change the share")
    button = _("Save")
    done = _("Saved.")

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": str(self.row)}

    def act(self, form: Any) -> str:
        inventory.change_share(acting_user=self.user, share=self.row, gpus=form.cleaned_data["gpus"])
        return reverse("shares")
