"""The one way out to addresses that people typed in: sources and engines.

What httpx leaves open is closed here. One deadline covers the whole exchange, headers included, however slowly the
other side trickles. The body has a largest size, also after unpacking. Nothing is redirected, no proxy of the
environment is used. Each address is checked after the name is resolved and then connected to, so that a name cannot
point elsewhere a moment later; for TLS the name stays the name.
"""

from __future__ import annotations

import ipaddress
import ssl
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpcore

from portal.core.addresses import (
    UNKNOWN_NAME,
    Network,
    OutboundError,
    allowed_addresses,
    checked_url,
    gettext_noop,
    is_here,
)

__all__ = ["LARGEST_BODY", "Answer", "OutboundError", "request"]

LARGEST_BODY = 64 * 2**20

SILENT = gettext_noop(
    "%(place)s gave no full answer within %(seconds)s s. See whether it is running and not overloaded."
)
UNREACHABLE = gettext_noop("%(place)s cannot be reached: %(why)s. Check the address, and the network on the way there.")
UNTRUSTED = gettext_noop(
    "The certificate of %(place)s is not trusted: %(why)s. "
    "Set the CA certificate that signed it on the cluster’s page, or correct the name in the address."
)
BROKEN = gettext_noop("%(place)s does not speak proper HTTP: %(why)s. Check that this is the address of the source.")
PACKED = gettext_noop(
    "%(place)s packed its answer in a way that was not asked for. Switch compression off there, or let it use gzip."
)
UNPACKABLE = gettext_noop(
    "%(place)s sent an answer that cannot be unpacked. Look at the source itself, or switch its compression off."
)
HALF = gettext_noop("%(place)s sent half an answer. Look at the source itself, and at the proxies before it.")
TOO_LARGE = gettext_noop("%(place)s answers with more than %(mib)d MiB. Check that this is the address of the source.")
IN_THE_OPEN = gettext_noop(
    "The token for %(place)s was not sent: the connection is not encrypted. "
    "Write the address with https://, or remove the token from the cluster."
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    at: float
    """When the whole answer was there, in Unix seconds."""


def request(
    method: str,
    url: str,
    *,
    deadline_seconds: float,
    networks: Iterable[str] = (),
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    largest_body: int = LARGEST_BODY,
    token: str = "",
    ca: str = "",
) -> Answer:
    """Ask once; any status is an answer. ``networks``: private or loopback ones that are allowed here.

    token: sent as ``Authorization: Bearer``, over TLS or within this machine only.
    ca: PEM certificates that alone are trusted; else the system's are.
    Raises OutboundError.
    """
    address = checked_url(url)
    place = address.netloc.decode("ascii")
    if token and address.scheme != "https" and not is_here(address.host):
        raise OutboundError("address", IN_THE_OPEN, place=place)
    deadline = time.monotonic() + deadline_seconds
    backend = _Backend(deadline, tuple(map(ipaddress.ip_network, networks)))
    sent = {
        "Host": place,
        "User-Agent": "portal",
        # Unpacking costs more than loopback saves.
        "Accept-Encoding": "identity" if is_here(address.host) else "gzip",
        **({} if body is None else {"Content-Type": "application/json", "Content-Length": str(len(body))}),
        **({"Authorization": f"Bearer {token}"} if token else {}),
        **(headers or {}),
    }
    target = httpcore.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_trust(ca), network_backend=backend) as pool,
            pool.stream(method, target, headers=list(sent.items()), content=body) as response,
        ):
            return Answer(response.status, _read(response, largest_body, place), time.time())
    except httpcore.TimeoutException:
        raise OutboundError("silent", SILENT, place=place, seconds=f"{round(deadline_seconds, 1):g}") from None
    except httpcore.NetworkError as error:
        raise _unreachable(place, error) from None
    except httpcore.ProtocolError as error:
        raise OutboundError("broken", BROKEN, place=place, why=error) from None


def _unreachable(place: str, error: Exception) -> OutboundError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return OutboundError("untrusted", UNTRUSTED, place=place, why=cause.verify_message or cause.reason)
        cause = cause.__cause__ or cause.__context__
    return OutboundError("unreachable", UNREACHABLE, place=place, why=error)


@lru_cache(maxsize=64)
def _trust(ca: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=ca or None)


def _read(response: httpcore.Response, largest: int, place: str) -> bytes:
    """The whole body, unpacked; never more than ``largest`` bytes of it in memory."""
    packed = next((value for name, value in response.headers if name.lower() == b"content-encoding"), b"identity")
    if packed.strip().lower() not in {b"identity", b"gzip", b""}:
        raise OutboundError("broken", PACKED, place=place)
    unpack = zlib.decompressobj(31) if packed.strip().lower() == b"gzip" else None
    parts: list[bytes] = []
    size = 0
    for received in response.iter_stream():
        try:
            part = received if unpack is None else unpack.decompress(received, largest - size + 1)
        except zlib.error:
            raise OutboundError("broken", UNPACKABLE, place=place) from None
        size += len(part)
        if size > largest:
            raise OutboundError("too_large", TOO_LARGE, place=place, mib=largest // 2**20)
        parts.append(part)
    if unpack is not None and not unpack.eof:
        raise OutboundError("broken", HALF, place=place)
    return b"".join(parts)


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses; what it opens knows the deadline."""

    def __init__(self, deadline: float, networks: Sequence[Network]) -> None:
        self._deadline, self._networks = deadline, networks
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self._allowed(host, port):
            try:
                left = remaining(self._deadline, httpcore.ConnectTimeout)
                return _Stream(self._plain.connect_tcp(address, port, left), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address was found")

    def _allowed(self, host: str, port: int) -> list[str]:
        try:
            return allowed_addresses(host, port, remaining(self._deadline, httpcore.ConnectTimeout), self._networks)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from None
        except OSError:
            raise OutboundError("unreachable", UNKNOWN_NAME, host=host) from None


class _Stream(httpcore.NetworkStream):
    """Every read and write may last until the deadline of all, and no longer."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = remaining(self._deadline, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def remaining(deadline: float, late: type[httpcore.TimeoutException]) -> float:
    """Seconds left; raises ``late`` when none are."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise late("the deadline has passed")
    return left
