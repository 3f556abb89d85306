"""How long statements take, as whoever waits for them feels it: the way to the database and back included."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

_BEGUN = "muara_statement_begun"


def time_statements(engine: AsyncEngine, heard: Callable[[str, float], None]) -> None:
    """Call `heard` after each statement that succeeds, with its first word in lower case and the seconds it took."""

    def begin(connection: Connection, *_: Any) -> None:  # noqa: ANN401 an event of SQLAlchemy, of which nothing is needed
        connection.info[_BEGUN] = time.perf_counter()

    def end(connection: Connection, _: Any, statement: str, *__: Any) -> None:  # noqa: ANN401 likewise
        begun = connection.info.pop(_BEGUN, None)
        if begun is not None:
            word = statement.lstrip("( \n")[:12].partition(" ")[0]
            heard(word.strip().lower(), time.perf_counter() - begun)

    event.listen(engine.sync_engine, "before_cursor_execute", begin)
    event.listen(engine.sync_engine, "after_cursor_execute", end)
