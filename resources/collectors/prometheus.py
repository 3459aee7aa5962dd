"""NVIDIA GPUs through Prometheus, in the two ways that sites have.

Mode ``exporters``: asks dcgm-exporter itself, at each of ``urls``; kube-state-metrics may be among them and tells
which nodes are drained. Mode ``query``: asks the query interface of a Prometheus server (or of another that speaks it)
at ``url``, for labels already brought together there. Further settings:

    selector        label matchers for a server of several clusters, for example cluster="north"
    own_namespace   where the exporter itself runs, if the server writes that into the label namespace
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ClassVar, TypeVar
from urllib.parse import urlencode, urlsplit

from portal.core.addresses import OutboundError
from portal.core.outbound import Answer, request
from resources.collectors import exposition, query
from resources.collectors.base import CollectorError, Snapshot, Source, SourceGarbled, SourceSilent, register
from resources.collectors.gpus import Known
from resources.collectors.sheet import Sheet

METRICS = {
    "busy": "DCGM_FI_DEV_GPU_UTIL",
    "xid": "DCGM_FI_DEV_XID_ERRORS",
    "memory_mib": "DCGM_FI_DEV_FB_USED",
    "power_w": "DCGM_FI_DEV_POWER_USAGE",
    "temperature_c": "DCGM_FI_DEV_GPU_TEMP",
    "remap_failure": "DCGM_FI_DEV_ROW_REMAP_FAILURE",
    "engine": "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
}
UNSCHEDULABLE = "kube_node_spec_unschedulable"
# Only these say who holds a GPU; of the other metrics the UUID is enough.
FULL = ("busy", "xid")
FULL_LABELS = "UUID, hostname, Hostname, gpu, modelName, namespace, exported_namespace, GPU_I_ID"
EXPORTERS_AT_ONCE = 32
QUERIES_AT_ONCE = 3
MATCHER = r'[a-zA-Z_]\w*\s*(?:=|!=|=~|!~)\s*"(?:[^"\\\n]|\\.)*"'
MATCHERS = re.compile(rf"{MATCHER}(?:\s*,\s*{MATCHER})*")

T = TypeVar("T")


@register("prometheus")
class PrometheusCollector:
    key: ClassVar[str]
    label: ClassVar[str] = "Prometheus: DCGM exporters, or a server that scrapes them"

    def __init__(self) -> None:
        self._known: dict[int, Known] = {}

    def collect(self, source: Source) -> Snapshot:
        known = self._known.setdefault(source.cluster_id, Known())
        if source.mode == "exporters":
            return from_exporters(source, known)
        if source.mode == "query":
            return from_server(source, known)
        raise CollectorError(f"The mode {source.mode!r} is not known; there are exporters and query.")


def from_exporters(source: Source, known: Known) -> Snapshot:
    """Ask all addresses side by side. What some of them do not tell is a problem of the snapshot, not its end."""
    urls = source.urls or ((source.url,) if source.url else ())
    if not urls:
        raise SourceSilent("No address of an exporter is set.")
    answers = _side_by_side(
        urls, lambda url, seconds: _get(source, url, seconds), source.deadline_seconds, EXPORTERS_AT_ONCE
    )
    with known.lock:
        known.tidy()
        sheet = Sheet(known, str(source.settings.get("own_namespace", "")))
        heard: list[float] = []
        failures: list[CollectorError] = []
        for url, answer in zip(urls, answers, strict=True):
            if isinstance(answer, CollectorError):
                failures.append(answer)
                continue
            try:
                _read_text(sheet, answer, url)
                heard.append(answer.at)
            except CollectorError as error:
                failures.append(error)
        sheet.problems[:0] = map(str, failures)
        if not len(sheet):
            raise failures[0] if failures else SourceGarbled(f"{_place(urls[0])} answers, but tells of no GPU.")
        return sheet.snapshot(min(heard))


def _read_text(sheet: Sheet, answer: Answer, url: str) -> None:
    if answer.status != 200:  # noqa: PLR2004
        raise SourceGarbled(f"{_place(url)} answers with status {answer.status}.")
    try:
        text = exposition.Exposition(answer.body.decode())
    except UnicodeDecodeError:
        raise SourceGarbled(f"{_place(url)} answers with something that is no text.") from None
    garbled = seen = 0
    for column, metric in METRICS.items():
        found = text.samples(metric)
        numbers = sheet.known.numbers(found.labels, lambda labels: exposition.parse_labels(str(labels)))
        garbled += found.garbled + int((numbers < 0).sum())
        seen += len(numbers)
        sheet.add(column, numbers, found.values)
    seen += _read_nodes(sheet, text)
    if garbled:
        sheet.problems.append(f"{garbled} lines of {_place(url)} could not be read.")
    if not seen:
        raise SourceGarbled(f"{_place(url)} answers, but tells of no GPU.")


def _read_nodes(sheet: Sheet, text: exposition.Exposition) -> int:
    """Drained nodes into the sheet; how many nodes the text speaks of."""
    nodes = text.samples(UNSCHEDULABLE)
    for labels, value in zip(nodes.labels, nodes.values.tolist(), strict=True):
        if value == 1:
            with suppress(exposition.GarbledText):
                sheet.drained_hosts.add(exposition.parse_labels(labels).get("node", ""))
    return len(nodes.labels)


def from_server(source: Source, known: Known) -> Snapshot:
    """One instant query per metric, with the labels brought together at the server."""
    where = _matchers(source)
    queries = {column: _query_text(column, metric, where) for column, metric in METRICS.items()}
    queries["drained"] = f"{UNSCHEDULABLE}{where} == 1"
    queries["time"] = f"quantile(0.5, timestamp({METRICS['busy']}{where}))"
    answers = _side_by_side(
        tuple(queries.values()),
        lambda text, seconds: _ask(source, text, seconds),
        source.deadline_seconds,
        QUERIES_AT_ONCE,
    )
    results = dict(zip(queries, answers, strict=True))
    with known.lock:
        known.tidy()
        sheet = Sheet(known, str(source.settings.get("own_namespace", "")))
        for column, result in results.items():
            if isinstance(result, CollectorError):
                if column in (*FULL, "time"):
                    raise result
                sheet.problems.append(str(result))
            elif column in METRICS:
                sheet.add(column, known.numbers(result.labels, query.parse_labels), result.values)
                sheet.problems += [warning for warning in result.warnings if warning not in sheet.problems]
            elif column == "drained":
                sheet.drained_hosts.update(query.parse_labels(labels).get("node", "") for labels in result.labels)
        if not len(sheet):
            raise SourceSilent(f"{_place(source.url)} holds no readings of GPUs at the moment.")
        moment = results["time"]
        if isinstance(moment, CollectorError) or not len(moment.values):
            return sheet.snapshot(time.time())
        return sheet.snapshot(float(moment.values[0]))


def _query_text(column: str, metric: str, where: str) -> str:
    # Blank values would win every max; DCGM's begin at 2^31-16.
    return f"max by ({FULL_LABELS if column in FULL else 'UUID'}) ({metric}{where} < 2147483632)"


def _matchers(source: Source) -> str:
    selector = str(source.settings.get("selector", "")).strip().strip("{}")
    if not selector:
        return ""
    if not MATCHERS.fullmatch(selector):
        raise CollectorError(f'The selector {selector!r} is not of the form label="value", label2="value2".')
    return "{" + selector + "}"


def _ask(source: Source, text: str, seconds: float) -> query.Vector:
    answer = _get(source, f"{source.url.rstrip('/')}/api/v1/query?{urlencode({'query': text})}", seconds)
    try:
        return query.vector(answer.body)
    except query.QueryFailed as error:
        raise SourceGarbled(f"{_place(source.url)} {error} (status {answer.status}).") from None


def _get(source: Source, url: str, seconds: float) -> Answer:
    try:
        return request("GET", url, deadline_seconds=seconds, networks=source.networks, token=source.token, ca=source.ca)
    except OutboundError as error:
        kind = SourceGarbled if error.code in {"broken", "too_large"} else SourceSilent
        raise kind(str(error)) from None


def _side_by_side(
    items: Sequence[str], ask: Callable[[str, float], T], seconds: float, at_once: int
) -> list[T | CollectorError]:
    """Ask for all items at once, as many as may be; one deadline for all of them. Answers in the order of the items."""
    deadline = time.monotonic() + seconds

    def one(item: str) -> T | CollectorError:
        left = deadline - time.monotonic()
        if left <= 0:
            return SourceSilent(f"{_place(item)} could not be asked in time.")
        try:
            return ask(item, left)
        except CollectorError as error:
            return error

    if len(items) == 1:
        return [one(items[0])]
    with ThreadPoolExecutor(min(at_once, len(items)), thread_name_prefix="collect") as pool:
        return list(pool.map(one, items))


def _place(url: str) -> str:
    """The address without what may be secret in it."""
    return urlsplit(url).netloc or url
