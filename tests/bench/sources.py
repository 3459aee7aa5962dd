"""Exporters of many clusters in one process: ``python -m tests.bench.sources PORT CLUSTERS GPUS HANGING``.

GET /<number>/metrics answers that cluster's text; the last ``HANGING`` of them take the question and never answer.
"""

from __future__ import annotations

import asyncio
import sys

VALUES = {
    "DCGM_FI_DEV_GPU_UTIL": 93,
    "DCGM_FI_DEV_FB_USED": 61_000,
    "DCGM_FI_DEV_POWER_USAGE": 612,
    "DCGM_FI_DEV_GPU_TEMP": 63,
    "DCGM_FI_DEV_XID_ERRORS": 0,
}


def text(cluster: int, gpus: int) -> bytes:
    lines = []
    for name, value in VALUES.items():
        lines.append(f"# TYPE {name} gauge")
        for gpu in range(gpus):
            labels = f'gpu="{gpu % 8}",UUID="GPU-{cluster}-{gpu}",modelName="bench",Hostname="node-{gpu // 8}"'
            held = f',namespace="tenant-{cluster}",pod="p"' if gpu % 4 else ""
            lines.append(f"{name}{{{labels}{held}}} {value}")
    return "\n".join([*lines, ""]).encode()


async def serve(port: int, clusters: int, gpus: int, hanging: int) -> None:
    texts = [text(cluster, gpus) for cluster in range(clusters)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        cluster = int(head.split(b"/")[1])
        if cluster >= clusters - hanging:
            await asyncio.sleep(3600)
        body = texts[cluster]
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:5])))
