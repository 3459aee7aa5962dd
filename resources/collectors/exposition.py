"""Reads Prometheus' text format fast, for the few metrics that are wanted.

A scrape repeats the same long label texts for every metric and at every tick. So a label text is understood once and
then only looked up (:class:`Names`), metrics that are not wanted are skipped in one step, and numbers are kept in
arrays. Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A pair of a label set, with what may stand around it; values keep their escapes.
PAIR = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,|$)')
# The rest of a sample's line after the metric's name.
REST = re.compile(r'[ \t]*(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]*([^ \t{}]+)(?:[ \t]+(-?\d+))?[ \t]*')
ESCAPE = re.compile(r"\\(.)")
PLAIN = {"n": "\n", "\\": "\\", '"': '"'}


class GarbledText(ValueError):
    """A text that does not follow the format."""


@dataclass(slots=True)
class Samples:
    """All samples of one metric, in the order of the text."""

    labels: list[str]
    """What stands between the braces, as it stands there."""
    values: NDArray[np.float64]
    garbled: int = 0
    """Lines of the metric that could not be read."""


def samples(text: str, name: str) -> Samples:
    """The samples of the metric ``name``; none if the text does not speak of it."""
    found = Samples([], np.empty(0))
    values: list[NDArray[np.float64]] = []
    for lines in _blocks(text, name):
        labels, numbers, garbled = _block(lines, name)
        found.labels += labels
        found.garbled += garbled
        values.append(numbers)
    if values:
        found.values = np.concatenate(values)
    return found


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


def _blocks(text: str, name: str) -> Iterator[list[str]]:
    """The lines of the metric. A comment ends a run of them; usually there is exactly one run."""
    begin = name + "{"
    position = 0 if text.startswith(name) else text.find("\n" + name) + 1
    while position or text.startswith(name):
        end = text.find("\n#", position)
        if end < 0:
            end = len(text)
        lines = text[position:end].split("\n")
        usual = [line for line in lines if line.startswith(begin)]
        if len(usual) < len(lines):
            yield [line for line in lines if line.startswith((begin, name + " ", name + "\t"))]
        else:
            yield usual
        following = text.find("\n" + name, end)
        if following < 0:
            return
        position = following + 1


def _block(lines: list[str], name: str) -> tuple[list[str], NDArray[np.float64], int]:
    """The usual form in a few passes over all lines; anything unusual line by line."""
    start = len(name) + 1
    parts = [line.rpartition("} ") for line in lines]
    try:
        numbers = np.array(list(map(float, [part[2] for part in parts])), dtype=np.float64)
    except ValueError:
        return _careful(lines, name)
    if not all(part[1] for part in parts) or any(line[start - 1] != "{" for line in lines):
        return _careful(lines, name)
    return [part[0][start:] for part in parts], numbers, 0


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
