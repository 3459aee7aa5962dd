from django.db import migrations

from resources.migrations._successors import FITS_ALONE, FITS_TOGETHER


class Migration(migrations.Migration):
    dependencies = [("resources", "0017_maintenance")]

    operations = [migrations.RunSQL(FITS_TOGETHER, FITS_ALONE)]
