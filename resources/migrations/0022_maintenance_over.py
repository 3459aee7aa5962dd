from django.db import migrations

from resources.migrations._successors import FITS_TOGETHER
from resources.migrations._windows_ahead import FITS_AHEAD


class Migration(migrations.Migration):
    dependencies = [("resources", "0021_indexes_of_lists")]
    operations = [migrations.RunSQL(FITS_AHEAD, FITS_TOGETHER)]
