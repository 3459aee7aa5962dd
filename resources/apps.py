from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "resources"
    verbose_name = "Resources"

    def ready(self) -> None:
        from portal.core.access import register_anchor
        from resources import acts, constraints, entries, isolation, letters, models, receivers, roles, tasks, witnesses
        from tenants.services.memberships import Office, register_office

        register_anchor(
            "resources.Provider",
            permissions=models.ProviderUserPermission,
            memberships=models.ProviderMembership,
            field="provider",
        )
        register_office(
            "resources.Provider",
            Office(
                models.ProviderMembership, "provider", roles.PROVIDER_GRANTS, abilities=roles.PROVIDER_ABILITIES,
                delegable=frozenset(map(str, roles.DELEGABLE)), audit=lambda provider: {"provider": provider},
                pages={
                    "people": "provider-people", "change": "provider-staff-change", "end": "provider-staff-end",
                    "delegate": "provider-staff-delegate",
                },
            ),
        )  # fmt: skip
        acts.register()
        constraints.register()
        entries.register()
        witnesses.register()
        isolation.register()
        letters.register()
        self.rooms = (receivers, tasks)
