"""PostgreSQL under the unit of work: READ COMMITTED for writers, one moment for readers, time-outs for all."""

from contextlib import AbstractAsyncContextManager, nullcontext

from sqlalchemy import event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from runtime.postgres import COMMAND_TIMEOUT, CONNECT_TIMEOUT, SERVER_SETTINGS, address, conceal, explain
from runtime.postgres import is_database_fault as _is_database_fault
from runtime.store.database import DatabaseAway


class PostgresDatabase:
    """One database on a server. A connection that a restart of the server cut is replaced when it is next used."""

    def __init__(self, url: URL, *, pool_size: int, patience: float) -> None:
        """`pool_size`: connections of this process; `patience`: seconds that a unit of work waits for one of them."""
        self._url = address(url)
        self.engine = create_async_engine(
            self._url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=patience,
            pool_pre_ping=True,
            # Parameters are people's words and numbers: an error must not carry them into a log.
            hide_parameters=True,
            connect_args={
                "timeout": CONNECT_TIMEOUT,
                "command_timeout": COMMAND_TIMEOUT,
                "server_settings": {"application_name": "muara", **SERVER_SETTINGS},
            },
        )
        event.listen(self.engine.sync_engine, "handle_error", self._judge)

    def options(self, *, writing: bool) -> dict[str, object]:
        """Writers see at each statement what is committed by then, and lock what they decide on; readers one moment."""
        return {
            "isolation_level": "READ COMMITTED" if writing else "REPEATABLE READ",
            "postgresql_readonly": not writing,
        }

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Writers wait for rows, not for one another."""
        return nullcontext()

    def committed(self) -> None:
        """The server has it."""

    def trouble(self, error: DBAPIError | OSError) -> str | None:
        """Away, starting, full, read-only; also what only another transaction was in the way of."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        broken = isinstance(error, DBAPIError) and error.connection_invalidated
        if broken or _is_database_fault(cause):
            return explain(cause or error, self._url, broken=broken)
        return None

    def _judge(self, context: ExceptionContext) -> None:
        error = context.original_exception
        if isinstance(error, OSError):
            # The network, not the server, or a server that keeps silent: that connection is of no use any more.
            context.is_disconnect = True
            raise DatabaseAway(explain(error, self._url)) from error
        if type(error).__name__ == "InvalidCachedStatementError":
            raise DatabaseAway("the tables were changed while we used them: it is tried again") from error
        wrapped = context.sqlalchemy_exception
        conceal(error)
        if isinstance(wrapped, DBAPIError):
            wrapped.args = (f"({type(error).__module__}.{type(error).__qualname__}) {error}",)
