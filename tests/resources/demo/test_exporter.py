"""A demo source as a process: what it says is what dcgm-exporter says, and what it is told stays told."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

import pytest

from resources.demo import cast

PROJECT = Path(__file__).resolve().parents[3]
LINE = re.compile(
    r'(DCGM_FI_\w+)\{gpu="\d",UUID="GPU-[0-9a-f-]{36}",pci_bus_id="00000000:[0-9A-F]{2}:00\.0",device="nvidia\d",'
    r'modelName="NVIDIA [^"]+",[Hh]ostname="[a-z0-9-]+",DCGM_FI_DRIVER_VERSION="[\d.]+"'
    r'(,container="main",namespace="[a-z0-9-]+",pod="[a-z0-9-]+")?\} (\d+|\d+\.\d{6})'
)


class Running:
    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-m", "resources.demo.exporter", *words]
        self.process = subprocess.Popen(
            command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = self.process.stdout.readline()
        self.url = found[0] if (found := re.findall(r"http://127\.0\.0\.1:\d+", self.said)) else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(5)
        self.process.stdout.close()

    def ask(self, path: str, method: str = "GET", body: object = None, **headers: str):
        asked = urllib.request.Request(self.url + path, method=method, headers=headers)
        asked.data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def json(self, path: str, method: str = "GET", body: object = None):
        status, answer = self.ask(path, method, body)
        return status, json.loads(answer)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    state = tmp_path_factory.mktemp("demo")
    with Running("--cluster", "pietralba", "--state-dir", str(state), "--tick", "0.2", "--control") as running:
        yield running


def test_it_says_where_it_answers(source):
    assert source.said == f"Pietralba answers at {source.url}/metrics\n"
    status, health = source.json("/healthz")
    assert (status, health["cluster"], health["gpus"]) == (200, "pietralba", 448)


def test_its_text_is_what_dcgm_exporter_writes(source):
    status, body = source.ask("/metrics")
    assert status == 200
    lines = body.decode().splitlines()
    samples = [LINE.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(samples)
    by_metric: dict[str, int] = {}
    for found in samples:
        by_metric[found[1]] = by_metric.get(found[1], 0) + 1
    assert set(by_metric.values()) == {448}
    assert {"DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_XID_ERRORS"} <= by_metric.keys()
    for metric in by_metric:
        at = lines.index(next(line for line in lines if line.startswith(f"# HELP {metric} ")))
        assert lines[at + 1].startswith(f"# TYPE {metric} ")
        assert lines[at + 2].startswith(metric + "{")
    assert b"9223372036854775794" in body


def test_it_packs_its_text_where_that_is_wanted(source):
    status, body = source.ask("/metrics", **{"Accept-Encoding": "gzip"})
    assert (status, gzip.decompress(body)[:7]) == (200, b"# HELP ")


def test_drained_nodes_are_told_as_kube_state_metrics_does(source):
    text = source.ask("/kube-state-metrics")[1].decode()
    assert text.count('kube_node_spec_unschedulable{node="') == sum(r.nodes for r in cast.cluster("pietralba").racks)
    assert 1 <= text.count("} 1\n") <= 3


def test_quotas_are_put_and_read(source):
    status, said = source.json("/engine/quotas/new-project/h100", "PUT", {"limit": 16})
    assert (status, said["limit"]) == (200, 16)
    assert source.json("/engine/quotas/new-project/h100")[1]["limit"] == 16
    assert {"namespace", "kind", "limit", "used"} == source.json("/engine/quotas")[1]["quotas"][0].keys()
    assert [each["kind"] for each in source.json("/engine/quotas/new-project")[1]["quotas"]] == ["h100"]
    assert source.json("/engine/environments/other-project", "PUT", {})[0] == 200


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        ("/engine/quotas/new-project/tpu", "PUT", {"limit": 1}, 422),
        ("/engine/quotas/new-project/h100", "PUT", {"limit": -1}, 422),
        ("/engine/quotas/new-project/h100", "PUT", {}, 422),
        ("/engine/quotas/new-project/h100", "PUT", b"[1]", 400),
        ("/engine/quotas/new-project/h100", "PUT", b"{", 400),
        ("/engine/quotas/new-project/h100", "PUT", b" " * 20_000, 413),
        ("/engine/quotas/nobody/h100", "GET", None, 404),
        ("/engine", "PUT", {}, 404),
        ("/", "GET", None, 404),
        ("/control/busy", "POST", {"uuid": "GPU-1", "busy": 1}, 404),
        ("/control/busy", "POST", {"uuid": 1}, 422),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(source, path, method, body, status):
    found, said = source.json(path, method, body)
    assert found == status
    assert said["error"].endswith(".")


def test_a_test_may_force_a_gpu_and_see_it_at_once(source):
    text = source.ask("/metrics")[1].decode()
    uuid = re.search(r'UUID="(GPU-[^"]+)"', text)[1]
    assert source.json("/control/busy", "POST", {"uuid": uuid, "busy": 37}) == (200, {"uuid": uuid, "busy": 37})
    line = next(
        line
        for line in source.ask("/metrics")[1].decode().splitlines()
        if line.startswith("DCGM_FI_DEV_GPU_UTIL{") and uuid in line
    )
    assert line.endswith("} 37")


def test_quotas_outlive_a_restart_and_control_must_be_asked_for(tmp_path):
    words = ("--cluster", "kaamos", "--state-dir", str(tmp_path), "--empty")
    with Running(*words) as running:
        assert running.json("/engine/quotas")[1] == {"quotas": []}
        running.json("/engine/quotas/one-project/h200", "PUT", {"limit": 12})
        assert running.json("/control/busy", "POST", {"uuid": "x", "busy": 1})[0] == 404
    with Running(*words) as running:
        assert running.json("/engine/quotas/one-project/h200")[1]["limit"] == 12


def test_a_taken_port_an_unknown_cluster_and_a_wrong_folder_are_said_in_a_sentence(source, tmp_path):
    port = source.url.rpartition(":")[2]
    with Running("--cluster", "kaamos", "--port", port) as running:
        assert running.said == f"Port {port} on 127.0.0.1 is taken; choose another with --port.\n"
        assert running.process.wait(5) == 2
    with Running("--cluster", "atlantis") as running:
        assert running.said.startswith("The demo has no cluster 'atlantis'; it has norrsken, ")
    with Running("--cluster", "kaamos", "--traces", str(tmp_path)) as running:
        assert "acme_gpu_util_power_temp_cdf.csv.gz cannot be replayed" in running.said
