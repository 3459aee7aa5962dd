"""The form that maps a claim of an identity provider to a role."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.ui.forms import PlainForm, offer
from tenants.models import Authority, Tenant
from tenants.roles import TenantRole
from tenants.services.claims import knows
from tenants.services.memberships import OFFICES


def staff_offices() -> list[str]:
    """Anchors whose people are staff; a tenant's people are its owner's business."""
    return [label for label in OFFICES if label != "tenants.Tenant"]


def places(user: Any) -> list[tuple[str, Any]]:
    """Every role of staff on every authority and provider the person may see: "label:public id:role"."""
    found: list[tuple[str, Any]] = [("", _("Choose one"))]
    for label in staff_offices():
        office = OFFICES[label]
        labels = dict(office.memberships._meta.get_field("role").choices)
        rows = office.anchor_model._default_manager.all().visible_to(user).order_by("name")  # type: ignore[attr-defined]
        found += [
            (f"{label}:{row.public_id}:{role}", f"{row.name}: {labels[role]}") for row in rows for role in office.grants
        ]
    return found


def provider_choices(tenant: Tenant | None = None) -> list[tuple[str, str]]:
    """The identity providers that may give roles: all of them to staff, to a tenant's people those that know them."""
    return [(each.key, each.name) for each in settings.OIDC_PROVIDERS if knows(each.key, tenant)]


class FactsForm(PlainForm):
    """Of which claim a role comes."""

    provider = forms.ChoiceField(label=_("Identity provider"))
    claim = forms.CharField(
        label=_("Claim"), max_length=100, initial="groups",
        help_text=_("Its name as the provider writes it: groups, department, realm_access.roles."),
    )  # fmt: skip
    value = forms.CharField(
        label=_("Value"), max_length=200, help_text=_("Exactly as the provider writes it; capitals count.")
    )

    plans: Any = None


class ClaimForm(FactsForm):
    place = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "provider", provider_choices())
        offer(self, "place", places(self.user))

    def facts(self) -> dict[str, Any]:
        """What the service is called with."""
        label, public_id, role = self.cleaned_data["place"].split(":")
        anchor = OFFICES[label].anchor_model._default_manager.all().visible_to(self.user).get(public_id=public_id)  # type: ignore[attr-defined]
        names = ("provider", "claim", "value")
        return {**{name: self.cleaned_data[name] for name in names}, "anchor": anchor, "role": role}

    def as_mapping(self) -> dict[str, Any]:
        """The same as columns of a mapping that is not saved."""
        facts = self.facts()
        anchor = facts.pop("anchor")
        where = {"anchor_label": anchor._meta.label, "anchor_id": anchor.pk, "anchor_name": str(anchor)}
        return {**facts, **where, "authority": anchor if isinstance(anchor, Authority) else None}


class TenantClaimForm(FactsForm):
    """``row`` is the tenant. An owner is made by hand, so that no identity provider can take the last one away."""

    role = forms.ChoiceField(
        label=_("Role"), help_text=_("An owner is made by hand."),
        choices=[choice for choice in TenantRole.choices if choice[0] != TenantRole.OWNER],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "provider", provider_choices(self.row))

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("provider", "claim", "value", "role")}
