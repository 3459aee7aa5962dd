from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        from portal.accounts import receivers, recorded
        from portal.core import operations, walls
        from portal.ui import exports

        self.rooms = (receivers, recorded)
        walls.shelter({"portal.AuditEvent": "tenant_id"}, officers=["portal.AuditEvent"])
        walls.shelter({"portal.AuditEntry": "stream"}, within=walls.STREAM)
        walls.shelter({"portal.SavedView": "user_id"}, within=walls.ME, officers=["portal.SavedView"])
        walls.insert_only.add("portal.AuditEvent")
        walls.worker_erases["portal.AuditEvent"] = ("address", "address_salt")
        walls.read_only.update({"portal.AuditEntry", "portal.AuditHead"})
        walls.worker_writes.update({"portal.AuditCheckpoint", "portal.AuditVerification", "portal.AuditWitness"})
        walls.not_for_tenants.update({"portal.AuditHead", "portal.AuditCheckpoint"})
        walls.stand_open(walls.NOBODYS)
        operations.register()
        exports.register()
        post_migrate.connect(walls.build, sender=self, dispatch_uid="portal.core.walls")
