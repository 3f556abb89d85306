"""Where strangers may not send us."""

import asyncio
import ipaddress

import httpcore
import pytest

from connectors.media.addresses import Forbidden, chosen, is_public
from connectors.media.network import PinnedNetwork

PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "103.10.66.1"]
NOT_PUBLIC = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",  # noqa: S104 as data
    "169.254.169.254", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "192.88.99.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
    "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::", "2001:db8::1", "100::1", "", "kota.example",
]  # fmt: skip


def test_only_the_public_internet() -> None:
    assert [each for each in PUBLIC if not is_public(each)] == []
    assert [each for each in NOT_PUBLIC if is_public(each)] == []


def test_what_is_expressly_allowed() -> None:
    allowed = [
        ipaddress.ip_network("127.0.0.1"),
        ipaddress.ip_network("10.5.0.0/16"),
        ipaddress.ip_network("fd12::/16"),
    ]
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "10.5.9.9", "fd12::7"):
        assert is_public(address, allowed), address
    for address in ("127.0.0.2", "10.6.0.1", "fd13::7", "::1"):
        assert not is_public(address, allowed), address


def test_a_name_with_one_private_address_is_a_trap() -> None:
    assert chosen("baik.example", ["2606:4700:4700::1111", "8.8.8.8"]) == "8.8.8.8"
    for found in (["8.8.8.8", "127.0.0.1"], ["10.0.0.1"], []):
        with pytest.raises(Forbidden, match=r"jahat\.example"):
            chosen("jahat.example", found)


async def test_a_name_that_leads_inside_is_never_connected_to() -> None:
    asked = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    network = PinnedNetwork(resolver=rebinding)
    with pytest.raises(Forbidden, match="public internet"):
        await network.connect_tcp("jahat.example", 80)
    assert asked == [("jahat.example", 80)]

    async def nothing(host: str, port: int) -> list[str]:
        raise OSError(host, port)

    with pytest.raises(httpcore.ConnectError):
        await PinnedNetwork(resolver=nothing).connect_tcp("hilang.example", 443)
    with pytest.raises(httpcore.ConnectError):
        await network.connect_unix_socket("/run/x.sock")


@pytest.mark.parametrize("host", ["media.twilio.example", "EXAMPLE.com", "a.b.test.", "x.invalid", "www.example.org"])
async def test_a_name_that_nobody_can_have_is_not_even_looked_up(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(*_: object, **__: object) -> list[object]:
        raise AssertionError("the resolver was asked")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", asked)
    with pytest.raises(Forbidden, match="nobody can have"):
        await PinnedNetwork().connect_tcp(host, 443)
