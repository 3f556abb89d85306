"""What became of the files that messages only name, as the fetch queue tells it. Reads only."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from connectors.media.tables import JOBS, job_id
from runtime.store.engine import Store
from runtime.store.statements import chunks
from runtime.telemetry.story import Step

SERVICE = "connectors"
_MOST = 32
"""Files of one message that are looked for."""


async def trace(store: Store, messages: Collection[UUID]) -> list[Step]:
    """One step for each file that was asked for."""
    j = JOBS.c
    numbers = {job_id(message, number): number for message in messages for number in range(_MOST)}
    rows: list[Row[Any]] = []
    async with store.reading() as connection:
        for some in chunks(list(numbers)):
            rows += await connection.execute(select(JOBS).where(j.delivery_id.in_(some)))
    rows.sort(key=lambda row: (row.created_at, row.delivery_id))
    return [
        Step(
            row.finished_at or row.created_at,
            SERVICE,
            f"file {row.state}",
            " · ".join(
                filter(None, (f"number {numbers[row.delivery_id]}", f"tries: {row.attempts}", row.reason)),
            ),
        )
        for row in rows
    ]
