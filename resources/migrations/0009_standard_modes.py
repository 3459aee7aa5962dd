"""The portal's own access modes, for authorities that publish none."""

from django.db import migrations

from resources.migrations._standard_modes import write_standard_modes


class Migration(migrations.Migration):
    dependencies = [("resources", "0008_request_lines")]
    operations = [migrations.RunPython(write_standard_modes, migrations.RunPython.noop)]
