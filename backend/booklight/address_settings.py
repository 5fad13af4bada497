"""Settings that are addresses, checked as they are read: the origins of pages, and the networks of proxies."""

import re
from collections.abc import Sequence
from ipaddress import ip_network

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(?::(?P<port>\d+))?"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def parse_origin(given: str) -> str:
    """Return an origin, or a pattern such as `https://*.example.com`, as browsers write origins.

    Raises ValueError for what no browser ever sends.
    """
    match = _ORIGIN.fullmatch(given.lower())
    if match is None:
        raise ValueError(f"{given!r} matches no page: give scheme://host or scheme://host:port, without a path")
    if match["port"] == _DEFAULT_PORTS[match["scheme"]]:
        raise ValueError(f"{given!r} matches no page: browsers leave out port {match['port']}, so leave it out here")
    return given.lower()


def parse_proxies(given: Sequence[str]) -> tuple[str, ...]:
    """Return networks of proxies, or the number of them. Raises ValueError."""
    if len(given) == 1 and re.fullmatch(r"[1-9]", given[0]):
        return (given[0],)
    try:
        return tuple(str(ip_network(one)) for one in given)
    except ValueError:
        raise ValueError(
            "give networks such as 10.0.0.0/8, separated by commas, or how many proxies stand in a row"
        ) from None
