"""Every service leaves a trace: what acts for a person reaches the audit trail, by itself or through what it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.rules.tree import Source, called, calls, functions, python, text_of
from tests.architecture.rules.work import services

ANSWERS_ONLY = {
    "tenants/services/delegations.py: objection_to": "says why not, and changes nothing",
}
"""Takes ``acting_user`` and changes nothing."""

Name = tuple[str, str]
"""(module, function)."""


def services_leave_a_trace(root: Path) -> list[str]:
    """A public function of services with ``acting_user`` calls audit.record, or a service's function that does."""
    sources = {_module(source): source for source in services(root)}
    defined = {
        (module, function.name): (source, function)
        for module, source in sources.items()
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef)
    }
    traced = {
        name for name, (_source, function) in defined.items() if any(called(c) == "record" for c in calls(function))
    }
    reach = {name: set(_calls(sources[name[0]], name[0], function)) for name, (_s, function) in defined.items()}
    while more := {name for name, reached in reach.items() if name not in traced and reached & traced}:
        traced |= more
    return [
        source.at(function, f"{function.name} leaves no trace")
        for name, (source, function) in defined.items()
        if name not in traced and _acts(function) and f"{source.name}: {function.name}" not in ANSWERS_ONLY
    ]


def _acts(function: ast.FunctionDef) -> bool:
    named = [*function.args.args, *function.args.kwonlyargs]
    return not function.name.startswith("_") and any(arg.arg == "acting_user" for arg in named)


def _module(source: Source) -> str:
    return source.name.removesuffix(".py").replace("/", ".")


def _calls(source: Source, module: str, function: ast.FunctionDef) -> Iterator[Name]:
    """What a function calls, by module and name, as its module's imports say."""
    known: dict[str, Name] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    for call in calls(function):
        if isinstance(call.func, ast.Name):
            yield known.get(call.func.id, (module, call.func.id))
        elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            package, name = known.get(call.func.value.id, ("", ""))
            yield (f"{package}.{name}", call.func.attr)


def acting_services(root: Path) -> set[str]:
    """All of them, as "tenants.projects.create_project"."""
    return {
        f"{_module(source).replace('.services', '')}.{function.name}"
        for source in services(root)
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef) and _acts(function)
        if f"{source.name}: {function.name}" not in ANSWERS_ONLY
    }


WRITES = {"record", "_record", "tell", "_tell", "_moved", "_of_the_person", "create", "change"}


def acts(root: Path) -> set[str]:
    """Every act that a service or a page of accounts names in so many words."""
    found = set()
    for source in (*services(root), *(s for s in python(root) if s.within("portal/accounts", "portal/ui"))):
        for function in functions(source.tree):
            for call in calls(function):
                if called(call) in WRITES and call.args and (act := text_of(call.args[0])) and "." in act:
                    found.add(act)
                if called(call) == "refuse_recorded" and call.args and (act := text_of(call.args[0])):
                    found.add(f"refused.{act}")
    return found


RULES = (services_leave_a_trace,)
