"""The one way out to addresses that people typed in: sources and engines.

What httpx leaves open is closed here. One deadline covers the whole exchange, headers included, however slowly the
other side trickles. The body has a largest size, also after unpacking. Nothing is redirected, no proxy of the
environment is used. Each address is checked after the name is resolved and then connected to, so that a name cannot
point elsewhere a moment later; for TLS the name stays the name.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpcore
import httpx

LARGEST_BODY = 64 * 2**20
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses behind which another one hides: 6to4, the two NAT64 prefixes, Teredo.
WRAPPED = tuple(map(ipaddress.IPv6Network, ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32")))


class OutboundError(Exception):
    """The exchange did not come about. ``code``: address, unreachable, silent, broken, too_large; a sentence to read."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


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
) -> Answer:
    """Ask once; any status is an answer. ``networks``: private or loopback ones that are allowed here.

    Raises OutboundError.
    """
    address = _checked_url(url)
    place = address.netloc.decode("ascii")
    deadline = time.monotonic() + deadline_seconds
    backend = _Backend(deadline, tuple(map(ipaddress.ip_network, networks)))
    sent = {
        "Host": place,
        "User-Agent": "portal",
        # Unpacking costs more than loopback saves.
        "Accept-Encoding": "identity" if _is_here(address.host) else "gzip",
        **({} if body is None else {"Content-Type": "application/json", "Content-Length": str(len(body))}),
        **(headers or {}),
    }
    target = httpcore.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_trust(), network_backend=backend) as pool,
            pool.stream(method, target, headers=list(sent.items()), content=body) as response,
        ):
            return Answer(response.status, _read(response, largest_body, place), time.time())
    except httpcore.TimeoutException:
        raise OutboundError("silent", f"{place} gave no full answer within {round(deadline_seconds, 1):g} s.") from None
    except httpcore.NetworkError as error:
        raise OutboundError("unreachable", f"{place} cannot be reached: {error}.") from None
    except httpcore.ProtocolError as error:
        raise OutboundError("broken", f"{place} does not speak proper HTTP: {error}.") from None


def _checked_url(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise OutboundError("address", f"{url!r} is no address.") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise OutboundError("address", f"{url!r} is no address that begins with http:// or https://.")
    if address.userinfo:
        raise OutboundError("address", "An address may hold no name and password.")
    return address


def _is_here(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(response: httpcore.Response, largest: int, place: str) -> bytes:
    """The whole body, unpacked; never more than ``largest`` bytes of it in memory."""
    packed = next((value for name, value in response.headers if name.lower() == b"content-encoding"), b"identity")
    if packed.strip().lower() not in {b"identity", b"gzip", b""}:
        raise OutboundError("broken", f"{place} packed its answer in a way that was not asked for.")
    unpack = zlib.decompressobj(31) if packed.strip().lower() == b"gzip" else None
    parts: list[bytes] = []
    size = 0
    for received in response.iter_stream():
        try:
            part = received if unpack is None else unpack.decompress(received, largest - size + 1)
        except zlib.error:
            raise OutboundError("broken", f"{place} sent an answer that cannot be unpacked.") from None
        size += len(part)
        if size > largest:
            raise OutboundError("too_large", f"{place} answers with more than {largest // 2**20} MiB.")
        parts.append(part)
    if unpack is not None and not unpack.eof:
        raise OutboundError("broken", f"{place} sent half an answer.")
    return b"".join(parts)


def refusal(address: Address, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> str | None:
    """Why nothing of ours may connect there; None if it may."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return refusal(address.ipv4_mapped, networks)
        if any(address in network for network in WRAPPED) or address.is_site_local:
            return "hides another address"
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return "belongs to no server"
    if address.is_global or any(address in network for network in networks if network.version == address.version):
        return None
    return "is in a private network that this installation does not allow"


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses; what it opens knows the deadline."""

    def __init__(self, deadline: float, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> None:
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
        found = _resolve(host, port, remaining(self._deadline, httpcore.ConnectTimeout))
        reasons = {text: refusal(ipaddress.ip_address(text.partition("%")[0]), self._networks) for text in found}
        allowed = [text for text, reason in reasons.items() if reason is None]
        if not allowed and reasons:
            text, reason = next(iter(reasons.items()))
            raise OutboundError("address", f"{host} may not be asked: {text} {reason}.")
        return allowed


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


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """The host's addresses. The system's resolver has no deadline of its own, so it is asked from a thread."""
    answer: list[list[str] | OSError] = []

    def ask() -> None:
        try:
            answer.append(addresses_of(host, port))
        except (OSError, UnicodeError) as error:
            answer.append(OSError(str(error)))

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(seconds)
    if not answer:
        raise httpcore.ConnectTimeout("the name was not resolved in time")
    if isinstance(answer[0], OSError):
        raise httpcore.ConnectError(str(answer[0]))
    return answer[0]


def addresses_of(host: str, port: int) -> list[str]:
    return list(dict.fromkeys(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
