"""How PostgreSQL is reached, and its errors in words that say what to do. The sibling of `runtime.sqlite`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import URL

CONNECT_TIMEOUT = 10.0
"""Seconds to reach the server."""
COMMAND_TIMEOUT = 75.0
"""Seconds after which a server that does not even refuse a statement counts as away: longer than it gives itself."""

SERVER_SETTINGS: Mapping[str, str] = {
    "statement_timeout": "60s",
    "lock_timeout": "20s",
    # A process that was stopped in the middle of a transaction must not keep rows and claims for ever.
    "idle_in_transaction_session_timeout": "60s",
    # Nor one whose machine is gone: the system's own patience is two hours.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "TimeZone": "UTC",
}

_REMEDIES = (
    ("28", "the user or the password is wrong: correct the address of the store"),
    ("3D", "there is no such database on the server: create it, or correct the address of the store"),
    ("42501", "our user may not do this: give it all rights on its own database"),
    ("3F", "our user has no schema to make tables in: give it the right to create in its database"),
    ("42P01", "its tables are not Muara's, or were emptied: restore it from a backup, or name an empty one"),
    ("42703", "its tables are of another version of Muara: update this process, or run the version that made them"),
    ("53100", "the server's disk is full: free some space; nothing accepted so far is lost"),
    ("53300", "the server has no connection left: raise its max_connections, or run fewer processes"),
    ("53", "the server is short of memory or other resources: look at its log"),
    ("25006", "the server takes no writing now: is it a standby? Name the primary server"),
    ("40", "another transaction was in the way: it is tried again"),
    ("55P03", "another transaction holds the same rows for too long: it is tried again"),
    ("57014", "a statement took too long and was ended: is the server overloaded?"),
    ("25P03", "the connection was ended, since we were silent for too long in a transaction: it is tried again"),
    ("57", "the server stops or starts: it is tried again"),
    ("58", "the server cannot read or write its files: look at its log and at its disk"),
    ("XX", "the server has a fault or damaged files: look at its log"),
    ("F0", "the server's configuration is wrong: look at its log"),
    ("08", "the connection broke: it is tried again"),
    ("0A000", "the tables were changed meanwhile: it is tried again"),
)
"""By SQLSTATE or its class (PostgreSQL manual, appendix A). None of these is a fault of what was written."""
_REFUSALS = ("28", "3D", "3F", "42501")
"""User, password, database, schema, rights."""
_OF_THE_DATA = ("21", "22", "23", "54")
"""Classes of errors that what was written is to blame for."""


def address(url: URL) -> URL:
    """The address for our driver: `postgres://` and `postgresql://` are understood, and `sslmode` as elsewhere."""
    query = {name: value for name, value in url.query.items() if name != "sslmode"}
    if (mode := url.query.get("sslmode")) is not None:
        query.setdefault("ssl", mode)
    return url.set(drivername="postgresql+asyncpg", query=query)


def sqlstate(error: BaseException | None) -> str | None:
    """The server's five signs for what is wrong; None when it was not the server that spoke."""
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


def explain(error: BaseException, url: URL, *, broken: bool = False) -> str:
    """One sentence: which database, what is wrong with it, what to do. `broken`: its connection is gone."""
    where = f"{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"
    state = sqlstate(error)
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    for sign, remedy in _REMEDIES:
        if state is not None and state.startswith(sign):
            return f"{where}: {remedy} (PostgreSQL says: {words})"
    if broken:
        return f"{where}: the connection broke: it is tried again ({words})"
    if isinstance(error, TimeoutError):
        return f"{where}: the server does not answer: is it overloaded, stopped, or behind a firewall?"
    if isinstance(error, OSError):
        return f"{where}: the server is not to be reached ({words}): is it running, and is the address right?"
    return f"{where}: PostgreSQL says: {words}"


def is_database_fault(error: BaseException | None) -> bool:
    """Whether an error is the database's state (away, full, locked, read-only) rather than a fault of the data."""
    if isinstance(error, OSError):
        return True
    state = sqlstate(error)
    return state is not None and any(state.startswith(sign) for sign, _ in _REMEDIES)


def needs_a_person(error: BaseException) -> bool:
    """Whether the server is there and refuses us: no waiting helps then, somebody has to correct something."""
    each: BaseException | None = error
    while each is not None:
        for found in (each, getattr(each, "orig", None)):
            if (state := sqlstate(found)) is not None and state.startswith(_REFUSALS):
                return True
        each = each.__cause__
    return False


def conceal(error: Any) -> None:  # noqa: ANN401 an error of any driver
    """Take what was written out of the words of an error: they quote people's words and numbers into logs."""
    cause = error.__cause__
    state = sqlstate(error)
    if isinstance(cause, ValueError) or (state is not None and state.startswith(_OF_THE_DATA)):
        kind = type(cause or error).__name__
        words = f"{kind}, SQLSTATE {state}" if state else kind
        constraint = getattr(cause, "constraint_name", None) or getattr(cause, "column_name", None)
        words = f"{words}, {constraint}" if constraint else words
        error.args = (words,)
        if cause is not None:
            cause.args = (words,)
    for each in (error, cause):
        for name in ("detail", "hint", "where", "context"):
            if getattr(each, name, None) is not None:
                setattr(each, name, None)
