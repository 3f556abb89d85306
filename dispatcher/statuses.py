"""News from a hub: its list of changes, onto the log, from a cursor on that moves with what was written."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update

from dispatcher import standing
from dispatcher import tables as t
from dispatcher.client import HubClient
from dispatcher.hearing import Hearing
from dispatcher.hub import Hub
from recipes.hubs.answers import HubAnswer, Meaning
from recipes.hubs.listings import FoundChange
from recipes.mapped import MappingError
from runtime.clock import Clock
from runtime.delivery.outcomes import Stop
from runtime.delivery.resting import resting_until
from runtime.store.engine import Store
from runtime.telemetry.health import Health

log = structlog.get_logger()

_REST = timedelta(minutes=15)
"""How long a hub that refuses us is not asked for news."""


class StatusPoller:
    """Polls one hub."""

    def __init__(
        self,
        name: str,
        hub: Hub,
        client: HubClient,
        *,
        hearing: Hearing,
        store: Store,
        health: Health,
        clock: Clock,
    ) -> None:
        self._name = name
        self._hub = hub
        self._client = client
        self._hearing = hearing
        self._store = store
        self._health = health
        self._clock = clock
        self._rests_until: datetime | None = None

    async def step(self) -> bool:
        """One question; says whether the hub has more to tell."""
        profile = self._hub.profile
        if not profile.polled:
            return False
        async with self._store.reading() as connection:
            row = (await connection.execute(select(t.hubs).where(t.hubs.c.destination == self._name))).one_or_none()
        if row is None or row.stopped is not None or row.paused is not None or self._rests():
            return False
        if resting_until(self._hub.rests, self._clock()) is not None:
            return False
        if profile.template("changes") is not None:
            return await self._changes(row.cursor)
        return await self._standing(row.cursor)

    async def _changes(self, before: str | None) -> bool:
        """What changed since a cursor."""
        answer = await self._ask("changes", {"cursor": before})
        if answer is None:
            return False
        changed = self._hub.profile.answers.changed(answer)
        if isinstance(changed, Meaning):
            self._trouble(changed.reason)
            return False
        self._health.well(self._part)
        changes, cursor, more = changed
        if cursor == before:
            return False
        await self._write(changes, before, cursor)
        return more

    async def _standing(self, before: str | None) -> bool:
        """Where the next reports of a round stand."""
        model = self._hub.profile.model
        assert model.standing is not None  # noqa: S101 there is a template of it
        async with self._store.reading() as connection:
            some = await standing.page(connection, self._name, before, model.standing.batch, self._clock())
        changes: list[FoundChange] = []
        if some.known:
            answer = await self._ask("standing", {"tracking_ids": sorted(some.known)})
            if answer is None:
                return False
            found = self._hub.profile.answers.standing(answer)
            if isinstance(found, Meaning):
                self._trouble(found.reason)
                return False
            self._health.well(self._part)
            changes = standing.news(found, some.known, self._name, model.statuses, self._clock())
        if changes or some.next != before:
            await self._write(changes, before, some.next)
        return some.next is not None

    async def _ask(self, operation: str, document: dict[str, Any]) -> HubAnswer | None:
        template = self._hub.profile.templates[operation]
        try:
            request = template.render({**document, "settings": dict(self._hub.settings)}, self._hub.context)
        except MappingError as error:
            self._trouble(f"the profile's question cannot be made: {error}")
            return None
        answer = await self._client.ask(request, operation)
        if isinstance(answer, HubAnswer):
            return answer
        if isinstance(answer, Stop):
            # A login that is refused again and again locks accounts.
            self._rests_until = self._clock() + _REST
        self._trouble(answer.reason)
        return None

    def _rests(self) -> bool:
        return self._rests_until is not None and self._clock() < self._rests_until

    @property
    def _part(self) -> str:
        return f"dispatcher.news.{self._name}"

    def _trouble(self, reason: str) -> None:
        if self._health.problem(self._part, f"no news from the hub: {reason}"):
            log.warning("no_news", hub=self._name, reason=reason)

    async def _write(self, changes: Sequence[FoundChange], before: str | None, cursor: str | None) -> None:
        async with self._store.writing() as connection:
            moved = await connection.execute(
                update(t.hubs)
                .where(
                    t.hubs.c.destination == self._name,
                    t.hubs.c.cursor.is_(None) if before is None else t.hubs.c.cursor == before,
                )
                .values(cursor=cursor)
            )
            if moved.rowcount != 1:
                return  # another process has told it
            heard = await self._hearing.write(connection, changes)
        self._hearing.count(heard)
        await self._hearing.publish(heard)
