"""Services, tasks and what they may reach: the four beats, thin tasks, the network behind adapters."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.rules.tree import Source, called, calls, functions, imported, python, text_of

TASK_LINES = 8
BEATS = {"advance", "record"}
NETWORK = (
    "httpx",
    "httpcore",
    "requests",
    "aiohttp",
    "socket",
    "ssl",
    "urllib.request",
    "http.client",
    "urllib3",
    "smtplib",
)
MAY_CALL_OUT = (
    "resources/collectors",
    "resources/drivers",
    "portal/core/addresses.py",
    "portal/core/outbound.py",
    "resources/witnesses.py",
    "resources/demo",
    "portal/core/scanner.py",
    "portal/embedded",
    "portal/management",
)
MAY_SEND = ("portal/core/tasks.py", "resources/tasks/collect.py")
"""The second sends each cluster's tick with the moment from which it is too late to take it."""
SENDS = {"delay", "apply_async", "send_task", "shared_task", "signature"}
SIGNALS = {"post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed"}


def services(root: Path) -> list[Source]:
    return [source for source in python(root) if "services" in source.path.parts]


def services_name_who_acts(root: Path) -> list[str]:
    """``acting_user`` is keyword-only; what leaves a trace either has one or says that nobody does (None)."""
    found = []
    for source in services(root):
        for function in functions(source.tree):
            positional = [*function.args.posonlyargs, *function.args.args]
            public = not function.name.startswith("_")
            if public and any(arg.arg == "acting_user" for arg in positional):
                found.append(source.at(function, f"{function.name} takes acting_user by position"))
            found += [
                source.at(call, f"{function.name} records without acting_user")
                for call in calls(function)
                if called(call) == "record" and not any(k.arg == "acting_user" for k in call.keywords)
            ]
    return found


def services_are_atomic(root: Path) -> list[str]:
    """A public function that moves or records is one transaction."""
    return [
        source.at(function, f"{function.name} is not atomic")
        for source in services(root)
        for function in source.tree.body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if any(called(call) in BEATS for call in calls(function))
        if not _atomic(source, function)
    ]


def _atomic(source: Source, function: ast.FunctionDef) -> bool:
    if any("atomic" in ast.unparse(decorator) for decorator in function.decorator_list):
        return True
    blocks = [
        node for node in ast.walk(function) if isinstance(node, ast.With) and "atomic" in ast.unparse(node.items[0])
    ]
    return all(
        any(above in blocks for above in source.above(call)) for call in calls(function) if called(call) in BEATS
    )


def services_know_no_web(root: Path) -> list[str]:
    refused = ("django.http", "django.shortcuts", "django.template", "rest_framework", "django.contrib.messages")
    return [
        source.at(node, f"imports {name}")
        for source in python(root)
        if {"services", "queries"} & set(source.path.parts) or source.within("portal/core")
        for node, name in imported(source.tree)
        if name.startswith(refused)
    ]


def task_modules(root: Path) -> list[Source]:
    return [s for s in python(root) if re.fullmatch(r"(portal|tenants|resources)/tasks(\.py|/.*\.py)", s.name)]


def jobs(source: Source) -> list[tuple[ast.FunctionDef, str]]:
    """Functions made tasks by @job, with the name they are woken by."""
    return [
        (function, text_of(decorator.args[0]) or "")
        for function in functions(source.tree)
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and called(decorator) == "job" and decorator.args
    ]


def tasks_are_thin(root: Path) -> list[str]:
    """Through @job, ids in, nothing out, at most eight lines."""
    found = []
    for source in task_modules(root):
        known = dict(jobs(source))
        for function in (node for node in source.tree.body if isinstance(node, ast.FunctionDef)):
            if function not in known:
                found.append(source.at(function, f"{function.name} is no job; it belongs to a service"))
                continue
            kinds = {ast.unparse(arg.annotation) for arg in function.args.args if arg.annotation}
            if not kinds <= {"int", "str"}:
                found.append(source.at(function, f"{function.name} takes more than ids: {sorted(kinds)}"))
            if any(isinstance(node, ast.Return) and node.value for node in ast.walk(function)):
                found.append(source.at(function, f"{function.name} returns something"))
            body = function.body[1:] if ast.get_docstring(function) else function.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if length > TASK_LINES:
                found.append(source.at(function, f"{function.name} has {length} lines, at most {TASK_LINES}"))
    return found


def tasks_are_woken_by_names_that_exist(root: Path) -> list[str]:
    """What nudge and the timetable name is a job; nobody sends a task in any other way."""
    names = {name for source in task_modules(root) for _, name in jobs(source)}
    found = []
    for source in python(root):
        for call in calls(source.tree):
            name = text_of(call.args[0]) if call.args else None
            if called(call) == "nudge" and name is not None and name not in names:
                found.append(source.at(call, f"nudges {name!r}, which is no job"))
            if called(call) in SENDS and not source.within(*MAY_SEND):
                found.append(source.at(call, f"{called(call)} goes around portal.core.tasks"))
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Dict) and "schedule" in (entry := _literal(node)):
                name = text_of(entry.get("task"))
                if name is not None and name not in names:
                    found.append(source.at(node, f"times {name!r}, which is no job"))
    return found


def _literal(node: ast.Dict) -> dict[str | None, ast.expr]:
    return {text_of(key): value for key, value in zip(node.keys, node.values, strict=True)}


def the_network_is_behind_adapters(root: Path) -> list[str]:
    return [
        source.at(node, f"imports {name}")
        for source in python(root)
        if not source.within(*MAY_CALL_OUT)
        for node, name in imported(source.tree)
        if any(name == library or name.startswith(f"{library}.") for library in NETWORK)
    ]


def rows_have_no_side_effects(root: Path) -> list[str]:
    """Nothing happens because a row is saved: no save() of our own, no model signals."""
    found = []
    for source in python(root):
        for node, name in imported(source.tree):
            if name.rpartition(".")[2] in SIGNALS:
                found.append(source.at(node, f"listens to {name}"))
        if "models" in source.path.parts:
            found += [
                source.at(function, f"{function.name}() of its own")
                for function in functions(source.tree)
                if function.name in {"save", "delete"}
            ]
    return found


RULES = (
    services_name_who_acts,
    services_are_atomic,
    services_know_no_web,
    tasks_are_thin,
    tasks_are_woken_by_names_that_exist,
    the_network_is_behind_adapters,
    rows_have_no_side_effects,
)
