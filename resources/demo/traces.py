"""Reads the folder of real traces that somebody points at; the files stay where they are.

What each file is, where it comes from and under which licence: docs/demo.md. A file that is missing or unreadable is
named, and the built-in figures stand in for it.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from resources.demo.calibration import Calibration, Floats, Quantiles, Series, builtin

SPEED = 20.0
"""A day of the traces passes in 72 minutes, and their minutes in 3 seconds."""
CURVES = {
    "busy_percent": ("util_gpu_kalos", "0"),
    "memory_percent": ("util_gpu_kalos", "1"),
    "power_w": ("gpu_power_kalos", "0"),
    "temperature_c": ("gpu_temp_kalos", "0"),
}
CURVES_FILE = "acme_gpu_util_power_temp_cdf.csv.gz"
DEMAND_FILE = "helios_earth_vc_10min.csv.gz"
DUTY_FILE = "alibaba_genai2026_gpu_duty_cycle.csv.gz"
MEMORY_FILE = "alibaba_genai2026_gpu_mem_mib.csv.gz"
CONTAINER_GPU_MIB = 49152.0
"""The containers' GPUs are not named; none holds more than 47,692 MiB, so they have 48 GiB."""
LEAST_DEMAND = 0.1
LONGEST_PAUSE = 0.25
"""A container is replayed if its series has no more gaps than this share of its steps."""


def read(folder: Path, speed: float, warn: Callable[[str], None]) -> Calibration:
    """What the folder says, and the built-in figures for what it does not say."""
    real = replace(builtin(), speed=speed)
    steps: tuple[tuple[str, Callable[[Path], dict[str, object]]], ...] = (
        (CURVES_FILE, _curves),
        (DEMAND_FILE, _demand),
        (DUTY_FILE, _duty),
    )
    found: list[str] = []
    for name, take in steps:
        try:
            real = replace(real, **take(folder / name))  # type: ignore[arg-type]  # each reader returns fields of it
            found.append(name)
        except (OSError, EOFError, zlib.error, ValueError, KeyError) as error:
            warn(f"{folder / name} cannot be replayed ({error}); the built-in figures stand in for it.")
    return replace(real, source=", ".join(found)) if found else real


def columns(file: Path, *names: str) -> list[list[str]]:
    """These columns of a file whose cells hold neither commas nor quotes: read at once, for half a million rows."""
    header, _, body = gzip.decompress(file.read_bytes()).decode().partition("\n")
    titles = header.split(",")
    cells = body.rstrip("\n").replace("\n", ",").split(",")
    if len(cells) < len(titles) or len(cells) % len(titles):
        raise ValueError("its rows are not of equal length")
    return [cells[titles.index(name) :: len(titles)] for name in names]


def _curves(file: Path) -> dict[str, object]:
    points: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for name, curve, level, value in zip(*columns(file, "file", "curve", "cdf", "x"), strict=True):
        points.setdefault((name, curve), []).append((float(level) / 100, float(value)))
    made: dict[str, object] = {}
    for name, curve in CURVES.items():
        levels, values = np.array(sorted(points[curve])).T
        made[name] = Quantiles(levels, values)
    return made


def _demand(file: Path) -> dict[str, object]:
    """Per virtual cluster (running + pending) / quota; those that ran next to nothing are left out."""
    by_tenant: dict[str, list[float]] = {}
    cells = columns(file, "vc", "total_gpu_num", "running_gpu_num", "pending_gpu_num")
    for name, quota, running, pending in zip(*cells, strict=True):
        by_tenant.setdefault(name, []).append((int(running) + int(pending)) / max(1, int(quota)))
    length = min(map(len, by_tenant.values()))
    rows = {name: series[:length] for name, series in sorted(by_tenant.items()) if np.mean(series) > LEAST_DEMAND}
    return {"demand": Series(np.array(list(rows.values())), 600.0), "tenants": tuple(map(str.lower, rows))}


def _duty(file: Path) -> dict[str, object]:
    duty = _by_minute(file)
    memory = _by_minute(file.with_name(MEMORY_FILE))
    complete = sorted(name for name in duty.keys() & memory.keys() if _whole(duty[name]) and _whole(memory[name]))
    return {
        "duty_percent": Series(np.array([_filled(duty[name]) for name in complete]), 60.0),
        "duty_memory": Series(
            np.minimum(1.0, np.array([_filled(memory[name]) for name in complete]) / CONTAINER_GPU_MIB), 60.0
        ),
    }


def _by_minute(file: Path) -> dict[str, Floats]:
    """Container → a value for every minute of the file, NaN where it has none."""
    times, names, values = columns(file, "t", "container", "value")
    seconds = np.array(times, dtype=float)
    minutes = ((seconds - seconds.min()) // 60).astype(int)
    series: dict[str, Floats] = {}
    length = int(minutes.max()) + 1
    for name, minute, value in zip(names, minutes.tolist(), map(float, values), strict=True):
        if name not in series:
            series[name] = np.full(length, np.nan)
        series[name][minute] = value
    return series


def _whole(series: Floats) -> bool:
    return bool(np.isnan(series).mean() <= LONGEST_PAUSE)


def _filled(series: Floats) -> Floats:
    """Gaps keep the value before them."""
    known = np.flatnonzero(~np.isnan(series))
    return series[known[np.clip(np.searchsorted(known, np.arange(len(series)), "right") - 1, 0, None)]]
