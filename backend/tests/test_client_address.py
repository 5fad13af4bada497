"""Whose limits a request counts towards: addresses as proxies forward them, and as clients make them up."""

import pytest
from starlette.requests import HTTPConnection

from booklight.auth.client_address import TrustedProxies, client_address

PROXY, FAR_PROXY, READER, FORGED = "10.0.0.1", "203.0.113.1", "198.51.100.7", "192.0.2.66"


@pytest.mark.parametrize(
    ("given", "peer", "forwarded", "client"),
    [
        # Unset: a proxy on this machine is believed, and nobody else.
        ((), "127.0.0.1", [READER], READER),
        ((), "::1", [f"{FORGED}, {READER}"], READER),
        ((), "::ffff:127.0.0.1", [FORGED, READER], READER),
        ((), "127.0.0.1", [], "127.0.0.1"),
        ((), PROXY, [FORGED], PROXY),
        ((), READER, [FORGED], READER),
        # Networks: the last hop that is no proxy's is the reader.
        (("10.0.0.0/8",), PROXY, [READER], READER),
        (("10.0.0.0/8",), PROXY, [f"{FORGED}, {READER}, 10.2.3.4"], READER),
        (("10.0.0.0/8", "203.0.113.0/24"), PROXY, [FORGED, f"{READER},{FAR_PROXY}"], READER),
        (("10.0.0.0/8",), PROXY, ["10.2.3.4, 10.0.0.9"], "10.2.3.4"),
        (("10.0.0.0/8",), READER, [FORGED], READER),
        (("10.0.0.0/8",), "127.0.0.1", [FORGED], "127.0.0.1"),
        (("2001:db8::/32",), "2001:db8::1", ["[2001:db9::7]:4711"], "2001:db9::7"),
        (("10.0.0.0/8",), PROXY, [f"{READER}:4711"], READER),
        (("10.0.0.0/8",), PROXY, ["unknown"], PROXY),
        (("10.0.0.0/8",), PROXY, [f"{FORGED}, nonsense, 10.0.0.2"], "10.0.0.2"),
        # A number: so many stand in a row, whatever their addresses.
        (("1",), PROXY, [f"{FORGED}, {READER}"], READER),
        (("2",), PROXY, [f"{FORGED}, {READER}, {FAR_PROXY}"], READER),
        (("2",), PROXY, [READER], READER),
        (("1",), PROXY, [], PROXY),
        (("1",), PROXY, [f"{READER}, unknown"], PROXY),
    ],
)
def test_the_reader_is_the_last_hop_that_is_no_proxy(
    given: tuple[str, ...], peer: str, forwarded: list[str], client: str
) -> None:
    assert TrustedProxies(given).client_of(peer, forwarded) == client


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(address: str, counts_as: str) -> None:
    assert client_address(HTTPConnection({"type": "http", "client": (address, 1)})) == counts_as


def test_a_socket_of_a_file_has_no_address() -> None:
    assert client_address(HTTPConnection({"type": "http", "client": None})) == ""
