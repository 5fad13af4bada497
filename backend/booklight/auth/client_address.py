"""The address of whoever asks: of the connection itself, or as proxies that are known have forwarded it."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

LOOPBACK = ("127.0.0.0/8", "::1/128")
"""The proxies that are known unless others are named."""
FORWARDED = "x-forwarded-for"
IPV6_BITS = 64
"""A network of IPv6 counts as one address: whoever has one address of it has all."""


class TrustedProxies:
    """Which forwarded addresses are believed: those that a proxy in `given` networks has appended.

    `given` may be a number instead: so many proxies stand in a row before the sidecar, whatever their addresses.
    """

    def __init__(self, given: Sequence[str] = ()) -> None:
        self._hops = int(given[0]) if given and given[0].isdigit() else None
        self._networks = [] if self._hops else [ip_network(one) for one in given or LOOPBACK]

    def client_of(self, peer: str, forwarded: Sequence[str]) -> str:
        """Return who asks, given the `peer` that the connection is from and the values of X-Forwarded-For.

        It is the last address that no proxy of ours has. What cannot be read as an address was not put there by one.
        """
        hops = [hop.strip() for value in forwarded for hop in value.split(",")]
        if self._hops is not None:
            named = _parse(hops[-min(self._hops, len(hops))]) if hops else None
            return peer if named is None else str(named)
        client = _parse(peer)
        while client is not None and hops and self._is_proxy(client):
            named = _parse(hops.pop())
            if named is None:
                break
            client = named
        return peer if client is None else str(client)

    def trusts(self, peer: str) -> bool:
        """Say whether a connection from `peer` is a proxy's, and so carries whoever asks through it."""
        address = _parse(peer)
        return self._hops is not None or (address is not None and self._is_proxy(address))

    def _is_proxy(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)


def client_address(connection: HTTPConnection) -> str:
    """Return what the limits of an address count by; empty where there is none."""
    return counted_address(connection.client.host if connection.client else "")


def counted_address(host: str) -> str:
    """Return what an address is counted as: the network that it is of, where that is one of IPv6."""
    address = _parse(host)
    return str(ip_network((address, IPV6_BITS), strict=False)) if isinstance(address, IPv6Address) else host


def _parse(hop: str) -> IPv4Address | IPv6Address | None:
    """Return the address of one hop, whose port is left out; None where there is no address."""
    host = hop[1:].partition("]")[0] if hop.startswith("[") else hop
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
