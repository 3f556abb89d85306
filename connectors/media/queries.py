"""What operators ask of the fetch queue's tables. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from connectors.media.tables import JOBS
from connectors.media.wanting import Job
from runtime.sealing.protocol import Sealing, SealingError
from runtime.store.engine import Store


@dataclass(frozen=True, slots=True)
class WantedFile:
    """One file that a message only names, and where it stands."""

    id: UUID
    source: str
    state: str
    reason: str | None
    """Of the last try that failed."""
    attempts: int
    asked_at: datetime
    ended_at: datetime | None
    next_at: datetime
    object: str | None
    request: str | None
    """Sealed."""

    def job(self, sealing: Sealing) -> Job | None:
        """What is to be fetched; None when it cannot be read any more."""
        if self.request is None:
            return None
        try:
            return Job.model_validate_json(sealing.open(self.request, subject=str(self.id), field="request"))
        except SealingError:
            return None


async def files(
    store: Store, states: Collection[str], *, source: str | None = None, limit: int | None = None
) -> list[WantedFile]:
    """The newest files in these states."""
    j = JOBS.c
    statement = select(JOBS).where(j.state.in_(sorted(states)))
    if source is not None:
        statement = statement.where(j.destination == source)
    statement = statement.order_by(func.coalesce(j.finished_at, j.created_at).desc(), j.delivery_id).limit(limit)
    async with store.reading() as connection:
        return [_file(row) for row in await connection.execute(statement)]


async def file(store: Store, ident: UUID) -> WantedFile | None:
    """One file."""
    async with store.reading() as connection:
        row = (await connection.execute(select(JOBS).where(JOBS.c.delivery_id == ident))).one_or_none()
    return _file(row) if row is not None else None


def _file(row: Any) -> WantedFile:  # noqa: ANN401 a row
    return WantedFile(
        id=row.delivery_id,
        source=row.destination,
        state=row.state,
        reason=row.reason,
        attempts=row.attempts,
        asked_at=row.created_at,
        ended_at=row.finished_at,
        next_at=row.next_at,
        object=row.receipt,
        request=row.request,
    )
