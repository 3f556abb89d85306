"""Looks at all sources every few seconds: writes down what came, learns how often, and tells who has gone silent.

Any number of processes may watch one source. What each noted is merged into its row under a lock, and whoever finds a
silence first tells of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update

from connectors.activity import Activity, Tally
from connectors.habit import SETTLED, Habit, window_of
from connectors.metrics import ConnectorMetrics
from connectors.source import Source
from connectors.source_table import SOURCES
from runtime.store.engine import Store, StoreUnavailable
from runtime.store.statements import insert_new

LEAST_HEARD = 20
"""Busy windows before which nobody is called silent: less is no habit."""
LEAST_SILENCE = timedelta(hours=1)
PROBLEM_HOLDS = timedelta(minutes=3)
"""A problem that was not told again for so long is over."""
_TELL_AGAIN = timedelta(minutes=1)
_DOWN = timedelta(hours=1)
"""Nothing was learned for so long before this process began: Muara was not there to listen."""
_log = structlog.get_logger("muara.connectors.watch")


@dataclass(frozen=True, slots=True)
class _Told:
    """What may be said of a silence when it has been written down."""

    source: str
    begins: bool
    since: datetime | None


class Watch:
    """The sources of one process; see the module."""

    def __init__(
        self,
        sources: Sequence[Source],
        store: Store,
        activity: Activity,
        metrics: ConnectorMetrics,
        *,
        clock: Callable[[], datetime],
        problems: Callable[[], Mapping[str, str]],
    ) -> None:
        """`problems` says which polled sources are not served now, and why."""
        self._sources = {source.id: source for source in sources}
        self._store = store
        self._activity = activity
        self._metrics = metrics
        self._clock = clock
        self._problems = problems
        self._known: set[str] = set()
        self._learned = -1
        self._told_problems: dict[str, tuple[str, datetime]] = {}
        self.silent: dict[str, datetime] = {}
        """Sources that are silent now, and since when."""

    async def look(self) -> bool:
        """One look, for `runtime.loops`; never more to do at once.

        Raises:
            StoreUnavailable: nothing was written; what was noted is kept for the next look.
        """
        if not self._sources:
            return False
        now = self._clock()
        window = window_of(now - SETTLED)
        problems = self._news_of_problems(now)
        noted = self._activity.drain()
        told: list[_Told] = []
        try:
            if noted or problems or window > self._learned:
                told = await self._write(now, noted, problems)
                self._learned = window
        except StoreUnavailable:
            self._activity.give_back(noted)
            raise
        self._note_told(problems, now)
        for each in told:
            self._tell(each)
        await self._read()
        return False

    def words(self) -> list[str]:
        """What an operator should hear of silent and paused sources."""
        silent = [
            f'source "{source}" is silent since {since.isoformat(timespec="seconds")}: is the provider\'s side well?'
            f" `muara sources test {source}`"
            for source, since in self.silent.items()
        ]
        paused = [
            f'source "{source}" is paused ({reason}): `muara sources resume {source}`'
            for source, reason in self._activity.paused.items()
        ]
        return silent + paused

    async def _write(
        self, now: datetime, noted: Mapping[str, Tally], problems: Mapping[str, str | None]
    ) -> list[_Told]:
        told = []
        everybody = sorted(self._sources)
        async with self._store.writing() as connection:
            if new := [source for source in everybody if source not in self._known]:
                await connection.execute(
                    insert_new(connection, SOURCES), [{"source": source, "habit": {}} for source in new]
                )
            rows = await connection.execute(
                select(SOURCES).where(SOURCES.c.source.in_(everybody)).order_by(SOURCES.c.source).with_for_update()
            )
            for row in rows.all():
                values, news = self._changed(row, noted.get(row.source, Tally()), now)
                if row.source in problems:
                    values |= {"problem": problems[row.source], "problem_at": now}
                if values:
                    await connection.execute(update(SOURCES).where(SOURCES.c.source == row.source).values(**values))
                told += news
        self._known |= set(everybody)
        return told

    def _changed(self, row: Any, tally: Tally, now: datetime) -> tuple[dict[str, Any], list[_Told]]:  # noqa: ANN401
        """What is to be written into a row, and what is to be told then."""
        source = self._sources[row.source]
        habit = Habit.from_state(row.habit, ZoneInfo(source.zone))
        before = habit.to_state()
        if row.source not in self._known and habit.behind(now) > _DOWN:
            habit.skip(now)
        habit.hear(tally.by_moment)
        if row.paused is not None:
            habit.skip(now, passed=0.0)
        else:
            habit.learn(now)
        last_at = max((at for at in (row.last_at, tally.last_at) if at is not None), default=None)
        silent = row.paused is None and self._is_silent(source, habit, last_at, now)
        values: dict[str, Any] = {}
        if habit.to_state() != before:
            values["habit"] = habit.to_state()
        if tally.messages:
            values |= {"messages": row.messages + tally.messages, "last_at": last_at}
            values["first_at"] = row.first_at or tally.first_at
        if tally.errors:
            values |= {"errors": row.errors + tally.errors, "error": tally.error, "error_at": tally.error_at}
        if silent == (row.silent_since is not None):
            return values, []
        values["silent_since"] = last_at if silent else None
        return values, [_Told(row.source, silent, last_at if silent else row.silent_since)]

    def _is_silent(self, source: Source, habit: Habit, last_at: datetime | None, now: datetime) -> bool:
        return (
            source.silence_after is not None
            and last_at is not None
            and habit.heard >= LEAST_HEARD
            and habit.quiet >= source.silence_after
            and now - last_at >= LEAST_SILENCE
        )

    async def _read(self) -> None:
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(SOURCES.c.source, SOURCES.c.paused, SOURCES.c.silent_since, SOURCES.c.last_at).where(
                    SOURCES.c.source.in_(sorted(self._sources))
                )
            )
            found = {row.source: row for row in rows.all()}
        self._activity.paused = {source: row.paused for source, row in found.items() if row.paused is not None}
        self.silent = {source: row.silent_since for source, row in found.items() if row.silent_since is not None}
        for source, row in found.items():
            self._metrics.stands(source, silent=row.silent_since is not None, last_at=row.last_at)

    def _news_of_problems(self, now: datetime) -> dict[str, str | None]:
        """Problems to write: new ones, those that hold for long, and None for what this process told and is over."""
        present = self._problems()
        news: dict[str, str | None] = {source: None for source in self._told_problems if source not in present}
        for source, words in present.items():
            told, at = self._told_problems.get(source, (None, now))
            if told != words:
                self._activity.failed(source, words)
            if told != words or now - at >= _TELL_AGAIN:
                news[source] = words
        return news

    def _note_told(self, news: Mapping[str, str | None], now: datetime) -> None:
        for source, words in news.items():
            if words is None:
                del self._told_problems[source]
            else:
                self._told_problems[source] = words, now

    def _tell(self, told: _Told) -> None:
        since = told.since.isoformat(timespec="seconds") if told.since else None
        if told.begins:
            _log.warning("source silent", source=told.source, since=since, remedy=f"muara sources test {told.source}")
        else:
            _log.info("source not silent any more", source=told.source, since=since)
