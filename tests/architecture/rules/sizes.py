"""How much may stand in one place, and what a place may be called."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.rules.tree import Source, functions, python, templates

FILE_LINES = 400
AIMED_LINES = 300
FILES_OVER_AIM = 0.05
FUNCTION_LINES = 60
TEMPLATE_LINES = 120
REFUSED_NAMES = ("util", "utils", "helper", "helpers", "manager", "managers", "common", "misc")


def own_files(root: Path) -> list[Source]:
    """Everything that people here write and read: the product, its tests, its scripts and sheets."""
    found = list(python(root, migrations=False))
    for folder, endings in (("tests", {".py"}), ("static/js", {".js"}), ("static/css", {".css"})):
        found += [Source(root, p) for p in sorted((root / folder).rglob("*")) if p.suffix in endings]
    return found


def lines(source: Source) -> int:
    return len(source.text.splitlines())


def files_stay_short(root: Path) -> list[str]:
    return [
        f"{source.name}: {count} lines, at most {FILE_LINES}"
        for source in own_files(root)
        if (count := lines(source)) > FILE_LINES
    ]


def few_files_pass_the_aim(root: Path) -> list[str]:
    files = own_files(root)
    long = [f"{source.name}: {count} lines" for source in files if (count := lines(source)) > AIMED_LINES]
    return long if len(long) > FILES_OVER_AIM * len(files) else []


def functions_stay_short(root: Path) -> list[str]:
    return [
        source.at(function, f"{function.name} has {count} lines, at most {FUNCTION_LINES}")
        for source in python(root)
        for function in functions(source.tree)
        if (count := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]


def templates_stay_short(root: Path) -> list[str]:
    return [
        f"{source.name}: {count} lines, at most {TEMPLATE_LINES}"
        for source in templates(root)
        if (count := lines(source)) > TEMPLATE_LINES
    ]


def rooms_have_names_that_say_something(root: Path) -> list[str]:
    return [
        f"{source.name}: a name that says nothing"
        for source in python(root)
        if source.path.stem in REFUSED_NAMES or source.path.parent.name in REFUSED_NAMES
    ]


RULES = (
    files_stay_short,
    few_files_pass_the_aim,
    functions_stay_short,
    templates_stay_short,
    rooms_have_names_that_say_something,
)
