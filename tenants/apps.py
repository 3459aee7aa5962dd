from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Tenants"

    def ready(self) -> None:
        from portal.core.access import register_anchor
        from tenants import acts, constraints, entries, isolation, lifecycle_acts, models
        from tenants.letters import cases as case_letters

        register_anchor(
            "tenants.Tenant",
            permissions=models.TenantUserPermission,
            memberships=models.Membership,
            field="tenant",
        )
        register_anchor(
            "tenants.Authority",
            permissions=models.AuthorityUserPermission,
            memberships=models.AuthorityMembership,
            field="authority",
        )
        from portal.core.registry import followers
        from tenants.services import webhooks

        acts.register()
        followers.add("webhooks", webhooks.follow)
        constraints.register()
        entries.register()
        isolation.register()
        case_letters.register()
        lifecycle_acts.register()
