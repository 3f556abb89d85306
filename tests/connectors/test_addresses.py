"""From where a source takes requests: the connection's address, or what trusted proxies say about it."""

from collections.abc import Callable, Sequence
from ipaddress import ip_network

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from connectors.checks import faults
from connectors.settings import ConnectorSettings, WebhookSettings
from connectors.source import Source
from connectors.webhook.addresses import client_address
from connectors.webhook.router import router

from .conftest import House, make_channel

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def request_from(peer: str | None, forwarded: Sequence[str]) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1) if peer else None})


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # nobody we trust wrote that
        ("10.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),  # the left one is the sender's invention
        ("10.0.0.1", ["198.51.100.1", "203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        ("10.0.0.1", ["10.0.0.9, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.1", ["203.0.113.7:5678"], "203.0.113.7"),
        ("10.0.0.1", ["[2001:db8::7]:5678"], "2001:db8::7"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("10.0.0.1", [], None),
        ("10.0.0.1", ["unknown"], None),
        ("10.0.0.1", ["10.0.0.2"], None),
        ("unix", [], None),
        (None, ["203.0.113.7"], None),
    ],
)
def test_the_address_of_a_client(peer: str | None, forwarded: list[str], expected: str | None) -> None:
    found = client_address(request_from(peer, forwarded), PROXIES)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("allow", "forwarded", "status"),
    [
        (["203.0.113.0/24", "2001:db8::/32"], "203.0.113.7", 200),
        ("203.0.113.7", "203.0.113.7", 200),
        ("203.0.113.7", "198.51.100.1", 403),
        ("203.0.113.7", "203.0.113.7, 198.51.100.1", 403),
        ([], "203.0.113.7", 403),
        ("kantor", "203.0.113.7", 503),
        (None, "198.51.100.1", 200),
    ],
)
async def test_a_source_takes_only_whom_it_lists(
    house: House,
    make_source: Callable[..., Source],
    allow: object,
    forwarded: str,
    status: int,
) -> None:
    source = make_source(
        make_channel("gerbang", {"external_id": "id"}), settings={} if allow is None else {"allow": allow}
    )
    app = FastAPI()
    app.include_router(
        router({source.route: source}, house.acceptance, WebhookSettings(trusted_proxies=("127.0.0.1",)))
    )
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://muara.example") as http:
        response = await http.post(
            "/in/sumber-1", json={"id": "1", "text": "a"}, headers={"X-Forwarded-For": forwarded}
        )
    assert response.status_code == status
    assert len(await house.raws()) == (status == 200)


def test_a_list_that_cannot_be_read_is_a_fault_at_the_start(make_source: Callable[..., Source]) -> None:
    source = make_source(make_channel("gerbang", {}), settings={"allow": ["203.0.113.300"]})
    (fault,) = faults([source], ConnectorSettings())
    assert fault.startswith('source "sumber-1": `allow` lists addresses such as 203.0.113.7')
