"""The sums of pools and shares, four eyes, and what was decided: held by the database too."""

from django.db import migrations

from resources.migrations._guards import FITS, OTHERS, STAYS, UNDO


class Migration(migrations.Migration):
    dependencies = [("resources", "0006_cluster_credentials"), ("tenants", "0001_initial")]
    operations = [migrations.RunSQL(FITS + STAYS + OTHERS, UNDO)]
