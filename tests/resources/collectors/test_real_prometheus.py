"""A real Prometheus server scrapes the demo's sources, and the collector reads through it what it reads from them.

Needs the programme ``prometheus`` (Debian package of that name). With real traces, in DEMO_TRACES or beside the
checkout, the sources replay them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from resources.collectors import Health, Source, collector
from resources.collectors.base import SourceSilent
from resources.demo import cast
from tests.product import free_port
from tests.resources.wire import LOOPBACK

PROJECT = Path(__file__).resolve().parents[3]
TRACES = Path(os.environ.get("DEMO_TRACES") or PROJECT.parent / "shared" / "data")
ALLOWED = {"allowed_networks": LOOPBACK}
NEVER, ALWAYS = "1000000", "0.5"

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: dcgm-exporter
  static_configs:
  - targets: [{targets}]
    labels: {{namespace: gpu-operator, pod: dcgm-exporter-x7k2p}}
- job_name: kube-state-metrics
  metrics_path: /kube-state-metrics
  static_configs:
  - targets: [{targets}]
"""


@pytest.fixture(scope="module")
def start():
    """Start a programme that is ended with the module; each is waited for until its text or its address answers."""
    running = []

    def begin(*command, until=None):
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        running.append(process)
        if until is None:
            return re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        return wait_for(until)

    yield begin
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(url, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return url
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answered at {url}")


@pytest.fixture(scope="module")
def sources(start):
    """Two clusters that hold still, and one that moves and may be told what to show."""
    traces = ("--traces", str(TRACES)) if (TRACES / "helios_earth_vc_10min.csv.gz").exists() else ()

    def one(cluster, tick):
        words = ("--cluster", cluster, "--tick", tick, "--control", *traces)
        return start(sys.executable, "-m", "resources.demo.exporter", *words)

    return {"kaamos": one("kaamos", NEVER), "pietralba": one("pietralba", NEVER), "eichwald": one("eichwald", ALWAYS)}


@pytest.fixture(scope="module")
def server(start, sources, tmp_path_factory):
    programme = shutil.which("prometheus")
    if programme is None:
        pytest.skip("NOT RUN: there is no programme prometheus on this machine (Debian package prometheus)")
    folder = tmp_path_factory.mktemp("prometheus")
    targets = ", ".join(f"'{url.removeprefix('http://')}'" for url in sources.values())
    (folder / "config.yml").write_text(CONFIG.format(targets=targets))
    url = f"http://127.0.0.1:{free_port()}"
    start(
        programme, f"--config.file={folder / 'config.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}", "--log.level=error", until=f"{url}/-/ready",
    )  # fmt: skip
    return url


def through(url, instances=(), **settings):
    if instances:
        settings["selector"] = f'instance=~"{"|".join(each.removeprefix("http://") for each in instances)}"'
    return collector("prometheus").collect(
        Source(hash(instances) % 1000, url=url, mode="query", deadline_seconds=10, settings={**ALLOWED, **settings})
    )


def direct(*urls):
    addresses = tuple(f"{url}/{path}" for url in urls for path in ("metrics", "kube-state-metrics"))
    return collector("prometheus").collect(Source(2000, urls=addresses, deadline_seconds=10, settings=ALLOWED))


def eventually(look, seconds=20):
    """The first true answer; Prometheus needs a scrape or two."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := look():
                return found
        except SourceSilent:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.25)


@pytest.mark.real
@pytest.mark.traces
def test_a_server_tells_the_same_as_its_exporters(server, sources):
    still = (sources["kaamos"], sources["pietralba"])
    first = direct(*still)
    seen = eventually(lambda: (read := through(server, still)) and len(read) == 512 + 448 and read)
    seen = eventually(lambda: (read := through(server, still)) and np.array_equal(read.health, first.health) and read)
    assert (seen.health == Health.DRAINED).any()
    for name in ("uuids", "hosts", "models", "namespaces"):
        assert getattr(seen, name) == getattr(first, name), name
    for name in ("indexes", "busy", "memory_mib", "power_w", "temperature_c", "health"):
        assert np.array_equal(
            getattr(seen, name),
            getattr(first, name),
            equal_nan=name in {"busy", "memory_mib", "power_w", "temperature_c"},
        ), name
    assert seen.problems == first.problems == ()
    assert (seen.health == Health.DOWN).sum() >= 2
    assert np.isnan(seen.busy).any()
    names = set(seen.namespaces)  # which of them hold GPUs changes with the hour
    assert {""} < names <= {"", *cast.stages()}
    assert len(names) > 2
    assert "gpu-operator" not in seen.namespaces
    assert -1 <= time.time() - seen.measured_at < 15


@pytest.mark.real
@pytest.mark.traces
def test_a_change_at_the_source_is_read_through_the_server(server, sources):
    before = direct(sources["eichwald"])
    uuid = before.uuids[int(np.flatnonzero(before.health == Health.OK)[0])]
    for wanted in (13, 88):
        body = json.dumps({"uuid": uuid, "busy": wanted}).encode()
        with urllib.request.urlopen(f"{sources['eichwald']}/control/busy", body, timeout=5):
            pass

        def shows(wanted=wanted):
            read = through(server, (sources["eichwald"],))
            return uuid in read.uuids and round(float(read.busy[read.uuids.index(uuid)]) * 100) == wanted

        assert eventually(shows)


@pytest.mark.real
def test_a_selector_that_meets_nothing_is_silence(server):
    with pytest.raises(SourceSilent, match="holds no readings"):
        through(server, selector='cluster="elsewhere"')
