from django.db import migrations

from resources.migrations._successors import FITS_TOGETHER
from resources.migrations._windows_ahead import FITS_AHEAD


class Migration(migrations.Migration):
    dependencies = [("resources", "0022_confirmed_steps")]
    operations = [migrations.RunSQL(FITS_AHEAD, FITS_TOGETHER)]
