"""What can go wrong with a mailbox, in words that say what to do and hold neither secrets nor identities."""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from imap_tools.errors import UnexpectedCommandStatusError

from connectors.imap.settings import MailboxSettings

_TOO_LONG = "got more than"
_SHOWN = 200


class MailboxUnavailable(Exception):
    """The server is away, or hung up, or does not make sense. Worth another try; says why."""


class LoginRefused(MailboxUnavailable):
    """The server does not let us in. Another try with the same secret is of little use; says what to correct."""


class Refused(Exception):
    """The server said NO to one command; the connection is as good as before."""


class FolderMissing(Refused):
    """There is no such folder; says which there are."""


@contextmanager
def told(settings: MailboxSettings, *secrets: str) -> Iterator[None]:
    """Lets only our own errors out. `secrets` are never quoted, whatever a server answers.

    Raises:
        MailboxUnavailable: the connection is of no use any more.
        Refused: the server said NO, or its answer makes no sense.
    """
    try:
        yield
    except imaplib.IMAP4.readonly:
        raise Refused(f"{settings.server} lets us only read the folder: use `after: keep`") from None
    except (imaplib.IMAP4.abort, OSError, EOFError, UnicodeError) as error:
        raise MailboxUnavailable(_reason(error, settings, secrets)) from None
    except imaplib.IMAP4.error as error:
        said = quoted(error, secrets)
        if _TOO_LONG in said:  # in the middle of a line: what follows would be taken for the answers to come
            raise MailboxUnavailable(f"{settings.server} sends lines that are too long") from None
        raise Refused(f"{settings.server} says: {said}") from None
    except UnexpectedCommandStatusError as error:
        said = quoted(" ".join(map(_decoded, error.command_result[1])), secrets)
        raise Refused(f"{settings.server} says: {said}") from None
    except (ValueError, AssertionError, LookupError, TypeError) as error:
        raise Refused(f"{settings.server} gives an answer that is not understood ({type(error).__name__})") from None


def _decoded(word: object) -> str:
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)


def quoted(error: object, secrets: tuple[str, ...] = ()) -> str:
    """What a server said, short and printable, without secrets."""
    words = str(error)
    for secret in secrets:
        words = words.replace(secret, "…") if secret else words
    return "".join(sign if sign.isprintable() else " " for sign in words)[:_SHOWN].strip()


def _reason(error: BaseException, settings: MailboxSettings, secrets: tuple[str, ...]) -> str:
    server = settings.server
    for kinds, words in _REASONS:
        if isinstance(error, kinds):
            return words.format(server=server, host=settings.host, why=_why(error))
    if "TLS not supported" in str(error):  # imaplib's words
        return f"{server} offers no STARTTLS: use `security: tls` and port 993"
    said = getattr(error, "strerror", None) or quoted(error, secrets) or type(error).__name__
    return f"the connection to {server} is lost: {said}"


def _why(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return getattr(error, "reason", None) or "no reason given"


_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (
        (socket.gaierror, UnicodeError),
        'there is no host "{host}": correct `host`, or mend this machine\'s name service',
    ),
    (
        ConnectionRefusedError,
        "nobody listens on {server}: correct `host` and `port`; is IMAP switched on there?",
    ),
    (
        ssl.SSLCertVerificationError,
        (
            "the certificate of {server} is not trusted ({why}): write `host` as the certificate has it, or name the"
            " file of its authority as `ca_file`"
        ),
    ),
    (
        ssl.SSLError,
        (
            "{server} does not speak TLS as it should ({why}): port 993 goes with `security: tls`, port 143 with"
            " `security: starttls`"
        ),
    ),
    (
        TimeoutError,
        "{server} does not answer: correct `host` and `port`, or let a firewall pass it",
    ),
)
"""In this order: some are kinds of others."""
