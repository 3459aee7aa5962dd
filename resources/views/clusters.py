"""Clusters: list, page, how they are read and changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.core.access import may
from portal.core.errors import Forbidden, Refused
from portal.ui.keyset import Sort
from portal.ui.lists import Empty, ListPage
from portal.ui.pages import ActionPage, DetailPage, FormPage, Text
from resources import filters, tables
from resources.forms.inventory import ClusterForm
from resources.forms.requests import ReasonForm
from resources.models import CapacityPool, Cluster, Provider
from resources.queries.capacity import promised_now
from resources.queries.credentials import slots
from resources.queries.engines import capability
from resources.queries.maintenance import ahead
from resources.queries.outages import promisable_at
from resources.queries.quotas import quotas_of_others, quotas_on_cluster
from resources.services import inventory, sources
from resources.views.blocks import cluster_live
from tenants.models import DataClass

YEAR = timedelta(days=366)


class ClusterList(ListPage):
    queryset = Cluster.objects.select_related("provider").prefetch_related("pools__kind")
    table_class = tables.ClusterTable
    filterset_class = filters.ClusterFilters
    nav = "clusters"
    title = _("Clusters")
    lede = _("Where GPUs are, who runs them, and how fresh their numbers are")
    noun = _("clusters")
    search_hint = _("Name, city, provider")
    sorts: ClassVar[dict[str, Sort]] = {"name": Sort("name"), "newest": Sort("created_at", descending=True)}
    sort_labels: ClassVar[dict[str, Text]] = {"name": _("by name"), "newest": _("newest first")}
    create: ClassVar[tuple[str, Text] | None] = ("cluster-new", _("New cluster"))
    empty = Empty(
        _("No cluster yet"),
        _("A cluster is added by its provider’s operator or by the site’s administrator, and read from then on."),
        icon="server-2",
        url="cluster-new",
        action=_("New cluster"),
    )

    def may_create(self) -> bool:
        return Provider.objects.visible_to(self.user, "operate").exists()


class ClusterDetail(DetailPage):
    queryset = Cluster.objects.select_related("provider")
    template_name = "resources/cluster.html"
    nav = "clusters"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("clusters"), _("Clusters"))]

    def page_context(self) -> dict[str, Any]:
        row = self.row
        return {**super().page_context(), "title": row.name, "lede": f"{row.city}, {row.country.name}"}

    def context(self, row: Any) -> dict[str, Any]:
        pools = list(CapacityPool.objects.visible_to(self.user).filter(cluster=row).select_related("kind", "cluster"))
        now = timezone.now()
        promised, can_promise = promised_now([pool.pk for pool in pools], now), promisable_at(pools, now)
        return {
            "pools": [(pool, promised.get(pool.pk, 0), can_promise[pool.pk], capability(pool)) for pool in pools],
            "quotas": (quotas := quotas_on_cluster(row, self.user)),
            "elsewhere": quotas_of_others(row, quotas) if pools else 0,
            "maintenance": ahead(pools, now, now + YEAR),
            "cleared_for": ", ".join(str(DataClass(name).label) for name in row.data_classes),
            "may_edit": (may_edit := may(self.user, "edit", row)),
            "credentials": slots(row) if may_edit else [],
            **cluster_live(row, self.user),
        }


class ClusterForms(FormPage):
    form_class = ClusterForm
    nav = "clusters"

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("clusters"), _("Clusters"))]


class ClusterNew(ClusterForms):
    title = _("New cluster")
    button = _("Add cluster")
    done = _("Added. Add its pools next, and try its source.")

    def allow(self) -> None:
        if Provider.objects.visible_to(self.user, "operate").exists():
            return
        if self.user.is_platform_admin:
            raise Refused(_("A cluster belongs to a provider, and there is none yet. Add the provider first."))
        raise Forbidden

    def act(self, form: Any) -> str:
        cluster = inventory.create_cluster(acting_user=self.user, **form.facts())
        return reverse("cluster", args=[cluster.public_id])


class ClusterEdit(ClusterForms):
    queryset = Cluster.objects.select_related("provider")
    title = _("Change the cluster")
    done = _("Saved.")

    def act(self, form: Any) -> str:
        inventory.change_cluster(acting_user=self.user, cluster=self.row, **form.facts())
        return reverse("cluster", args=[self.row.public_id])


class ClusterState(ActionPage):
    """Into maintenance and back."""

    queryset = Cluster.objects.all()
    verb = "edit"
    form_class = ReasonForm
    nav = "clusters"
    done = _("Done.")

    @property
    def to(self) -> str:
        return Cluster.State.MAINTENANCE if self.row.state == Cluster.State.ACTIVE else Cluster.State.ACTIVE

    def context(self, form: Any) -> dict[str, Any]:
        into = self.to == Cluster.State.MAINTENANCE
        verb = _("Begin maintenance") if into else _("End maintenance")
        return {
            "title": verb,
            "button": verb,
            "consequence": _("Nobody can ask for GPUs here while it lasts. Grants and running jobs stay.")
            if into
            else _("Tenants can ask for its GPUs again."),
        }

    def back(self) -> str:
        return reverse("cluster", args=[self.row.public_id])

    def act(self, form: Any) -> str:
        if self.row.state == Cluster.State.RETIRED:
            raise Refused(_("A retired cluster stays retired. Add a new one instead."))
        inventory.set_cluster_state(
            acting_user=self.user, cluster=self.row, to=self.to, reason=form.cleaned_data["reason"]
        )
        return self.back()


class TestSource(ActionPage):
    """Read the source once, now, and show what came back; nothing is recorded."""

    queryset = Cluster.objects.select_related("provider")
    verb = "edit"
    template_name = "resources/source_test.html"
    nav = "clusters"
    title = _("Test the source")
    button = _("Read the source now")
    consequence = _("Reads every address once, within a few seconds, and shows what came back. Nothing is recorded.")

    def back(self) -> str:
        return reverse("cluster", args=[self.row.public_id])

    def crumbs(self) -> list[tuple[str, Text]]:
        return [(reverse("clusters"), _("Clusters")), (self.back(), self.row.name)]

    def post(self, request: HttpRequest, public_id: Any = None, **kwargs: Any) -> HttpResponse:
        self.load(public_id)
        context = {**self.page_context(), "row": self.row, "probe": sources.probe(self.row), "button": self.button}
        return render(request, self.template_name, context)
