from django.db import migrations

from resources.migrations._erasing import ERASES, UNDO


class Migration(migrations.Migration):
    dependencies = [("resources", "0012_guards_by_line"), ("tenants", "0020_lifecycle")]

    operations = [migrations.RunSQL(ERASES, reverse_sql=UNDO)]
