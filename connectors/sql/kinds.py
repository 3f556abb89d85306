"""What the kinds of databases do differently: how they are opened for reading alone, and what their errors mean."""

import re
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from runtime.postgres import sqlstate

CONNECT_TIMEOUT = 10
"""Seconds to reach the server."""
_GRANT = "our user may not read it: let the agency grant SELECT on the table, or name the `columns` that may be read"
_UNSEEN = f"there is no such table, or {_GRANT}"
_SECRET = "the user or the password is wrong: correct the secret `database`"  # noqa: S105 words for people
_POSTGRES_WORDS = (
    ("28", _SECRET),
    ("3D", "there is no such database on the server: correct the address"),
    ("42501", _GRANT),
    ("53300", "the server has no connection left: it is tried again"),
    ("57014", "the question took longer than `timeout`, and was ended: is there an index on the mark and the key?"),
    ("57", "the server stops or starts: it is tried again"),
    ("08", "the connection broke: it is tried again"),
)
"""By SQLSTATE or its class (PostgreSQL manual, appendix A)."""
_MYSQL_WORDS: Mapping[int, str] = {
    1045: _SECRET,
    1698: _SECRET,
    1044: "our user may not use this database: let the agency grant SELECT on it",
    1049: "there is no such database on the server: correct the address",
    1142: _UNSEEN,
    1143: _GRANT,
    1040: "the server has no connection left: it is tried again",
    1203: "our user has too many connections: it is tried again",
    1130: "the server lets nobody in from this machine: let the agency allow our address",
    1969: "the question took longer than `timeout`, and was ended: is there an index on the mark and the key?",
    3024: "the question took longer than `timeout`, and was ended: is there an index on the mark and the key?",
    2003: "the server is not to be reached: is it running, and is the address right?",
    2006: "the connection broke: it is tried again",
    2013: "the connection broke: it is tried again",
    3159: "the server wants TLS from us: add ?ssl=true to the address",
}
"""By error number (MySQL and MariaDB manuals, error references)."""


class Kind:
    """SQLite, and what all have in common."""

    trouble: tuple[type[Exception], ...] = (SQLAlchemyError, OSError)
    """What it raises when it is not to be had; while a connection is made, also errors of the driver itself."""

    def __init__(self, url: URL, timeout: float, zone: str) -> None:
        """`timeout`: seconds for one question; `zone`: in which the agency writes times that name none."""
        self.url = url
        self.timeout = timeout
        self.zone = zone

    def engine(self) -> AsyncEngine:
        """An engine whose connections can only read."""
        engine = self._made({"timeout": 5})
        event.listen(engine.sync_engine, "connect", _sqlite_reads)
        return engine

    async def begin(self, connection: AsyncConnection) -> None:
        """What a transaction begins with."""

    def explain(self, error: BaseException) -> str:
        """An error in words, without the address and its password."""
        words = _first_line(error)
        if "unable to open" in words:
            file = (self.url.database or "").removeprefix("file:")
            return f"unable to open {file}: is the file there, and may this user read it?"
        return words

    def is_spoilt(self, error: BaseException) -> bool:
        """Whether a value is at fault, and not the database."""
        del error
        return False

    @property
    def earliest(self) -> datetime | None:
        """Times before this one are no times; None where there are none such."""
        return None

    def _made(self, arguments: dict[str, Any], **more: Any) -> AsyncEngine:  # noqa: ANN401 SQLAlchemy's
        # Each question has its own short connection, so that the agency's system is never held up.
        return create_async_engine(self.url, poolclass=NullPool, connect_args=arguments, hide_parameters=True, **more)


class PostgresKind(Kind):
    """PostgreSQL, also behind a pooler that hands a connection on after each transaction."""

    trouble = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

    def engine(self) -> AsyncEngine:
        """See `Kind`."""
        arguments = {
            "timeout": CONNECT_TIMEOUT,
            "command_timeout": self.timeout + 5,
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: "",
        }
        return self._made(arguments, execution_options={"postgresql_readonly": True})

    async def begin(self, connection: AsyncConnection) -> None:
        """See `Kind`."""
        await connection.execute(text(f"SET LOCAL statement_timeout = {int(self.timeout * 1000)}"))

    def explain(self, error: BaseException) -> str:
        """See `Kind`."""
        state, words = _state(error), _first_line(error)
        for sign, remedy in _POSTGRES_WORDS:
            if state is not None and state.startswith(sign):
                return f"{remedy} (PostgreSQL says: {words})"
        return _unreached(error, words)

    def is_spoilt(self, error: BaseException) -> bool:
        """A text that is not in the charset that the database says, for example."""
        return (_state(error) or "").startswith("22")


