"""The audit trail is chained by the database at commit; what was recorded before is chained here, in its order."""

from django.db import migrations

from portal.migrations import _audit_chain as sql


class Migration(migrations.Migration):
    dependencies = [("portal", "0004_audit_tables")]
    operations = [
        migrations.RunSQL(sql.FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(sql.EXISTING, migrations.RunSQL.noop),
        migrations.RunSQL(sql.CHAIN, migrations.RunSQL.noop),
        migrations.RunSQL(sql.REFUSALS, sql.UNDO),
    ]
