"""What a webhook is called, where it is, and what it is told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.ui.addresses import check_address, refused_addresses
from portal.ui.forms import PlainForm, offer
from tenants.forms import Checks
from tenants.queries.webhooks import acts, places_for


class WebhookForm(PlainForm):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What receives it, for example “ticket system”.")
    )
    place = forms.ChoiceField(label=_("Of"), help_text=_("It is told what happens in this tenant or authority alone."))
    url = forms.CharField(
        label=_("Address"), max_length=2000,
        help_text=_("It takes a POST with JSON and answers 200 to 299. Write it with https://."),
    )  # fmt: skip
    acts = forms.MultipleChoiceField(
        label=_("Only of these events"), choices=acts, required=False, widget=Checks,
        help_text=_("Without a tick it is told of all of them."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.row is not None:
            del self.fields["place"]
            return
        self.places = {str(place.public_id): place for place in places_for(self.user)}
        offer(self, "place", [(key, place.name) for key, place in self.places.items()])

    def clean_url(self) -> str:
        url = check_address(self.cleaned_data["url"])
        if sentences := refused_addresses([url]):
            raise forms.ValidationError(sentences, code="address")
        return url

    def facts(self) -> dict[str, Any]:
        data = {name: self.cleaned_data[name] for name in ("name", "url", "acts")}
        return data if self.row is not None else {**data, "place": self.places[self.cleaned_data["place"]]}
