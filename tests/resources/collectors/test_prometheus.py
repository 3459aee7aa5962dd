"""What dcgm-exporters and Prometheus servers really do, and what the collector makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from resources.collectors import Health, Source, SourceGarbled, SourceSilent, collector
from resources.collectors.base import CollectorError
from tests.resources import wire
from tests.resources.collectors import texts
from tests.resources.wire import LOOPBACK, Wire

ALLOWED = {"allowed_networks": LOOPBACK}
BLANKS = (9223372036854775792, 9223372036854775794, 140737488355328.0, 2147483632, 2147483635)


def scraped(*gpus, drained=(), **settings):
    return read(texts.exposition(gpus, drained), **settings)


def read(text, **settings):
    with Wire(wire.answers(text)) as server:
        return ask(Source(0, urls=(server.url,), deadline_seconds=2, settings={**ALLOWED, **settings}))


def queried(*gpus, drained=(), **settings):
    with Wire(texts.prometheus(gpus, drained)) as server:
        return ask(Source(0, url=server.url, mode="query", deadline_seconds=2, settings={**ALLOWED, **settings}))


def ask(source):
    # A collector of its own: nothing learned from another test.
    return type(collector("prometheus"))().collect(source)


BOTH = pytest.mark.parametrize("way", [scraped, queried])


@BOTH
@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_value_is_missing_and_no_number(way, blank):
    seen = way(texts.gpu("GPU-1", values={"busy": blank, "power_w": blank}), texts.gpu("GPU-2", index=1))
    assert seen.uuids == ("GPU-1", "GPU-2")
    assert np.isnan(seen.busy).tolist() == [True, False]
    assert np.isnan(seen.power_w).tolist() == [True, False]
    assert seen.health.tolist() == [Health.OK, Health.OK]
    assert seen.problems == ("1 GPUs say nothing about how busy they are.",)


@BOTH
def test_the_host_is_found_under_both_of_the_exporters_names(way):
    old = texts.gpu("GPU-1", Hostname="older")
    del old[0]["hostname"]
    seen = way(old, texts.gpu("GPU-2", "newer"))
    assert seen.hosts == ("newer", "older")


@BOTH
def test_the_exporters_own_word_on_namespaces_comes_before_the_servers(way):
    """Prometheus with honor_labels off writes its target's namespace over the job's."""
    seen = way(
        texts.gpu("GPU-1", namespace="gpu-operator", exported_namespace="tenant-a"),
        texts.gpu("GPU-2", index=1, namespace="gpu-operator"),
    )
    assert seen.namespaces == ("tenant-a", "")


@BOTH
def test_the_exporters_own_namespace_holds_nothing_where_it_is_named(way):
    gpus = texts.gpu("GPU-1", namespace="gpu-operator"), texts.gpu("GPU-2", index=1, namespace="tenant-a")
    assert way(*gpus).namespaces == ("gpu-operator", "tenant-a")
    assert way(*gpus, own_namespace="gpu-operator").namespaces == ("", "tenant-a")


@BOTH
def test_empty_labels_mean_nobody(way):
    assert way(texts.gpu(container="", namespace="", pod="")).namespaces == ("",)


@BOTH
@pytest.mark.parametrize(
    ("values", "health"),
    [
        ({"xid": 79, "busy": BLANKS[0]}, Health.DOWN),
        ({"xid": 48, "busy": 0}, Health.DOWN),
        ({"xid": 48, "busy": 30}, Health.OK),
        ({"xid": 31, "busy": 0}, Health.OK),
        ({"xid": 31, "busy": BLANKS[0]}, Health.DOWN),
        ({"xid": 0, "busy": 0, "remap_failure": 1}, Health.DOWN),
        ({"xid": 0, "busy": 0, "remap_failure": 0}, Health.OK),
    ],
)
def test_a_gpu_is_down_after_a_fatal_error_unless_it_computes(way, values, health):
    """The last XID error stays after a reset; 31 is a job's own fault, 48 and 79 are the GPU's."""
    assert way(texts.gpu(values=values)).health.tolist() == [health]


@BOTH
def test_a_gpu_is_drained_where_its_node_takes_no_new_pods(way):
    seen = way(
        texts.gpu("GPU-1", "node1"), texts.gpu("GPU-2", "node2.cluster.example"), texts.gpu("GPU-3", "node3"),
        drained=("node2", "node3"),
    )  # fmt: skip
    assert seen.health.tolist() == [Health.OK, Health.DRAINED, Health.DRAINED]


@BOTH
def test_a_gpu_that_speaks_twice_is_one_gpu(way):
    seen = way(texts.gpu(namespace="tenant-a", values={"busy": 20}), texts.gpu(pod="other", values={"busy": 70}))
    assert (seen.uuids, seen.namespaces, seen.busy.tolist()) == (("GPU-1",), ("tenant-a",), [np.float32(0.7)])


@BOTH
def test_a_gpu_held_by_two_is_named_as_a_problem(way):
    seen = way(texts.gpu(namespace="tenant-a"), texts.gpu(namespace="tenant-b"))
    assert seen.namespaces[0] in {"tenant-a", "tenant-b"}
    assert seen.problems == ("1 GPUs are held by more than one namespace; one of them is shown.",)


@BOTH
def test_parts_of_a_divided_gpu_are_shown_whole_and_measured_by_their_engine(way):
    parts = [texts.gpu(GPU_I_PROFILE="3g.40gb", GPU_I_ID=str(part), values={"engine": 0.25 * part}) for part in (1, 2)]
    for _, values in parts:
        del values["busy"]
    seen = way(*parts)
    assert (len(seen), seen.busy.tolist()) == (1, [0.5])
    assert seen.problems == ("1 GPUs are divided (MIG); each is shown whole, as busy as its busiest part.",)


@BOTH
def test_impossible_values_are_left_out_and_counted(way):
    seen = way(texts.gpu(values={"busy": 101, "temperature_c": -400}))
    assert np.isnan(seen.busy[0])
    assert np.isnan(seen.temperature_c[0])
    assert "2 values are impossible and were left out." in seen.problems


def test_of_several_exporters_the_ones_that_answer_are_shown_and_the_others_named():
    first, second = texts.exposition([texts.gpu("GPU-1")]), texts.exposition([texts.gpu("GPU-2", "node2")])
    with (
        Wire(wire.answers(first)) as a,
        Wire(wire.answers(second)) as b,
        Wire(wire.silent) as c,
        Wire(wire.nonsense) as d,
    ):
        seen = ask(Source(0, urls=(a.url, b.url, c.url, d.url), deadline_seconds=1, settings=ALLOWED))
    assert seen.uuids == ("GPU-1", "GPU-2")
    assert seen.problems[0].startswith(f"{c.url[7:]} gave no full answer within 1 s. ")
    assert seen.problems[1].startswith(f"{d.url[7:]} does not speak proper HTTP")


def test_many_problems_are_shortened():
    with Wire(wire.answers(texts.exposition([texts.gpu()]))) as good:
        urls = (good.url, *(good.url.rpartition(":")[0] + ":1" for _ in range(20)))
        seen = ask(Source(0, urls=urls, deadline_seconds=2, settings=ALLOWED))
    assert len(seen.problems) == 9
    assert seen.problems[-1] == "And 12 more of this kind."


def test_lines_that_cannot_be_read_are_counted_and_the_others_kept():
    text = (
        texts.exposition([texts.gpu()]) + 'DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-2 12\nDCGM_FI_DEV_GPU_UTIL{a="b"} 1\n'
    )
    seen = read(text)
    assert seen.uuids == ("GPU-1",)
    assert seen.problems[0].startswith("2 lines of 127.0.0.1:")


def test_a_reading_of_a_server_is_as_old_as_its_samples_say():
    assert queried(texts.gpu()).measured_at == 1700000000.5


def test_a_server_without_gpus_is_silent_about_them():
    with pytest.raises(SourceSilent, match="holds no readings"):
        queried()


def test_a_server_that_refuses_the_query_is_quoted():
    said = '{"status": "error", "errorType": "bad_data", "error": "unknown function"}'
    with Wire(wire.answers(said, "400 Bad Request")) as server, pytest.raises(SourceGarbled, match="unknown function"):
        ask(Source(0, url=server.url, mode="query", deadline_seconds=1, settings=ALLOWED))


def test_a_selector_reaches_every_query():
    gpus = texts.prometheus([texts.gpu()])
    with Wire(gpus) as server:
        selector = {"selector": 'cluster="north",job=~"dcgm.*"'}
        ask(Source(0, url=server.url, mode="query", deadline_seconds=2, settings={**ALLOWED, **selector}))
    assert len(server.asked) == 9
    assert all("%7Bcluster%3D%22north%22%2Cjob%3D~%22dcgm.%2A%22%7D" in head for head in server.asked)


@pytest.mark.parametrize("selector", ['x="1"} or vector(1) #', "up", 'x="1" y="2"', '{x="a\nb"}'])
def test_a_selector_that_is_more_than_matchers_is_refused(selector):
    with pytest.raises(CollectorError, match="selector"):
        ask(Source(0, url="http://127.0.0.1:1", mode="query", settings={**ALLOWED, "selector": selector}))


def test_a_pod_that_changes_hands_is_followed_and_forgotten_names_are_learned_anew(monkeypatch):
    monkeypatch.setattr("resources.collectors.gpus.MOST_TEXTS", 3)
    member = type(collector("prometheus"))()
    holders = []
    for name in ("tenant-a", "tenant-b", "", "tenant-a"):
        with Wire(wire.answers(texts.exposition([texts.gpu(namespace=name), texts.gpu("GPU-2", "node0")]))) as server:
            seen = member.collect(Source(1, urls=(server.url,), deadline_seconds=2, settings=ALLOWED))
        holders.append((seen.uuids, seen.namespaces))
    assert holders == [(("GPU-2", "GPU-1"), ("", name)) for name in ("tenant-a", "tenant-b", "", "tenant-a")]
