"""The credentials of a cluster: set, replaced, removed by its operators, and shown to nobody."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import NotFound
from portal.ui.pages import ActionPage, FormPage
from resources.forms.credentials import form_for
from resources.models import Cluster, ClusterCredential
from resources.queries.credentials import addresses
from resources.services import credentials

Purpose = ClusterCredential.Purpose
SENT_TO = {Purpose.SOURCE_TOKEN: "source", Purpose.ENGINE_TOKEN: "engine"}


class OfCluster(FormPage):
    """About one purpose of one cluster, both named in the address."""

    queryset = Cluster.objects.select_related("provider")
    nav = "clusters"

    @property
    def purpose(self) -> Any:
        try:
            return Purpose(self.kwargs["purpose"])
        except ValueError:
            raise NotFound from None

    def crumbs(self) -> Any:
        return [(reverse("clusters"), _("Clusters")), (self.back(), self.row.name)]

    def back(self) -> str:
        return reverse("cluster", args=[self.row.public_id])


class SetCredential(OfCluster):
    button = gettext_lazy("Set it")
    done = gettext_lazy("Set. It is used from the next reading or application on, and shown to nobody.")

    def make_form(self, data: Any = None) -> Any:
        return form_for(self.purpose)(data, user=self.user, row=self.row)

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "title": self.purpose.label, "lede": self.lede_text()}

    def lede_text(self) -> str:
        side = SENT_TO.get(self.purpose)
        places = ", ".join(addresses(self.row, side)) if side else ""
        if not places:
            return _("For %(cluster)s. What is set here replaces what was there.") % {"cluster": self.row.name}
        return _("For %(cluster)s. It is sent to %(places)s and nowhere else.") % {
            "cluster": self.row.name, "places": places,
        }  # fmt: skip

    def act(self, form: Any) -> str:
        credentials.set_credential(
            acting_user=self.user, cluster=self.row, purpose=self.purpose, secret=form.cleaned_data["secret"]
        )
        return self.back()


class RemoveCredential(OfCluster, ActionPage):
    title = gettext_lazy("Remove the credential")
    consequence = gettext_lazy(
        "The cluster is reached without it from now on. It cannot be brought back, only set anew."
    )
    button = gettext_lazy("Remove the credential")
    danger = True
    done = gettext_lazy("Removed.")

    def allow(self) -> None:
        if not ClusterCredential.objects.visible_to(self.user).filter(cluster=self.row, purpose=self.purpose).exists():
            raise NotFound

    def page_context(self) -> dict[str, Any]:
        return {**super().page_context(), "lede": f"{self.purpose.label}, {self.row.name}"}

    def act(self, form: Any) -> str:
        credentials.remove_credential(acting_user=self.user, cluster=self.row, purpose=self.purpose)
        return self.back()
