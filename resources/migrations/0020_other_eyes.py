"""Appeals are decided by other people, and idle GPUs by nobody of the tenant: held by the database too."""

from django.db import migrations

from resources.migrations._other_eyes_guards import APPEALS, EYES, IDLE, UNDO


class Migration(migrations.Migration):
    dependencies = [("resources", "0019_grant_conditions"), ("tenants", "0024_texts_of_conditions")]
    operations = [migrations.RunSQL(EYES + APPEALS + IDLE, UNDO)]
