from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "resources"
    verbose_name = "Resources"

    def ready(self) -> None:
        from portal.core.access import register_anchor
        from resources import models

        register_anchor(
            "resources.Provider",
            permissions=models.ProviderUserPermission,
            memberships=models.ProviderMembership,
            field="provider",
        )
