"""What each role of a provider may do, as guardian codenames."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ProviderRole(TextChoices):
    OPERATOR = "operator", _("Operator")


DELEGABLE = frozenset({ProviderRole.OPERATOR})
PROVIDER_ABILITIES = {
    "view_provider": _("see the provider’s clusters and who uses what on them"),
    "operate_clusters": _("change clusters, inventory, drivers and collectors"),
}

PROVIDER_GRANTS: dict[str, frozenset[str]] = {
    ProviderRole.OPERATOR: frozenset({"view_provider", "operate_clusters"}),
}
