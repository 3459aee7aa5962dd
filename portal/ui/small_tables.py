"""A field that is a short table: rows of small fields, with room for more. A row that is left empty is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

SPARE = 2
"""Empty rows below the filled ones; with scripts there is a button for more."""
MOST_ROWS = 60
LONGEST_CELL = 400


@dataclass(frozen=True, slots=True)
class Column:
    """``choices`` make it a list to choose from; ``wide`` takes a whole line of its own. ``needed``: no row may leave it
    empty; ``once``: no two rows may say the same.
    """

    name: str
    label: str | Promise
    choices: Sequence[tuple[str, str | Promise]] = ()
    wide: bool = False
    needed: bool = False
    once: bool = False


class TableWidget(forms.Widget):
    """Posts each cell as ``<field>_<column>``, once a row, in the order of the rows."""

    template_name = "portal/forms/rows.html"
    use_fieldset = True

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        many = data.getlist if hasattr(data, "getlist") else lambda key: data.get(key, [])
        cells = [many(f"{name}_{column.name}") for column in self.columns]
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in zip_longest(*cells, fillvalue="")]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}_{column.name}" in data for column in self.columns)

    def id_for_label(self, id_: str) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        filled = [row for row in value or [] if any(row.values())]
        rows = [*filled, *({} for _spare in range(SPARE))]
        context = super().get_context(name, None, attrs)
        context["rows"] = [
            (number, [self._cell(name, column, row, number) for column in self.columns])
            for number, row in enumerate(rows, start=1)
        ]
        return context

    @staticmethod
    def _cell(name: str, column: Column, row: Mapping[str, str], number: int) -> dict[str, Any]:
        return {
            "name": f"{name}_{column.name}", "id": f"id_{name}_{column.name}_{number}", "label": column.label,
            "value": row.get(column.name, ""), "choices": column.choices, "wide": column.wide,
        }  # fmt: skip


class TableField(forms.Field):
    """Cleans to a list of {column: text}, without the empty rows."""

    def __init__(self, columns: Sequence[Column], **kwargs: Any) -> None:
        self.columns = columns
        super().__init__(widget=TableWidget(columns), **kwargs)

    def to_python(self, value: Any) -> list[dict[str, str]]:
        rows = [{name: str(cell).strip() for name, cell in row.items()} for row in value or []]
        return [row for row in rows if any(row.values())]

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MOST_ROWS:
            raise forms.ValidationError(
                _("There are %(n)d rows; at most %(most)d are kept. Leave some away.") % {"n": len(value), "most": MOST_ROWS}
            )  # fmt: skip
        for number, row in enumerate(value, start=1):
            for column in self.columns:
                earlier = [each[column.name] for each in value[: number - 1]]
                self._check(number, column, row[column.name], earlier)

    @staticmethod
    def _check(number: int, column: Column, cell: str, earlier: Sequence[str]) -> None:
        facts = {"row": number, "column": column.label, "most": LONGEST_CELL, "cell": cell}
        if column.needed and not cell:
            raise forms.ValidationError(_("Row %(row)d, %(column)s: fill it in, or leave the whole row empty.") % facts)
        if column.once and cell in earlier:
            raise forms.ValidationError(
                _("Row %(row)d, %(column)s: “%(cell)s” stands in a row before. Put both into one.") % facts
            )
        if len(cell) > LONGEST_CELL:
            raise forms.ValidationError(
                _("Row %(row)d, %(column)s: at most %(most)d characters are kept. Shorten it.") % facts
            )
        if column.choices and cell not in dict(column.choices):
            raise forms.ValidationError(_("Row %(row)d, %(column)s: choose one of the list.") % facts)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))
