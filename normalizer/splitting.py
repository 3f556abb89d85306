"""A message that is taken out of the complaint that it joined: it founds one of its own, by an operator's word.

What corrects it, answers it or continues it goes with it. The new complaint is compared with nothing: a person has
decided. The old one is published again without it, so that each hub is corrected once.
"""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from normalizer import tables as t
from normalizer.parts import Part, open_parts, seal_parts
from normalizer.settling import parted
from normalizer.settling.composing import compose
from runtime.sealing.protocol import Sealing
from schemas.complaint import Complaint
from schemas.identity import complaint_id
from schemas.parts import Verdict

_ALONE = Verdict(reasons=("operator",), version="operator")


class Splitter:
    """Splits complaints, within the caller's transaction."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    async def split(self, connection: AsyncConnection, message_id: UUID, now: datetime) -> str | UUID:
        """Split a message out; what came of it in words, or the complaint that it founded itself."""
        m = t.messages.c
        message = (await connection.execute(select(t.messages).where(m.message_id == message_id))).one_or_none()
        if message is None:
            return "no such complaint here"
        if message.complaint_id is None:
            return f"the message is in no complaint: it is {message.state}"
        case = await _locked(connection, message.complaint_id)
        if case.message_id == message_id:
            owner: UUID = case.complaint_id
            return owner
        parts = open_parts(self._sealing, case.complaint_id, case.parts)
        gone = _with_its_own(parts, message_id)
        left = [part for part in parts if part not in gone]
        if (refusal := _refusal(case, gone, left)) is not None:
            return refusal
        known = _Known.of(case, parts)
        gone, left = [known.tell(part) for part in gone], [known.tell(part) for part in left]
        await self._found(connection, message, case, gone, now)
        await parted.part(connection, complaint_id(message_id), case.complaint_id, now)
        await connection.execute(
            update(t.complaints)
            .where(t.complaints.c.complaint_id == case.complaint_id)
            .values(
                parts=seal_parts(self._sealing, case.complaint_id, left),
                first_sent_at=min(part.sent_at for part in left),
                last_sent_at=max(part.sent_at for part in left),
                settles_at=now,
                version=t.complaints.c.version + 1,
            )
        )
        return f"split from {case.complaint_id}: complaint {complaint_id(message_id)}"

    async def _found(
        self,
        connection: AsyncConnection,
        message: Row[Any],
        case: Row[Any],
        gone: Sequence[Part],
        now: datetime,
    ) -> None:
        owner = complaint_id(message.message_id)
        founder, *more = gone
        parts = [dataclasses.replace(founder, reason="founder", refers_to=None), *more]
        row = {
            "complaint_id": owner,
            "message_id": message.message_id,
            "state": "gathering",
            "version": 1,
            "revision": 0,
            "agency": message.agency,
            "channel": message.channel,
            "source": message.source,
            "conversation": case.conversation,
            "gathering_since": now,
            "first_sent_at": min(part.sent_at for part in parts),
            "last_sent_at": max(part.sent_at for part in parts),
            "settles_at": now,
            "verdict": _ALONE.model_dump_json(),
            "unclear": False,
            "rahasia": False,
            "parts": seal_parts(self._sealing, owner, parts),
        }
        await connection.execute(insert(t.complaints), [row])
        ids = [part.message_id for part in gone]
        messages, supporters = t.messages.c, t.supporters.c
        await connection.execute(update(t.messages).where(messages.message_id.in_(ids)).values(complaint_id=owner))
        await connection.execute(update(t.supporters).where(supporters.message_id.in_(ids)).values(complaint_id=owner))
        await connection.execute(delete(t.supporters).where(supporters.message_id == message.message_id))
        alone = update(t.messages).where(messages.message_id == message.message_id)
        await connection.execute(alone.values(state="complaint"))


def _refusal(case: Row[Any], gone: Sequence[Part], left: Sequence[Part]) -> str | None:
    if case.state == "gathering":
        return f"complaint {case.complaint_id} still gathers its messages: split it when it is published"
    if not gone:
        return f"complaint {case.complaint_id} does not hold the message"
    if not any(part.message_id == case.message_id for part in left):
        return f"it is one message with that which founded complaint {case.complaint_id}"
    return None


async def _locked(connection: AsyncConnection, complaint: UUID) -> Row[Any]:
    statement = select(t.complaints).where(t.complaints.c.complaint_id == complaint).with_for_update()
    return (await connection.execute(statement)).one()


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """What any piece of a conversation told of its sender holds for all of them, also when they are apart."""

    name: str | None
    phone: str | None
    email: str | None
    anonim: bool
    rahasia: bool

    @classmethod
    def of(cls, case: Row[Any], parts: Sequence[Part]) -> "_Known":
        told = compose(parts)
        published = Complaint.model_validate_json(case.document) if case.document else None
        anonim = told.anonim or (published is not None and published.anonim)
        return cls(told.name, told.phone, told.email, anonim, told.rahasia or case.rahasia)

    def tell(self, part: Part) -> Part:
        """The part, by itself as silent and as masked as it was among the others."""
        mapped = dataclasses.replace(
            part.mapped,
            name=part.mapped.name or self.name,
            phone=part.mapped.phone or self.phone,
            email=part.mapped.email or self.email,
            anonim=self.anonim,
            rahasia=self.rahasia,
        )
        return dataclasses.replace(part, mapped=mapped)


def _with_its_own(parts: Sequence[Part], message_id: UUID) -> list[Part]:
    """A message's part, and what is one message with it: the rest of its album or SMS, what corrects or answers it.
    In the order of joining, the message itself first.
    """
    found = [part for part in parts if part.message_id == message_id]
    if found and (group := found[0].mapped.group):
        found += [part for part in parts if part.mapped.group == group and part not in found]
    names = {part.message_id for part in found}
    for part in parts:
        if part.refers_to in names and part.message_id not in names and part.reason != "founder":
            found.append(part)
            names.add(part.message_id)
    return found
