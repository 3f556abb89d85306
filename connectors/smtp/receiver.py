"""The mail server itself, in the event loop of the process: no thread, no second loop."""

import asyncio
import logging
import ssl
from collections.abc import Iterable

from aiosmtpd.smtp import SMTP

from connectors.acceptance import Acceptance
from connectors.settings import MIB, SmtpSettings
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
        self._connections: set[MailProtocol] = set()

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
        for connection in list(self._connections):
            connection.abort()
        await self._server.wait_closed()
        self._server = None

    def _protocol(self) -> asyncio.BaseProtocol:
        if len(self._connections) >= self._settings.max_connections:
            return _TurnedAway()
        return MailProtocol(self._handler, self._settings, self._connections, self._tls)


class MailProtocol(SMTP):
    """One connection."""

    line_length_limit = MIB
    """RFC 5321 allows 998 bytes. Programs send HTML in lines of any length, and their mails hold complaints too."""

    def __init__(
        self,
        handler: MailHandler,
        settings: SmtpSettings,
        connections: "set[MailProtocol]",
        tls: ssl.SSLContext | None,
    ) -> None:
        self._allowed = settings.max_size * 2 + 4 * MIB
        self._seen = 0
        self._connections = connections
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
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Count the connection out."""
        self._connections.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Cut off whoever sends far more than a mail may have: the server keeps unfinished lines in memory."""
        self._seen += len(data)
        if self._seen > self._allowed:
            self.abort()
            return
        super().data_received(data)

    def abort(self) -> None:
        """Hang up at once."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def _set_post_data_state(self) -> None:
        # Called after each mail and at RSET: the next mail has the whole allowance again.
        self._seen = 0
        super()._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd types it by its absence


class _TurnedAway(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say that there is no room, and hang up (RFC 5321 3.8)."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.7.0 Too many connections, please come again later\r\n")
            transport.close()