class MysqlKind(Kind):
    """MySQL and MariaDB."""

    def engine(self) -> AsyncEngine:
        """See `Kind`."""
        query = dict(self.url.query)
        authority, wanted = query.pop("ssl_ca", None), query.pop("ssl", "")
        self.url = self.url.set(query=query)
        # All charsets of columns come as UTF-8, also signs outside the first plane.
        arguments: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT, "charset": "utf8mb4"}
        if authority or wanted in ("true", "1", "require", "required"):
            arguments["ssl"] = ssl.create_default_context(cafile=str(authority) if authority else None)
        engine = self._made(arguments)
        event.listen(engine.sync_engine, "connect", _mysql_reads(self.timeout, _offset(self.zone)))
        return engine

    def explain(self, error: BaseException) -> str:
        """See `Kind`."""
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        number, words = next(iter(cause.args), None), str(cause.args[-1] if cause.args else cause)
        if isinstance(number, int) and number in _MYSQL_WORDS:
            return f"{_MYSQL_WORDS[number]} (the server says: {words})"
        return _unreached(cause, words)

    @property
    def earliest(self) -> datetime | None:
        """MySQL's zero date, which no driver reads as a time."""
        return datetime(1000, 1, 1)  # noqa: DTZ001 as the column has it


def kind_of(url: URL, timeout: float, zone: str) -> Kind:
    """The kind of a database by its checked address."""
    backend = url.get_backend_name()
    return {"postgresql": PostgresKind, "mysql": MysqlKind, "mariadb": MysqlKind}.get(backend, Kind)(url, timeout, zone)


def _state(error: BaseException) -> str | None:
    return sqlstate(error.orig if isinstance(error, DBAPIError) else error)


def _sqlite_reads(connection: Any, entry: object) -> None:  # noqa: ANN401 a DBAPI connection has no type
    del entry
    # A text that is not UTF-8 would fail the whole page; so it fails nobody, and shows as U+FFFD.
    connection.driver_connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _mysql_reads(timeout: float, offset: str) -> Callable[[Any, object], None]:
    def prepare(connection: Any, entry: object) -> None:  # noqa: ANN401 a DBAPI connection has no type
        del entry
        cursor = connection.cursor()
        cursor.execute("SELECT VERSION()")
        maria, version = _version(str(cursor.fetchone()[0]))
        # Older servers cannot be told; there, that we ask nothing but SELECT and hang up in time has to do.
        if version >= ((10, 0) if maria else (5, 6, 5)):
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
        if version >= ((10, 1, 1) if maria else (5, 7, 8)):
            limit = f"max_statement_time = {timeout:g}" if maria else f"max_execution_time = {int(timeout * 1000)}"
            cursor.execute(f"SET SESSION {limit}")
        # A TIMESTAMP comes in the session's zone, a DATETIME as it was written: so both are in the agency's.
        cursor.execute(f"SET time_zone = '{offset}'")
        cursor.close()

    return prepare


def _version(text: str) -> tuple[bool, tuple[int, ...]]:
    """Whether it is MariaDB, and which: `8.0.36`, `10.11.19-MariaDB`, `5.5.5-10.4.1-MariaDB` of some proxies."""
    maria = "mariadb" in text.lower()
    found = re.findall(r"\d+(?:\.\d+)+", text)
    number = found[-1] if maria and len(found) > 1 and text.startswith("5.5.5-") else found[0] if found else "0"
    return maria, tuple(int(each) for each in number.split("."))


def _offset(zone: str) -> str:
    """Of a zone at this moment; a server need not know the names of zones."""
    offset = datetime.now(ZoneInfo(zone)).strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}"


def _unreached(error: BaseException, words: str) -> str:
    if isinstance(error, OSError):
        return f"the server is not to be reached ({words}): is it running, and is the address right?"
    return words


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    words = str(cause).strip().splitlines()
    return words[0].partition(">: ")[2] or words[0] if words else type(cause).__name__
