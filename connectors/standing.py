"""How sources stand, for whoever asks: what their row says, in the words of an operator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select

from connectors.habit import Habit
from connectors.source import Source
from connectors.source_table import SOURCES
from connectors.watch import PROBLEM_HOLDS
from runtime.store.engine import Store

State = Literal["receiving", "waiting", "silent", "paused", "failing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One source."""

    source: str
    channel: str
    agency: str
    transport: str
    state: State
    """`waiting`: nothing has come yet."""
    why: str | None
    """The reason of a pause, or why it is failing."""
    silent_since: datetime | None
    messages: int
    """Ever, without what was imported."""
    first_at: datetime | None
    last_at: datetime | None
    today: int
    per_day: float | None
    """Messages of a day, of the last two weeks; None on the first day."""
    usual_gap: timedelta | None
    """Between messages at this hour; None when nothing usually comes then."""
    errors: int
    error: str | None
    error_at: datetime | None

    @property
    def problem(self) -> str | None:
        """Why it is failing; None when it is not."""
        return self.why if self.state == "failing" else None


async def standings(store: Store, sources: Sequence[Source], now: datetime) -> list[Standing]:
    """How these sources stand, in the given order.

    Raises:
        StoreUnavailable: the database does not work.
    """
    async with store.reading() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        found: Iterable[Any] = ()
        if SOURCES.name in tables:  # a home that an older version left has none
            found = (await connection.execute(select(SOURCES))).all()
    rows = {row.source: row for row in found}
    return [_standing(source, rows.get(source.id), now) for source in sources]


def _standing(source: Source, row: Any | None, now: datetime) -> Standing:  # noqa: ANN401 a row
    habit = Habit.from_state(row.habit if row else {}, ZoneInfo(source.zone))
    state, why = _state(row, now)
    return Standing(
        source=source.id,
        channel=source.channel.recipe.channel,
        agency=source.agency,
        transport=source.channel.recipe.receive.transport,
        state=state,
        why=why,
        silent_since=row.silent_since if row else None,
        messages=row.messages if row else 0,
        first_at=row.first_at if row else None,
        last_at=row.last_at if row else None,
        today=habit.today(now),
        per_day=habit.per_day(now),
        usual_gap=habit.usual_gap(now),
        errors=row.errors if row else 0,
        error=row.error if row else None,
        error_at=row.error_at if row else None,
    )


def _state(row: Any | None, now: datetime) -> tuple[State, str | None]:  # noqa: ANN401 a row
    if row is None:
        return "waiting", None
    if row.paused is not None:
        return "paused", row.paused
    if row.problem is not None and now - row.problem_at < PROBLEM_HOLDS:
        return "failing", row.problem
    if row.silent_since is not None:
        return "silent", None
    return ("receiving" if row.last_at is not None else "waiting"), None
