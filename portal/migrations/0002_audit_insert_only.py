from django.db import migrations

from portal.migrations._audit_insert_only import REFUSE, UNDO


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, UNDO)]
