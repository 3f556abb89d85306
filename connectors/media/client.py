"""Asks strangers' servers for files: bounded in size and time, from public addresses only, unpacking nothing."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from connectors.media.addresses import Forbidden
from connectors.media.network import PinnedNetwork, Resolve, resolve
from connectors.settings import MediaSettings

_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 4
_LONGEST_ADDRESS = 8192

Proved = Callable[[str], tuple[str, Mapping[str, str]]]
"""An address → the same with what proves who we are, and further headers; without, where they must not be shown."""


class Refused(Exception):
    """This file will not be fetched, however often it is tried: says why."""


class NotNow(Exception):
    """It did not work this time: says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whole."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes
    """Of a good answer; of others nothing is read."""
    proved: bool
    """Whether whoever answered saw our credentials."""


class MediaClient:
    """One for all sources; `close` it."""

    def __init__(self, settings: MediaSettings, resolver: Resolve = resolve) -> None:
        self._settings = settings
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=32,
            max_keepalive_connections=0,
            network_backend=PinnedNetwork(settings.allow, resolver),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def get(self, url: str, proved: Proved, limit: int) -> Answer:
        """Ask for a file of at most `limit` bytes. Redirects are followed by the same rules.

        Raises:
            Refused: the address is none of the public internet, or the file is too large or packed.
            NotNow: no whole answer came in time.
        """
        try:
            async with asyncio.timeout(self._settings.timeout):
                return await self._followed(url, proved, limit)
        except TimeoutError as error:
            raise NotNow(f"no whole answer within {self._settings.timeout:g} s") from error
        except Forbidden as error:
            raise Refused(str(error)) from error
        except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError, httpx.InvalidURL, ValueError) as error:
            raise Refused("it is no address that can be asked") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            raise NotNow(f"the server cannot be reached, or the connection broke ({type(error).__name__})") from error

    async def _followed(self, url: str, proved: Proved, limit: int) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = await self._once(url, proved, limit)
            if answer.status not in _REDIRECTS or not answer.headers.get("location"):
                return answer
            after = urljoin(url, answer.headers["location"])
            if url.startswith("https:") and not after.startswith("https:"):
                raise Refused("the server sends us on to an address without encryption")
            url = after
        raise Refused(f"the server sends us on more than {_MOST_REDIRECTS} times")

    async def _once(self, url: str, proved: Proved, limit: int) -> Answer:
        whole, credentials = proved(url)
        if len(whole) > _LONGEST_ADDRESS:
            raise Refused("the address is too long")
        parts = httpx.URL(whole)
        if parts.scheme not in ("http", "https") or not parts.host or parts.userinfo:
            raise Refused("it is no address that can be asked: http or https, a host, and no password in it")
        headers: list[tuple[str | bytes, str | bytes]] = [
            ("Host", parts.netloc.decode()),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", "muara"),
            *credentials.items(),
        ]
        pauses: dict[str, Any] = dict.fromkeys(("connect", "read", "write", "pool"), self._settings.pause)
        target = httpcore.URL(
            scheme=parts.raw_scheme, host=parts.raw_host, port=parts.port, target=parts.raw_path or b"/"
        )
        async with self._pool.stream("GET", target, headers=headers, extensions={"timeout": pauses}) as response:
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            shown = bool(credentials) or whole != url
            if response.status != 200:
                return Answer(response.status, found, b"", shown)
            if found.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
                raise Refused("the server packs the file, though it was asked not to")
            if found.get("content-length", "").isdigit() and int(found["content-length"][:18]) > limit:
                raise Refused(f"the file is larger than {limit} bytes")
            return Answer(200, found, await _read(response, limit), shown)


async def _read(response: httpcore.Response, limit: int) -> bytes:
    content = bytearray()
    async for piece in response.aiter_stream():
        content += piece
        if len(content) > limit:
            raise Refused(f"the file is larger than {limit} bytes")
    return bytes(content)


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; of what is none, something that equals no other."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", "", 0
    return (
        parts.scheme.lower(),
        (parts.hostname or "").rstrip("."),
        port or {"https": 443, "http": 80}.get(parts.scheme.lower(), 0),
    )
