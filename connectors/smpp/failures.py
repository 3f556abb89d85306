"""What can go wrong with an SMSC, in words that say what to do and hold neither secrets nor identities."""

import socket
import ssl

from connectors.smpp.pdus import BadFrame, Status
from connectors.smpp.settings import SmscSettings


class SmscUnavailable(Exception):
    """The SMSC is away, or hung up, or makes no sense. Worth another try; says why."""


class BindRefused(SmscUnavailable):
    """The SMSC does not let us in. Another try with the same settings is of little use; says what to correct."""


class AlreadyLoggedIn(SmscUnavailable):
    """The account is in use: says by whom that may be."""


_REFUSALS = {
    Status.BAD_PASSWORD: 'it refuses the password: correct the secret "password"',
    Status.BAD_SYSTEM_ID: "it does not know our `system_id`: correct it",
    Status.BAD_SYSTEM_TYPE: "it refuses our `system_type`: write the one that the provider told you, or none",
    Status.BIND_FAILED: (
        "it lets us not in, and says no more: correct `system_id` and the secret `password`, and ask the provider"
        " whether the account may log in from this address, and as `bind` says"
    ),
}
_LATER = {
    Status.BAD_STATE: "it does not expect a login now",
    Status.THROTTLED: "it is asked too often",
}


def refused(server: str, status: int) -> SmscUnavailable:
    """How a login ended that was answered with this status."""
    for known, words in _REFUSALS.items():
        if status == known:
            return BindRefused(f"{server} does not let us in: {words}")
    if status == Status.ALREADY_BOUND:
        return AlreadyLoggedIn(
            f"{server} says that the account is logged in already: by a Muara that runs, by another program, or by a"
            " connection that has not yet ended there"
        )
    for known, words in _LATER.items():
        if status == known:
            return SmscUnavailable(f"{server} does not let us in: {words}")
    return SmscUnavailable(f"{server} does not let us in (status 0x{status:08x}): ask the provider what it means")


def told(error: BaseException, settings: SmscSettings) -> SmscUnavailable:
    """What the end of a connection means."""
    server = settings.server
    if isinstance(error, SmscUnavailable):
        return error
    if isinstance(error, BadFrame):
        return SmscUnavailable(f"{server} does not speak SMPP as it should ({error}): correct `port` and `security`")
    if isinstance(error, socket.gaierror):
        words = f'there is no host "{settings.host}": correct `host`, or mend this machine\'s name service'
    elif isinstance(error, ConnectionRefusedError):
        words = f"nobody listens on {server}: correct `host` and `port`, or ask the provider to let this address in"
    elif isinstance(error, ssl.SSLCertVerificationError):
        words = (
            f"the certificate of {server} is not trusted ({error.verify_message}): write `host` as the certificate has"
            " it, or name the file of its authority as `ca_file`"
        )
    elif isinstance(error, ssl.SSLError):
        words = f"{server} does not speak TLS as it should ({error.reason or 'no reason given'}): correct `security`"
    elif isinstance(error, TimeoutError):
        words = f"{server} does not answer: correct `host` and `port`, or let a firewall pass it"
    elif isinstance(error, EOFError):
        words = f"{server} has hung up"
    else:
        said = getattr(error, "strerror", None) or type(error).__name__
        words = f"the connection to {server} is lost: {said}"
    return SmscUnavailable(words)
