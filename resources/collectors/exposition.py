"""Reads Prometheus' text format fast, for the few metrics that are wanted.

A scrape repeats the same long label texts for every metric and at every tick. So a label text is understood once and
then only looked up (:class:`Names`), metrics that are not wanted are skipped in one step, and numbers are kept in
arrays. Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

# A pair of a label set, with what may stand around it; values keep their escapes.
PAIR = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|$)')
# The rest of a sample's line after the metric's name.
REST = re.compile(r'[ \t]*(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]*([^ \t{}]+)(?:[ \t]+(-?\d+))?[ \t]*')
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
ESCAPE = re.compile(r"\\(.)")
PLAIN = {"n": "\n", "\\": "\\", '"': '"'}


class GarbledText(ValueError):
    """A text that does not follow the format."""


@dataclass(slots=True)
class Samples:
    """All samples of one metric, in the order of the text."""

    labels: list[str]
    """What stands between the braces, as it stands there: the same text for every metric of a GPU."""
    values: NDArray[np.float64]
    garbled: int = 0
    """Lines of the metric that could not be read."""


class Exposition:
    """A text, looked through once for where each metric stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs = list(_runs(text))

    def samples(self, name: str) -> Samples:
        """The samples of the metric ``name``; none if the text does not speak of it."""
        found = Samples([], np.empty(0))
        values: list[NDArray[np.float64]] = []
        for start, end, first, last in self._runs:
            if first == last != name:
                continue
            labels, numbers, garbled = _read(self._text[start:end].rstrip("\n"), name)
            found.labels += labels
            found.garbled += garbled
            values.append(numbers)
        if values:
            found.values = np.concatenate(values)
        return found


def samples(text: str, name: str) -> Samples:
    """The samples of one metric in a text."""
    return Exposition(text).samples(name)


def parse_labels(text: str) -> dict[str, str]:
    """The labels in a text between braces. Raises GarbledText."""
    labels: dict[str, str] = {}
    position = 0
    while position < len(text):
        pair = PAIR.match(text, position)
        if pair is None:
            if text[position:].strip(" \t"):
                raise GarbledText(f"no label set: {text[:80]!r}")
            break
        name, value, _ = pair.groups()
        labels[name] = ESCAPE.sub(_unescape, value) if "\\" in value else value
        position = pair.end()
    return labels


def _unescape(found: re.Match[str]) -> str:
    # The format knows three escapes; a backslash before anything else stands for itself.
    return PLAIN.get(found[1], found[0])


def _runs(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Runs of lines between comments: where they begin and end, and the metrics of the first and the last line.

    Usually a run is one metric. The format wants all lines of a metric together, so a run whose first and last line are
    of the same metric is taken for this metric alone.
    """
    position, length = 0, len(text)
    while position < length:
        if text[position] in "#\n":
            position = text.find("\n", position) + 1 or length
            continue
        end = _comment(text, position)
        end = length if end < 0 else end
        last = text.rfind("\n", position, end - 1) + 1 or position
        yield position, end, _metric(text, position), _metric(text, last)
        position = end + 1


def _comment(text: str, position: int) -> int:
    """Where the next line with a comment begins, its line feed included; -1 if there is none."""
    # Sixty times as fast as looking for both characters, as long as labels seldom hold a number sign.
    for _ in range(100):
        position = text.find("#", position)
        if position < 1 or text[position - 1] == "\n":
            return position - 1 if position > 0 else -1
        position += 1
    return text.find("\n#", position)


def _metric(text: str, position: int) -> str:
    found = METRIC.match(text, position)
    return found[0] if found else ""


def _read(text: str, name: str) -> tuple[list[str], NDArray[np.float64], int]:
    """Label texts, values, and the number of lines that could not be read.

    The usual form is cut into labels and values in one go; anything unusual line by line.
    """
    parts = text.replace("}", "\n").split("\n")
    if len(parts) == 2 * text.count("\n") + 2:
        series, numbers = parts[0::2], parts[1::2]
        with suppress(ValueError):
            values = np.array(list(map(float, numbers)), dtype=np.float64)
            begin = name + "{"
            if all(map(str.startswith, series, repeat(begin))):
                return [each[len(begin) :] for each in series], values, 0
    begins = (name + "{", name + " ", name + "\t")
    return _careful([line for line in text.split("\n") if line.startswith(begins)], name)


def _careful(lines: list[str], name: str) -> tuple[list[str], NDArray[np.float64], int]:
    labels: list[str] = []
    numbers: list[float] = []
    for line in lines:
        rest = REST.fullmatch(line, len(name))
        try:
            number = float(rest[2]) if rest else None
        except ValueError:
            number = None
        if rest is not None and number is not None:
            labels.append(rest[1] or "")
            numbers.append(number)
    return labels, np.array(numbers, dtype=np.float64), len(lines) - len(labels)
