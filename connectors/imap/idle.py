"""Waiting for new mail in IDLE (RFC 2177), in a way in which nothing that came already is overlooked.

The library's own wait asks the socket alone. What was read from it together with an earlier answer lies in a buffer by
then, and news may come before the server's consent; a mail would lie there until the next one comes.
"""

import imaplib
import select
import ssl
import time
from collections.abc import Callable

_GLANCE = 1.0
"""Seconds between two questions whether to go on waiting."""
_EMPTY_HANDED = 3
"""So often may the socket be readable without anything to read; then the server has hung up."""


def wait(client: imaplib.IMAP4, seconds: float, go_on: Callable[[], bool]) -> bool:
    """Wait for new mail in the selected folder. Returns whether there is some.

    Raises:
        imaplib.IMAP4.error: the server refuses IDLE, or hangs up (`abort`).
    """
    client.response("EXISTS")  # what the folder held when it was selected is no news
    tag = client._command("IDLE")  # noqa: SLF001 imaplib offers no other way
    while client._get_response() is not None:  # noqa: SLF001 None is the consent
        if (refusal := client.tagged_commands[tag]) is not None:
            raise imaplib.IMAP4.error(f"IDLE: {refusal[1]!r}")
    news, until, vain = _news(client), time.monotonic() + seconds, 0
    while not news and vain < _EMPTY_HANDED and go_on() and (left := until - time.monotonic()) > 0:
        if _buffered(client):
            client._get_response()  # noqa: SLF001 as above
            news, vain = _news(client), 0
        elif _readable(client, min(_GLANCE, left)) and not _buffered(client):
            vain += 1
    client.send(b"DONE\r\n")
    while client.tagged_commands[tag] is None:
        client._get_response()  # noqa: SLF001 as above
    client.tagged_commands.pop(tag)
    return _news(client) or news


def _news(client: imaplib.IMAP4) -> bool:
    return client.response("EXISTS")[1] != [None]


def _buffered(client: imaplib.IMAP4) -> bool:
    """Whether something was received that nobody has read; does not wait."""
    patience = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(client.file.peek(1))  # type: ignore[union-attr]  # it is a buffered reader
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    finally:
        client.sock.settimeout(patience)


def _readable(client: imaplib.IMAP4, seconds: float) -> bool:
    poller = select.poll()
    poller.register(client.sock, select.POLLIN)
    return bool(poller.poll(seconds * 1000))
