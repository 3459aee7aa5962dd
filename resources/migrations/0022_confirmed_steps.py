"""A step that a second person confirmed may be taken back while other authorities have still to decide."""

from django.db import migrations

from resources.migrations._guards_by_line import AS_ASKED as AS_BEFORE
from resources.migrations._guards_confirmed import AS_ASKED


class Migration(migrations.Migration):
    dependencies = [("resources", "0021_indexes_of_lists")]

    operations = [migrations.RunSQL(AS_ASKED, AS_BEFORE)]
