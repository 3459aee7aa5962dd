"""The doors of the ground: access, states, guardian, commit hooks. Each has one place, and nobody goes around it."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.rules.tree import Source, called, calls, imported, last_name, python, text_of

FACES = ("views", "api", "live", "views.py", "api.py", "consumers.py", "filters.py", "forms.py", "tables.py")
MANAGERS = {"objects", "_default_manager", "_base_manager"}
SCOPED = {"visible_to", "fetch"}
HELD_QUERYSETS = {"queryset", "rows", "anchors"}
"""Class attributes of pages and viewsets, whose base classes put them through visible_to or fetch."""

SETTLES_STATE = ("resources/services/enforcing.py", "resources/services/quotas.py")
"""Where a claimed quota is given back with the state that was observed: one UPDATE with the fence (core.outbox)."""

DERIVED = {
    ("resources/live/snapshot.py", "GPUKind.objects"): "a catalogue that everybody sees",
    ("resources/live/snapshot.py", "Cluster.objects"): "by the ids of the person's cut",
    ("resources/live/topics.py", "Tenant.objects"): "by the ids of environments the person sees",
    ("resources/live/topics.py", "CaseMember.objects"): "of the person themselves",
    ("resources/live/topics.py", "Environment.objects"): "of a tenant that was fetched",
    ("resources/live/validity.py", "User.objects"): "the person's own epoch",
    ("resources/live/validity.py", "Session.objects"): "the person's own session",
}
"""Questions of the live line that begin from what was scoped already."""
GUARDIAN = {"get_objects_for_user", "get_users_with_perms", "assign_perm", "remove_perm", "ObjectPermissionChecker"}
RIGHTS = {"has_perm", "has_perms", "has_module_perms", "user_permissions", "permission_required"}
CREATES = {"create", "bulk_create", "get_or_create"}


def is_face(source: Source) -> bool:
    """A page, an endpoint, a socket: what stands between a person and rows."""
    parts = source.path.relative_to(source.root).parts
    return parts[1] in FACES or source.within("portal/ui")


def faces_ask_through_their_scope(root: Path) -> list[str]:
    """A manager in a view, endpoint, filter, form or consumer is followed by visible_to or handed to fetch."""
    found = []
    for source in python(root):
        if not is_face(source):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr in MANAGERS and not _scoped(source, node):
                if (source.name, ast.unparse(node)) in DERIVED:
                    continue
                found.append(source.at(node, f"asks {ast.unparse(node)} without visible_to or fetch"))
            if isinstance(node, ast.Name) and node.id in {"get_object_or_404", "get_list_or_404"}:
                found.append(source.at(node, f"{node.id} asks nobody whether this person may"))
    return found


def _scoped(source: Source, node: ast.AST) -> bool:
    for parent in source.above(node):
        if isinstance(parent, ast.Attribute) and parent.attr == "visible_to":
            return True
        if isinstance(parent, ast.Call):
            if called(parent) == "fetch" and parent.args and parent.args[0] is node:
                return True
        elif isinstance(parent, ast.Assign | ast.AnnAssign):
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            inside = source.parents.get(parent)
            return isinstance(inside, ast.ClassDef) and all(last_name(t) in HELD_QUERYSETS for t in targets)
        elif not isinstance(parent, ast.Attribute):
            return False
        node = parent
    return False


def states_move_only_by_advance(root: Path) -> list[str]:
    """No ``row.state = ...``, no ``update(state=...)``: moves are compare-and-set in portal.core.states."""
    found = []
    for source in python(root):
        if source.within("portal/core/states.py", "portal/embedded", "portal/management", "resources/demo"):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr == "state" and not isinstance(node.ctx, ast.Load):
                found.append(source.at(node, f"sets {ast.unparse(node)} by hand"))
            if isinstance(node, ast.Call) and _moves_a_state(source, node):
                found.append(source.at(node, f"{called(node)} sets a state by hand"))
    return found


def _moves_a_state(source: Source, call: ast.Call) -> bool:
    name = called(call)
    if name == "setattr" and len(call.args) > 1:
        return text_of(call.args[1]) == "state"
    if name == "settle" and source.within(*SETTLES_STATE):
        return False
    if name in {"update", "settle", "aupdate", "update_or_create", "bulk_update"}:
        keywords = {keyword.arg for keyword in call.keywords}
        literals = {text_of(key) for each in ast.walk(call) if isinstance(each, ast.Dict) for key in each.keys if key}
        listed = {text_of(item) for each in ast.walk(call) if isinstance(each, ast.List) for item in each.elts}
        return "state" in keywords | literals | listed
    return False


def guardian_has_one_door(root: Path) -> list[str]:
    """Guardian is imported by portal.core.access and by the models of its direct tables; asked by nobody."""
    found = []
    for source in python(root):
        in_models = "models" in source.path.parts
        for node, name in imported(source.tree):
            if name.split(".")[0] == "guardian" and not (source.within("portal/core/access.py") or in_models):
                found.append(source.at(node, f"imports {name}"))
        found += [
            source.at(node, f"asks {last_name(node)} instead of the queryset")
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Attribute | ast.Name) and last_name(node) in GUARDIAN | RIGHTS
        ]
    return found


def only_events_and_tasks_wait_for_commit(root: Path) -> list[str]:
    return [
        source.at(node, "on_commit outside portal.core: announce or nudge")
        for source in python(root)
        if not source.within("portal/core/events.py", "portal/core/tasks.py")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Name) and last_name(node) == "on_commit"
    ]


def set_grants_is_called_by_the_projection(root: Path) -> list[str]:
    """Grants follow memberships: only services write them."""
    return [
        source.at(call, "set_grants outside services")
        for source in python(root)
        if "services" not in source.path.parts and not source.within("portal/core/access.py")
        for call in calls(source.tree)
        if called(call) == "set_grants"
    ]


RULES = (
    faces_ask_through_their_scope,
    states_move_only_by_advance,
    guardian_has_one_door,
    only_events_and_tasks_wait_for_commit,
    set_grants_is_called_by_the_projection,
)
