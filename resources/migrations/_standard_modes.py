"""The portal's own access modes, modelled on those of EuroHPC's AI factories: playground, fast lane, large scale.

What stands here is frozen; an authority publishes versions of its own.
"""

from typing import Any

from django.utils import timezone

SO_FAR = {
    "key": "needs", "kind": "long", "required": True, "limit": 2000,
    "label": {
        "en": "What have you run so far, and how did it scale?",
        "fr": "Qu’avez-vous déjà exécuté, et avec quel passage à l’échelle ?",
        "de": "Was haben Sie bisher gerechnet, und wie hat es skaliert?",
    },
    "help": {
        "en": "Hardware, GPUs at once, hours, and the speed-up you measured.",
        "fr": "Matériel, GPU simultanés, heures et accélération mesurée.",
        "de": "Hardware, GPUs gleichzeitig, Stunden und gemessene Beschleunigung.",
    },
}  # fmt: skip
OUTCOME = {
    "key": "outcome", "kind": "long", "required": True, "limit": 2000,
    "label": {
        "en": "What will come out of it, and for whom?",
        "fr": "Quel en sera le résultat, et pour qui ?",
        "de": "Was kommt dabei heraus, und für wen?",
    },
    "help": {},
}  # fmt: skip
BEGINNER = {
    "key": "first_time", "kind": "yes_no", "required": True,
    "label": {
        "en": "Is this your first time on shared GPUs?",
        "fr": "Est-ce votre première utilisation de GPU partagés ?",
        "de": "Nutzen Sie zum ersten Mal gemeinsame GPUs?",
    },
    "help": {
        "en": "Then somebody shows you how to begin.",
        "fr": "Quelqu’un vous montrera alors comment commencer.",
        "de": "Dann zeigt Ihnen jemand den Einstieg.",
    },
}  # fmt: skip
PLAN = {
    "key": "plan", "kind": "long", "required": True, "limit": 4000,
    "label": {
        "en": "Work plan with milestones",
        "fr": "Plan de travail avec étapes",
        "de": "Arbeitsplan mit Meilensteinen",
    },
    "help": {
        "en": "What runs when, and by what you will know that it goes well.",
        "fr": "Ce qui s’exécute quand, et à quoi vous verrez que tout va bien.",
        "de": "Was wann läuft, und woran Sie erkennen, dass es gut läuft.",
    },
}  # fmt: skip
MODES: list[dict[str, Any]] = [
    {
        "slug": "playground", "position": 10, "max_gpus": 16, "max_gpu_hours": 5_000, "max_months": 3, "service_days": 2,
        "auto_decision": True, "questions": [BEGINNER],
        "name": {"en": "Playground", "fr": "Bac à sable", "de": "Spielwiese"},
        "about": {
            "en": "To try out whether it works: small, short, decided quickly.",
            "fr": "Pour essayer : petit, court, décidé rapidement.",
            "de": "Zum Ausprobieren: klein, kurz, schnell entschieden.",
        },
    },
    {
        "slug": "fast-lane", "position": 20, "max_gpus": 128, "max_gpu_hours": 50_000, "max_months": 6, "service_days": 4,
        "auto_decision": False, "questions": [SO_FAR],
        "name": {"en": "Fast lane", "fr": "Voie rapide", "de": "Überholspur"},
        "about": {
            "en": "For those who have run at this scale before and need more of it soon.",
            "fr": "Pour ceux qui ont déjà calculé à cette échelle et en ont bientôt besoin.",
            "de": "Für alle, die schon in dieser Größe gerechnet haben und bald mehr brauchen.",
        },
    },
    {
        "slug": "large-scale", "position": 30, "max_gpus": None, "max_gpu_hours": None, "max_months": 12,
        "service_days": 10, "auto_decision": False, "questions": [SO_FAR, OUTCOME, PLAN],
        "name": {"en": "Large scale", "fr": "Grande échelle", "de": "Großer Maßstab"},
        "about": {
            "en": "For work that takes a large part of a cluster; people of the authority read the plan.",
            "fr": "Pour des travaux qui prennent une grande part d’une grappe ; l’autorité lit le plan.",
            "de": "Für Arbeiten, die einen großen Teil eines Clusters brauchen; die Behörde liest den Plan.",
        },
    },
]  # fmt: skip


def write_standard_modes(apps: Any, schema_editor: Any) -> None:
    apps.get_model("resources", "AccessMode").objects.bulk_create(
        apps.get_model("resources", "AccessMode")(version=1, published_at=timezone.now(), **mode) for mode in MODES
    )
