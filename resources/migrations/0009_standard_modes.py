"""The portal's own access modes, for authorities that publish none."""

from django.db import migrations
from django.utils import timezone

from resources.migrations._standard_modes import MODES


def write_standard_modes(apps, schema_editor):
    apps.get_model("resources", "AccessMode").objects.bulk_create(
        apps.get_model("resources", "AccessMode")(version=1, published_at=timezone.now(), **mode) for mode in MODES
    )


class Migration(migrations.Migration):
    dependencies = [("resources", "0008_request_lines")]
    operations = [migrations.RunPython(write_standard_modes, migrations.RunPython.noop)]
