"""A project's sources as the rules read them. ``root`` is the checkout or a copy with something planted in it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGES = ("portal", "tenants", "resources")
Rule = Callable[[Path], list[str]]


@dataclass(frozen=True)
class Source:
    root: Path
    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 1)}: {what}"

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What encloses ``node``, from the inside out."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def within(self, *prefixes: str) -> bool:
        return any(self.name == prefix or self.name.startswith(prefix.rstrip("/") + "/") for prefix in prefixes)


def python(root: Path, *, migrations: bool = False) -> Iterator[Source]:
    """Every module of the product."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if migrations or "migrations" not in path.parts:
                yield Source(root, path)


def templates(root: Path) -> Iterator[Source]:
    for path in sorted((root / "templates").rglob("*")):
        if path.is_file() and path.suffix in {".html", ".txt"}:
            yield Source(root, path)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last name of what is called: ``update`` of ``rows.filter(x).update(...)``."""
    return last_name(call.func)


def last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every imported name with its module: ("urllib.request", "django.db.transaction")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def text_of(node: ast.AST | None) -> str | None:
    """The value of a string constant."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
