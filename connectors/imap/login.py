"""Connecting to a mail server, and logging in: by password, or by token (XOAUTH2)."""

import imaplib
import re
import socket
import ssl
from contextlib import suppress

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import MailboxLoginError

from connectors.imap.answers import checked, said, text
from connectors.imap.failures import LoginRefused, MailboxUnavailable, quoted
from connectors.imap.settings import MailboxSettings

_CONNECT = 20.0
"""Seconds that connecting may take."""
_LATER = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b", re.IGNORECASE)
"""RFC 5530: codes of refusals that are nobody's fault here."""


def connected(settings: MailboxSettings) -> BaseMailBox:
    """A new connection, encrypted as the settings say."""
    patience = min(_CONNECT, settings.timeout)
    if settings.security == "tls":
        return MailBox(settings.host, settings.real_port, patience, ssl_context=_context(settings))
    context = _context(settings) if settings.security == "starttls" else None
    mailbox = MailBoxUnencrypted(settings.host, settings.real_port, patience)
    if context is not None:
        try:
            checked(mailbox.client.starttls(context))
        except BaseException:
            with suppress(OSError):  # where TLS failed, it has closed the socket already
                mailbox.client.shutdown()
            raise
    return mailbox


def log_in(mailbox: BaseMailBox, settings: MailboxSettings, secret: str) -> None:
    """Let the server know who we are.

    Raises:
        LoginRefused: it does not want to know.
    """
    client = mailbox.client
    client.sock.settimeout(settings.timeout)
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    try:
        if settings.auth == "xoauth2":
            # After a refusal the server tells more and waits for an empty line before it says NO.
            answers = iter([f"user={settings.user}\1auth=Bearer {secret}\1\1".encode()])
            checked(client.authenticate("XOAUTH2", lambda _: next(answers, b"")))
        elif "AUTH=PLAIN" in client.capabilities:
            mailbox.login_utf8(settings.user, secret, initial_folder=None)
        elif "LOGINDISABLED" in client.capabilities:
            raise LoginRefused(f"{settings.server} lets nobody in without encryption: use `security: starttls`")
        else:
            mailbox.login(settings.user, secret, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, MailboxLoginError) as error:
        found = error.command_result[1] if isinstance(error, MailboxLoginError) else error
        if _LATER.search(said(found)):
            words = quoted(said(found), (secret, settings.user))
            raise MailboxUnavailable(f"{settings.server} lets nobody in at the moment. It says: {words}") from None
        raise LoginRefused(_remedy(settings, quoted(said(found), (secret, settings.user)))) from None
    except UnicodeEncodeError:
        raise LoginRefused(f"{settings.server} takes no password with letters beyond ASCII: set another") from None
    # What it offers may be more, once it knows us.
    client.capabilities = tuple(text(client.capability()[1][0]).upper().split())


def _remedy(settings: MailboxSettings, words: str) -> str:
    if settings.auth == "xoauth2":
        what = "the token: correct `user`, `client_id`, `scope`, and what the account allows this client"
    else:
        what = (
            "the user or the password: correct them. Google takes an app password or `auth: xoauth2`, Microsoft"
            " only `auth: xoauth2`"
        )
    return f"{settings.server} refuses {what}. It says: {words}"


def _context(settings: MailboxSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError):
        raise MailboxUnavailable(f"`ca_file` {settings.ca_file} is not there, or is no PEM file") from None
