"""Migrations can be taken back."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.rules.tree import called, calls, python

WAYS_BACK = {"RunPython": "reverse_code", "RunSQL": "reverse_sql"}


def migrations_have_a_way_back(root: Path) -> list[str]:
    return [
        source.at(call, f"{called(call)} without {WAYS_BACK[called(call)]}")
        for source in python(root, migrations=True)
        if "migrations" in source.path.parts
        for call in calls(source.tree)
        if called(call) in WAYS_BACK
        if len(call.args) < 2 and WAYS_BACK[called(call)] not in {keyword.arg for keyword in call.keywords}
    ]


RULES = (migrations_have_a_way_back,)
