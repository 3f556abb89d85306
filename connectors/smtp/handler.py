"""What the mail server does with a mail: 250 only when it is durable, 451 when its sender should come again."""

from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from connectors.acceptance import NOT_NOW, Acceptance, Delivery
from connectors.faults import describe
from connectors.smtp.mailboxes import Mailboxes
from connectors.source import Source
from recipes.inbound import Inbound

MEDIA_TYPE = "message/rfc822"
MAX_RECIPIENTS = 100
"""Of one mail; the least that RFC 5321 4.5.3.1.8 allows."""
_log = structlog.get_logger("muara.connectors.smtp")


class MailHandler:
    """The hooks that aiosmtpd calls. Envelope addresses are identities and are never logged."""

    def __init__(self, mailboxes: Mailboxes, acceptance: Acceptance) -> None:
        self._mailboxes = mailboxes
        self._acceptance = acceptance

    async def handle_RCPT(  # noqa: N802 aiosmtpd finds its hooks by these names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient that some source owns."""
        del server, session
        source = self._mailboxes.find(address)
        if source is None:
            self._acceptance.metrics.received("unknown", "unknown_recipient")
            _log.warning("recipient refused", why="no source has this address")
            return "550 5.1.1 No mailbox here by that name"
        if self._acceptance.activity.is_paused(source.id):
            self._acceptance.metrics.received(source.channel.recipe.channel, "paused")
            return "451 4.3.2 This mailbox is paused, please send the mail again later"
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients, please send the rest in another mail"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One message for each source among the recipients, all durable or none."""
        del server, session
        content = envelope.content
        if not isinstance(content, bytes):
            raise TypeError("the server was set up to decode mails; it hands over bytes only")
        mail = with_return_path(content, envelope.mail_from)
        sources: dict[str, Source] = {}
        for recipient in envelope.rcpt_tos:
            source = self._mailboxes.find(recipient)
            if source is not None:
                sources[source.id] = source
        inbound = Inbound(mail, MEDIA_TYPE)
        try:
            await self._acceptance.accept_all([Delivery(s, await s.split(inbound)) for s in sources.values()])
        except NOT_NOW as error:
            for source in sources.values():
                self._acceptance.metrics.received(source.channel.recipe.channel, "unavailable")
                self._acceptance.activity.failed(source.id, "a mail could not be stored")
            _log.error("mail put off", why=str(error), sources=sorted(sources))
            return "451 4.3.0 Cannot store the message now, please send it again later"
        return "250 2.0.0 OK, the message is stored"

    async def handle_exception(self, error: Exception) -> str:
        """The last wall: the sender comes again, and no part of the mail enters the log with a traceback."""
        _log.error("fault while receiving mail", why=describe(error, ()))
        return "451 4.3.0 A fault of ours, please send the message again later"


def with_return_path(mail: bytes, sender: Any) -> bytes:  # noqa: ANN401 aiosmtpd does not type its envelope
    """The mail with the envelope's sender on top (RFC 5321 4.4); `<>` is how bounces are told from people."""
    address = str(sender or "").strip().strip("<>")
    return b"Return-Path: <" + address.encode("utf-8", "surrogateescape") + b">\r\n" + mail
