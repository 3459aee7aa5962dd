"""Which addresses may be asked at all: what is typed in is read strictly, resolved, and each result is checked.

The sentences are templates, so that a form can say them in the person's language (``template`` and ``facts``); here
they are English, as are the errors of collectors and drivers.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterable, Sequence

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LONGEST_URL = 2000
HIGHEST_PORT = 65535
SHOWN = 80

# Addresses behind which another one hides: 6to4, the two NAT64 prefixes, Teredo, and the old form of mapped ones.
WRAPPED = tuple(map(ipaddress.IPv6Network, ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "::/96")))


def gettext_noop(text: str) -> str:
    """Marks a template for translation."""
    return text


NO_ADDRESS = gettext_noop(
    "“%(url)s” is not an address that can be asked. "
    "Write it in full, for example https://node1.example:9400/metrics or http://node1.example:9400/metrics."
)
USERINFO = gettext_noop(
    "“%(url)s” holds a name or a password before the @. Leave that out; a token is set on the cluster’s own page."
)
ODD_NUMBER = gettext_noop(
    "“%(host)s” is a number in an unusual spelling, which may mean another machine than it seems. "
    "Write the machine’s name, or four numbers with dots."
)
HIDES = gettext_noop(
    "%(host)s may not be asked: %(address)s hides another address inside. Write the machine’s own address."
)
NO_SERVER = gettext_noop(
    "%(host)s may not be asked: %(address)s belongs to no server (it is link-local, multicast or reserved). "
    "Write the address under which the machine is reached from here."
)
NOT_ALLOWED = gettext_noop(
    "%(host)s may not be asked: %(address)s is on this machine or in a private network. Write a public address, or "
    "have the people who run this portal allow the network (ALLOWED_NETWORKS)."
)
UNKNOWN_NAME = gettext_noop("%(host)s cannot be reached: there is no such name. Check the spelling of the address.")


class OutboundError(Exception):
    """The exchange did not come about. ``code``: address, unreachable, untrusted, silent, broken, too_large."""

    def __init__(self, code: str, template: str, **facts: object) -> None:
        self.code, self.template, self.facts = code, template, facts
        super().__init__(template % facts)


def checked_url(url: object) -> httpx.URL:
    """The address in its parts, if it is one that may be asked by the way it is written. Raises OutboundError."""
    refused = OutboundError("address", NO_ADDRESS, url=str(url)[:SHOWN])
    if not isinstance(url, str) or len(url) > LONGEST_URL or "\\" in url or not url.isprintable():
        raise refused
    try:
        address = httpx.URL(url)
        port = address.port
    except (httpx.InvalidURL, ValueError):
        raise refused from None
    if address.scheme not in {"http", "https"} or not address.host or " " in address.host:
        raise refused
    if port is not None and not 0 < port <= HIGHEST_PORT:
        raise refused
    if address.userinfo or "@" in url.partition("://")[2].partition("/")[0]:
        raise OutboundError("address", USERINFO, url=f"{address.scheme}://…@{address.host}")
    if _odd_number(address.host):
        raise OutboundError("address", ODD_NUMBER, host=address.host)
    return address


def _odd_number(host: str) -> bool:
    """127.1, 2130706433, 0x7f.0.0.1, 0177.0.0.1: resolvers take them for 127.0.0.1, and people for something else."""
    try:
        ipaddress.ip_address(host.rstrip("."))
    except ValueError:
        try:
            return bool(socket.inet_aton(host.rstrip(".")))
        except OSError:
            return False
    return False


def _is_number(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return False


def place_of(url: str) -> str:
    """Scheme, host and port of an address; the whole text where it is none."""
    try:
        address = checked_url(url)
    except OutboundError:
        return str(url)[:300]
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{address.scheme}://{host}:{address.port or {'http': 80, 'https': 443}[address.scheme]}"[:300]


def refusal(address: Address, networks: Sequence[Network]) -> str | None:
    """Why nothing of ours may connect there, as a template; None if it may."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return refusal(address.ipv4_mapped, networks)
        if address.is_unspecified:
            return NO_SERVER
        if (any(address in network for network in WRAPPED) and not address.is_loopback) or address.is_site_local:
            return HIDES
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return NO_SERVER
    if address.is_reserved and not address.is_loopback:
        return NO_SERVER
    if address.is_global or any(address in network for network in networks if network.version == address.version):
        return None
    return NOT_ALLOWED


def is_here(host: str) -> bool:
    """Whether the host, as it is written, is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed_addresses(host: str, port: int, seconds: float, networks: Sequence[Network]) -> list[str]:
    """The addresses of ``host`` that may be connected to. OutboundError when it has others only; TimeoutError, OSError."""
    found = [host] if _is_number(host) else resolve(host, port, seconds)
    reasons = {text: refusal(ipaddress.ip_address(text.partition("%")[0]), networks) for text in found}
    allowed = [text for text, reason in reasons.items() if reason is None]
    if not allowed:
        for text, reason in reasons.items():
            assert reason is not None
            raise OutboundError("address", reason, host=host, address=text)
    return allowed


def check(url: str, networks: Iterable[str], seconds: float) -> None:
    """What can be said of an address when it is typed in: how it is written, and where its name leads now.

    A name that cannot be resolved at the moment is no fault yet. Whatever is answered here is asked again, and
    checked again, whenever the address is used. Raises OutboundError.
    """
    address = checked_url(url)
    try:
        allowed_addresses(address.host, address.port or 80, seconds, tuple(map(ipaddress.ip_network, networks)))
    except (OSError, TimeoutError):
        return


def check_all(urls: Sequence[str], networks: Iterable[str], seconds: float) -> dict[str, OutboundError]:
    """``check`` for several, all within ``seconds``; the address and its error of those that are refused."""
    deadline, listed = time.monotonic() + seconds, tuple(networks)
    failures: dict[str, OutboundError] = {}
    for url in urls:
        try:
            check(url, listed, max(0.01, deadline - time.monotonic()))
        except OutboundError as error:
            failures[url] = error
    return failures


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """The host's addresses. The system's resolver has no deadline of its own, so it is asked from a thread.

    Raises TimeoutError, or OSError where there are none.
    """
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
        raise TimeoutError("the name was not resolved in time")
    if isinstance(answer[0], OSError):
        raise answer[0]
    return answer[0]


def addresses_of(host: str, port: int) -> list[str]:
    return list(dict.fromkeys(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
