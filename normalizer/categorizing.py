"""What an operator says that a complaint is about: it stands whatever the rules say, and is published again."""

import dataclasses
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.parts import open_parts, seal_parts
from runtime.sealing.protocol import Sealing


class Categorizing:
    """Gives complaints a category, within the caller's transaction."""

    def __init__(self, sealing: Sealing, topics: Collection[str]) -> None:
        self._sealing = sealing
        self._topics = topics

    async def set(self, connection: AsyncConnection, category: str, complaint_id: UUID, now: datetime) -> str:
        """Give a published complaint this category; what came of it, in words."""
        if category not in self._topics:
            return "there is no such category"
        c = t.complaints.c
        statement = select(c.message_id, c.state, c.parts).where(c.complaint_id == complaint_id).with_for_update()
        case = (await connection.execute(statement)).one_or_none()
        if case is None:
            return "no such complaint here"
        if case.state != "settled":
            return f"the complaint is {case.state}"
        before = open_parts(self._sealing, complaint_id, case.parts)
        after = [
            dataclasses.replace(part, category=category) if part.message_id == case.message_id else part
            for part in before
        ]
        if after == before:
            return "it has this category already"
        sealed = seal_parts(self._sealing, complaint_id, after)
        again = update(t.complaints).where(c.complaint_id == complaint_id)
        await connection.execute(again.values(parts=sealed, settles_at=now, version=c.version + 1))
        return f"category {category}"
