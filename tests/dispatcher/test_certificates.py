"""A hub that asks for our certificate, over real TLS on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest

from dispatcher.client import HubClient
from dispatcher.hub import BadHub, Hub
from recipes.hubs.answers import HubAnswer
from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile
from recipes.hubs.requests import Request
from runtime.clock import system_clock
from tests.certificates import Authority

PROFILE = Profile(
    HubProfile.model_validate(
        {
            "name": "p",
            "title": "P",
            "tls": {"password": "sandi"},
            "create": {"method": "GET", "path": "/x"},
            "answer": {"tracking_id": "body.id"},
        }
    )
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def url(authority: Authority) -> AsyncIterator[str]:
    """A server that takes only who shows a certificate of the authority, and answers with its name."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(authority.file))
    context.load_cert_chain(*authority.issue("hub"))
    context.verify_mode = ssl.CERT_REQUIRED

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        shown = writer.get_extra_info("peercert")["subject"][0][0][1]
        body = f'{{"id": "{shown}"}}'.encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    await server.wait_closed()


async def test_our_certificate_is_shown_and_the_hubs_is_checked(authority: Authority, url: str) -> None:
    certificate, key = authority.issue("kota-contoh", b"rahasia")
    settings = {"client_certificate": str(certificate), "client_key": str(key), "authority": str(authority.file)}
    hub = Hub(PROFILE, url, {"sandi": "rahasia"}, settings=settings)
    hub.check("p")
    async with HubClient(hub, system_clock, ssl.create_default_context) as client:
        answer = await client.ask(Request("GET", "/x", {}, None), "create")
    assert isinstance(answer, HubAnswer)
    assert PROFILE.answers.read(answer).tracking_id == "kota-contoh"

    strangers = Hub(PROFILE, url, {"sandi": "rahasia"}, settings={**settings, "authority": str(certificate)})
    async with HubClient(strangers, system_clock, ssl.create_default_context) as client:
        assert not isinstance(await client.ask(Request("GET", "/x", {}, None), "create"), HubAnswer)

    with pytest.raises(BadHub, match="cannot be used"):
        Hub(PROFILE, url, {"sandi": "salah"}, settings=settings).check("p")
