"""Connects to the very address that was checked: a name is resolved once, and never asked for again in between."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore

from connectors.media.addresses import Forbidden, Network, chosen

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host. Raises `OSError`."""


_NOBODYS = re.compile(r"(^|\.)(example|invalid|test)$|(^|\.)example\.(com|net|org)$", re.IGNORECASE)
"""Names that nobody can have (RFC 2606). What stands in examples and demonstrations is not asked for."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """By the system's resolver.

    Raises:
        OSError: there is no such name, or no answer.
        Forbidden: nobody can have it.
    """
    if _NOBODYS.search(host.rstrip(".")):
        raise Forbidden(f'"{host}" is a name for examples, which nobody can have')
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class PinnedNetwork(httpcore.AsyncNetworkBackend):
    """For the connections of `httpcore`, which still checks certificates against the name."""

    def __init__(self, allowed: Sequence[Network] = (), resolver: Resolve = resolve) -> None:
        self._allowed = allowed
        self._resolve = resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the port's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `Forbidden`, or what `httpcore` raises."""
        try:
            async with asyncio.timeout(timeout):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:  # among them TimeoutError
            raise httpcore.ConnectError("the host's name cannot be resolved") from error
        address = chosen(host, found, self._allowed)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 the port's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise httpcore.ConnectError(f"files are fetched over the network, not from {path}")

    async def sleep(self, seconds: float) -> None:
        """As the port wants."""
        await self._inner.sleep(seconds)
