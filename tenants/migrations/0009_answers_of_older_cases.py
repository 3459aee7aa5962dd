from __future__ import annotations

from typing import Any

from django.db import migrations

COLUMNS = (
    "organisation", "kind", "country", "legal_id", "contact_email", "data_class", "residency", "purpose",
)  # fmt: skip


def carry_over(apps: Any, schema_editor: Any) -> None:
    """What stood in columns alone stands among the answers too, so that a draft begun before goes on where it was."""
    cases = apps.get_model("tenants", "OnboardingCase").objects.filter(answers={})
    for case in cases.iterator():
        facts = {name: getattr(case, name) for name in COLUMNS}
        facts["country"] = str(facts["country"])
        case.answers = {name: value for name, value in facts.items() if value}
        case.save(update_fields=["answers"])


class Migration(migrations.Migration):
    dependencies = [("tenants", "0008_question_sets")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
