"""One demo cluster as a process: what dcgm-exporter and kube-state-metrics would answer there, and a fake engine.

    python -m resources.demo.exporter --cluster norrsken --port 9400 --state-dir var/demo [--traces FOLDER]

GET /metrics, /kube-state-metrics, /healthz; the engine is under /engine (see :mod:`resources.demo.answers`). It listens
on the loopback address only, and knows nothing of the portal.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
import zlib
from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path

from resources.demo import calibration, cast, fleet, inventory, traces
from resources.demo.answers import handler
from resources.demo.engine import Engine
from resources.demo.source import Source

# One cluster of the demo still runs an exporter from before May 2026, which wrote this label with a capital.
OLD_EXPORTERS = frozenset({"pietralba"})


def main(words: Sequence[str] | None = None) -> int:
    given = arguments(words)
    try:
        place = place_of(given)
    except (KeyError, OSError, ValueError) as error:
        slugs = ", ".join(each.slug for each in cast.CLUSTERS)
        return _fail(
            f"There is no real inventory in {given.traces or 'no folder'}: {error}."
            if given.cluster == inventory.SLUG
            else f"The demo has no cluster {given.cluster!r}; it has {slugs}."
        )
    cluster = place.cluster
    try:
        server = Server(("127.0.0.1", given.port), handler(source_of(place, given), control=given.control))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _fail(f"Port {given.port} on 127.0.0.1 is taken; choose another with --port.")
        return _fail(f"The data source of {cluster.name} cannot start: {error}.")
    print(f"{cluster.name} answers at http://127.0.0.1:{server.server_address[1]}/metrics", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


def place_of(given: argparse.Namespace) -> inventory.Place:
    """The cluster that was asked for. Raises KeyError, OSError or ValueError if there is none."""
    if given.cluster == inventory.SLUG:
        return inventory.read(Path(given.traces))
    return inventory.Place(cast.cluster(given.cluster), cast.KINDS, cast.quotas_on(given.cluster))


def source_of(place: inventory.Place, given: argparse.Namespace) -> Source:
    slug = place.cluster.slug
    real = traces.read(Path(given.traces), given.speed, _warn) if given.traces else calibration.builtin()
    file = None
    if given.state_dir:
        Path(given.state_dir).mkdir(parents=True, exist_ok=True)
        file = Path(given.state_dir) / f"{slug}.json"
    label = "Hostname" if slug in OLD_EXPORTERS else "hostname"
    built = fleet.build(place.cluster, host_label=label, known=place.kinds)
    engine = Engine((each.slug for each in built.kinds), {} if given.empty else place.quotas, file)
    seed = given.seed or zlib.crc32(slug.encode())
    silence = file and silence_of(file.parent, slug)
    return Source(place.cluster, built, engine, real, tick=given.tick, seed=seed, silence=silence)


def silence_of(folder: Path, slug: str) -> Path:
    """The file that says until when (seconds since 1970) the source of a cluster answers nobody."""
    return folder / f"{slug}.silent"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="resources.demo.exporter", description=__doc__.partition("\n")[0])
    asked.add_argument(
        "--cluster", required=True, help="one of the demo's clusters, or traces: the real inventory of the traces"
    )
    asked.add_argument("--port", type=int, default=0, help="0: any free one, which is printed")
    asked.add_argument("--state-dir", default="", help="where the engine keeps its quotas; without it, nowhere")
    asked.add_argument("--traces", default=os.environ.get("DEMO_TRACES", ""), help="a folder of real traces to replay")
    asked.add_argument("--speed", type=float, default=traces.SPEED, help="seconds of the traces in one of ours")
    asked.add_argument("--tick", type=float, default=2.0, help="seconds between two readings")
    asked.add_argument("--seed", type=int, default=0, help="another one gives other jobs")
    asked.add_argument("--empty", action="store_true", help="begin without any quota")
    asked.add_argument("--control", action="store_true", help="tests may force values through POST /control/busy")
    return asked.parse_args(words)


def _warn(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _fail(sentence: str) -> int:
    _warn(sentence)
    return 2


if __name__ == "__main__":
    sys.exit(main())
