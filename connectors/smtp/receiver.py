"""The mail server itself, in the event loop of the process: no thread, no second loop."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable
from typing import cast

from aiosmtpd.smtp import SMTP

from connectors.acceptance import Acceptance
from connectors.settings import MIB, SmtpSettings
from connectors.smtp.crowd import Crowd, place_of
from connectors.smtp.handler import MailHandler
from connectors.smtp.mailboxes import Mailboxes
from connectors.source import Source


class PortUnavailable(Exception):
    """The port cannot be listened on; says which and what to do."""


class SmtpReceiver:
    """Listens between `start` and `stop`."""

    def __init__(
        self,
        sources: Iterable[Source],
        acceptance: Acceptance,
        settings: SmtpSettings,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._handler = MailHandler(Mailboxes(sources), acceptance)
        self._settings = settings
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._crowd = Crowd(settings.max_connections, settings.max_connections_per_address)

    @property
    def port(self) -> int:
        """The port that it listens on; 0 before `start`."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server else 0

    async def start(self) -> None:
        """Listen.

        Raises:
            PortUnavailable: the port is taken or not allowed.
        """
        # aiosmtpd logs commands with their addresses, and lines of mails; none of that may enter our log.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        loop = asyncio.get_running_loop()
        host, port = self._settings.host, self._settings.port
        try:
            self._server = await loop.create_server(self._protocol, host, port)
        except OSError as error:
            raise PortUnavailable(
                f"the mail server cannot listen on {host}:{port}: {error.strerror or error};"
                " stop what holds the port, or set another `smtp.port`"
            ) from error

    async def stop(self) -> None:
        """Take no more; mails that have not been answered will be sent again by their senders."""
        if self._server is None:
            return
        self._server.close()
        for connection in self._crowd.guests:
            connection.give_way()
        await self._server.wait_closed()
        self._server = None

    def _protocol(self) -> asyncio.BaseProtocol:
        return _Doorman(
            self._crowd, lambda place: MailProtocol(self._handler, self._settings, self._crowd, place, self._tls)
        )


class MailProtocol(SMTP):
    """One connection."""

    line_length_limit = MIB
    """RFC 5321 allows 998 bytes. Programs send HTML in lines of any length, and their mails hold complaints too."""

    def __init__(
        self,
        handler: MailHandler,
        settings: SmtpSettings,
        crowd: Crowd,
        place: str,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._allowed = settings.max_size * 2 + 4 * MIB
        self._seen = 0
        self._crowd = crowd
        self.place = place
        self.quiet_since = asyncio.get_running_loop().time()
        super().__init__(
            handler,
            data_size_limit=settings.max_size,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=settings.hostname,
            ident="Muara",
            timeout=settings.timeout,
            tls_context=tls,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection in."""
        self._crowd.enter(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Count the connection out."""
        self._crowd.leave(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Cut off whoever sends far more than a mail may have: the server keeps unfinished lines in memory."""
        self.quiet_since = asyncio.get_running_loop().time()
        self._seen += len(data)
        if self._seen > self._allowed:
            if self.transport is not None:
                cast(asyncio.WriteTransport, self.transport).abort()
            return
        super().data_received(data)

    @property
    def in_mail(self) -> bool:
        """Whether a mail is being handed over."""
        return self.envelope is not None and self.envelope.mail_from is not None

    def give_way(self) -> None:
        """Hang up, with the word to come again (RFC 5321 3.8)."""
        if self.transport is not None:
            words = b"421 4.3.2 The server needs the place, please come again later\r\n"
            _hang_up(cast(asyncio.WriteTransport, self.transport), words)

    def _set_post_data_state(self) -> None:
        # Called after each mail and at RSET: the next mail has the whole allowance again.
        self._seen = 0
        super()._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd types it by its absence


class _Doorman(asyncio.Protocol):
    """The first moment of a connection: who it is, and whether there is room for it."""

    def __init__(self, crowd: Crowd, protocol: Callable[[str], MailProtocol]) -> None:
        self._crowd = crowd
        self._make = protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand it on, or say that there is no room, and hang up (RFC 5321 3.8)."""
        transport = cast(asyncio.WriteTransport, transport)  # it can write, but uvloop's does not say so by its type
        peer = transport.get_extra_info("peername")
        place = place_of(str(peer[0])) if peer else ""
        if not self._crowd.has_room(place):
            _hang_up(transport, b"421 4.7.0 Too many connections, please come again later\r\n")
            return
        protocol = self._make(place)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


def _hang_up(transport: asyncio.WriteTransport, words: bytes) -> None:
    if transport.get_write_buffer_size():
        transport.abort()  # it reads nothing, so it would never be told
        return
    transport.write(words)
    transport.close()
