"""Lines are given within what they ask for, by all steps together: held by the database too."""

from django.db import migrations

from resources.migrations._guards_by_line import AS_ASKED, PAID, UNDO, WITHIN_LINE


class Migration(migrations.Migration):
    dependencies = [("resources", "0011_decisions_by_line")]
    operations = [migrations.RunSQL(AS_ASKED + PAID + WITHIN_LINE, UNDO)]
