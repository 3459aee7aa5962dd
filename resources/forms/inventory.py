"""Forms of providers, clusters, kinds, pools and shares."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.ui.addresses import check_address, refused_addresses
from portal.ui.forms import PlainForm, RowForm, SlugsField
from resources.collectors.base import collectors
from resources.drivers.base import drivers
from resources.forms.addresses import AddressesField
from resources.models import CapacityPool, Cluster, GPUKind, Provider, Share
from resources.roles import ProviderRole
from resources.services.inventory import share_bounds
from tenants.forms import PeriodForm, by_nearness
from tenants.models import DataClass

TRIAL = "fake"
"""The member of each family that is no real engine or source."""


class ProviderForm(RowForm):
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=by_nearness)

    class Meta:
        model = Provider
        fields = ("name", "slug", "country", "contact_email")


class StaffForm(PeriodForm):
    email = forms.EmailField(label=gettext_lazy("E-mail address"), help_text=gettext_lazy("The person has an account."))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ProviderRole.choices)
    field_order = ("email", "role", "since", "until")


class ClusterForm(RowForm):
    """A cluster. Its settings are typed in fields and kept as ``driver_settings`` and ``collector_settings``."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=by_nearness)
    data_classes = forms.MultipleChoiceField(
        label=gettext_lazy("Data it is cleared for"),
        choices=DataClass.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    certifications = SlugsField(
        label=gettext_lazy("Certifications"), required=False, help_text=gettext_lazy("Separated by commas.")
    )
    driver = forms.ChoiceField(
        label=gettext_lazy("Engine that holds quotas"),
        choices=drivers,
        help_text=gettext_lazy("What keeps each tenant to its quota on the cluster, or only counts what it uses."),
    )
    driver_url = forms.CharField(label=gettext_lazy("Address of the engine"), required=False, max_length=500)
    collector = forms.ChoiceField(
        label=gettext_lazy("Collector"),
        required=False,
        choices=lambda: [("", _("Not read")), *collectors()],
        help_text=gettext_lazy("What tells the portal how busy the GPUs are. “Not read”: no live numbers."),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("How it is read"),
        required=False,
        choices=[
            ("exporters", gettext_lazy("Exporters are read directly")),
            ("query", gettext_lazy("A Prometheus server is asked")),
        ],
    )
    urls = AddressesField(
        label=gettext_lazy("Addresses"),
        required=False,
        help_text=gettext_lazy("One a line: the exporters’ /metrics addresses, or the one of the Prometheus server."),
    )
    collect_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds between readings"), min_value=2, max_value=3600, initial=10
    )

    OURS: ClassVar[tuple[str, ...]] = ("driver_url", "mode", "urls")

    class Meta:
        model = Cluster
        fields = (
            "provider", "name", "slug", "city", "country", "data_classes", "certifications", "confidential_computing",
            "driver", "collector", "collect_seconds",
        )  # fmt: skip
        help_texts: ClassVar = {
            "slug": gettext_lazy("What programs call it: small letters, digits and hyphens, for example north-1.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        row = kwargs.get("row")
        if row is not None:
            settings = row.collector_settings
            known = {
                "driver_url": row.driver_settings.get("url", ""),
                "mode": settings.get("mode", "exporters"),
                "urls": settings.get("urls") or ([settings["url"]] if settings.get("url") else []),
            }
            kwargs["initial"] = {**known, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self._offer(row)
        provider: Any = self.fields["provider"]
        provider.queryset = Provider.objects.visible_to(self.user, "operate").order_by("name")
        order = ["driver", "driver_url", "collector", "mode", "urls", "collect_seconds"]
        self.order_fields([*(name for name in self.fields if name not in order), *order])

    def _offer(self, row: Any) -> None:
        """What is for trials only is offered where it is in use already: in the demo, and by a cluster that has it."""
        engine, collector = getattr(row, "driver", ""), getattr(row, "collector", "")
        tried = engine == TRIAL or Cluster.objects.filter(driver=TRIAL).exists()
        choosing: Any = self.fields["driver"]
        choosing.choices = [each for each in drivers() if each[0] != TRIAL or tried]
        choosing = self.fields["collector"]
        known = [each for each in collectors() if each[0] != TRIAL or collector == TRIAL]
        choosing.choices = [("", _("Not read")), *known]

    def clean_driver_url(self) -> str:
        url: str = self.cleaned_data["driver_url"]
        return check_address(url) if url else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("collector") == "prometheus" and not data.get("urls"):
            self.add_error("urls", _("Write at least one address to read from, or choose “Not read”."))
        typed = {"driver_url": [data["driver_url"]] if data.get("driver_url") else [], "urls": data.get("urls") or []}
        for name, urls in typed.items():
            for refused in refused_addresses(urls):
                self.add_error(name, refused)
        return data

    def facts(self) -> dict[str, Any]:
        """The model's fields; settings nobody can type here are kept as they are."""
        data = dict(self.cleaned_data)
        url, mode, urls = (data.pop(name) for name in self.OURS)
        old = self.row
        driver_settings = {**(old.driver_settings if old else {}), "url": url}
        collector_settings = {**(old.collector_settings if old else {}), "mode": mode or "exporters", "urls": urls}
        collector_settings.pop("url", None)
        return {**data, "driver_settings": driver_settings, "collector_settings": collector_settings}


class KindForm(RowForm):
    aliases = SlugsField(
        label=gettext_lazy("Names in exporters and engines"),
        required=False,
        help_text=gettext_lazy("As exporters write them, for example NVIDIA H100 80GB HBM3; separated by commas."),
    )

    class Meta:
        model = GPUKind
        fields = ("name", "slug", "vendor", "memory_gib", "aliases")


class AliasForm(PlainForm):
    """A name as exporters write it, and the kind that it means."""

    name = forms.CharField(label=gettext_lazy("Name in exporters and engines"), max_length=120)
    kind = forms.ModelChoiceField(GPUKind.objects.none(), label=gettext_lazy("GPU kind"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.queryset = GPUKind.objects.visible_to(self.user).order_by("name")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        for kind in GPUKind.objects.visible_to(self.user):
            if name.lower() in {each.lower() for each in (kind.slug, kind.name, *kind.aliases)}:
                raise forms.ValidationError(
                    _("“%(name)s” is a name of %(kind)s already. The next reading counts it there.")
                    % {"name": name, "kind": kind}
                )
        return name


class PoolForm(RowForm):
    class Meta:
        model = CapacityPool
        fields = ("cluster", "kind", "installed", "healthy", "reserved", "overcommit", "policy_line_percent")
        help_texts: ClassVar = {
            "healthy": gettext_lazy("Of those installed. A collector counts both again, if the cluster has one."),
            "reserved": gettext_lazy("Kept back for the provider’s own use and for repairs; never promised."),
            "overcommit": gettext_lazy("1 promises each healthy GPU once; 1.2 promises a fifth more than there are."),
            "policy_line_percent": gettext_lazy(
                "Past this share of what can be promised, a second person has to agree."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cluster: Any = self.fields["cluster"]
        cluster.queryset = Cluster.objects.visible_to(self.user, "edit").order_by("name")
        kind: Any = self.fields["kind"]
        kind.queryset = GPUKind.objects.visible_to(self.user).order_by("name")
        if self.row is not None:
            del self.fields["cluster"], self.fields["kind"]


class ShareForm(RowForm):
    class Meta:
        model = Share
        fields = ("pool", "authority", "gpus")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pool: Any = self.fields["pool"]
        pool.queryset = (
            CapacityPool.objects.visible_to(self.user, "edit")
            .select_related("cluster", "kind")
            .order_by("cluster__name")
        )
        authority: Any = self.fields["authority"]
        authority.queryset = authority.queryset.model.objects.visible_to(self.user, "edit").order_by("name")
        if self.row is not None:
            del self.fields["pool"], self.fields["authority"]
            fewest, most = share_bounds(self.row)
            self.fields["gpus"].help_text = _(
                "From %(fewest)d, which are promised from it, to %(most)d, which other shares leave of the pool."
            ) % {"fewest": fewest, "most": most}
