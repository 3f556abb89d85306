"""The normalizer's part of the ledger: each term counted from its own table, and the equations between them."""

from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from normalizer import tables as t
from normalizer.dedup.index import CandidateIndex
from normalizer.origin import ONLY, origin
from runtime.store.engine import Store
from schemas.ledger import Check, ServiceLedger
from schemas.topics import COMMANDS, MEDIA, RAW, STATUSES

_BY_MERGE = ("same_report", "operator")
"""Why a complaint's founder supports another complaint; all other supporters never founded one."""


async def read(store: Store) -> ServiceLedger:
    """Count everything in one consistent view."""
    async with store.reading() as connection:
        return await _read(connection, CandidateIndex(t.dedup))


async def _read(connection: AsyncConnection, index: CandidateIndex) -> ServiceLedger:
    async def count(table: Table, *where: ColumnElement[bool]) -> int:
        return int((await connection.execute(select(func.count()).select_from(table).where(*where))).scalar_one())

    m, c = t.messages.c, t.complaints.c
    by_state = await connection.execute(select(m.state, func.count()).group_by(m.state))
    states: dict[str, int] = {row[0]: row[1] for row in by_state}
    live = await count(t.complaints, c.state != "merged")
    inbox = await count(t.inbox)
    first = func.count(t.inbox.c.message_id.distinct())
    replays = inbox - int((await connection.execute(select(first))).scalar_one())
    lost, lost_statuses, lost_commands, lost_media = [
        await t.positions.lost(connection, topic.name) for topic in (RAW, STATUSES, COMMANDS, MEDIA)
    ]
    counts = {
        "positions_raw": await t.positions.total(connection, RAW.name),
        "positions_statuses": await t.positions.total(connection, STATUSES.name),
        "positions_commands": await t.positions.total(connection, COMMANDS.name),
        "positions_media": await t.positions.total(connection, MEDIA.name),
        "lost": lost,
        "redelivered": await count(t.redeliveries),
        "replays": replays,
        "complaint": live,
        "merged": await count(t.supporters),
        "ignored": await count(t.ignored),
        "dead": await count(t.dead_letters),
        "received": await count(t.messages),
        "outbox": await t.outbox.waiting(connection),
        "receipts": await _receipts(connection),
        "files": await _files(connection),
        "unsettled": await count(t.complaints, c.settles_at.is_not(None)),
        "origin": await origin(connection),
        "published": await count(t.complaints, c.revision > 0),
        "revisions": int((await connection.execute(select(func.coalesce(func.sum(c.revision), 0)))).scalar_one()),
    }
    found = await index.counts(connection)
    compared = await count(t.complaints, c.state == "settled", c.rahasia.is_(False))
    return ServiceLedger(
        "normalizer",
        counts,
        checks=(
            Check(
                "records read = new + redelivered + lost",
                counts["positions_raw"],
                inbox + counts["redelivered"] + lost,
            ),
            Check("new records = messages + replays", inbox, counts["received"] + replays),
            Check("messages that founded = complaints that live", states.get("complaint", 0), live),
            Check("messages that joined = supporters", states.get("merged", 0), counts["merged"]),
            Check("messages ignored = rows of ignored", states.get("ignored", 0), counts["ignored"]),
            Check("messages dead = dead letters", states.get("dead", 0), counts["dead"]),
            Check(
                "statuses read = rows of statuses + lost",
                counts["positions_statuses"],
                await count(t.statuses) + lost_statuses,
            ),
            Check(
                "commands read = rows of commands + lost",
                counts["positions_commands"],
                await count(t.commands) + lost_commands,
            ),
            Check(
                "fetched files read = rows of media + lost",
                counts["positions_media"],
                await count(t.media) + lost_media,
            ),
            Check(
                "origins of revisions = 1 since something was published",
                await count(t.origins),
                max(await count(t.origins, t.origins.c.number == ONLY), int(counts["published"] > 0)),
            ),
            Check(
                "pairs kept apart = the same pairs the other way round", await count(t.parted), await _both(connection)
            ),
            Check("events waiting = events that differ", counts["outbox"], await t.outbox.differing(connection)),
            Check(
                "complaints settled = reports to compare with",
                compared,
                found["reports"],
            ),
            Check("keys of the reports = rows of candidate keys", found["expected_keys"], found["keys"]),
            Check(
                "complaints merged = their founders among supporters",
                await count(t.complaints, c.state == "merged"),
                await count(t.supporters, t.supporters.c.reason.in_(_BY_MERGE)),
            ),
        ),
        faults=tuple(
            f"{number} records of {topic.name} left the log before they were read: its retention is too short"
            for topic, number in ((STATUSES, lost_statuses), (COMMANDS, lost_commands), (MEDIA, lost_media))
            if number
        ),
    )


async def _receipts(connection: AsyncConnection) -> int:
    """Pairs of a complaint and a hub that has it, however often the hub or we said so."""
    s = t.statuses.c
    pairs = select(s.complaint_id, s.hub).where(s.kind == "receipt").distinct().subquery()
    return int((await connection.execute(select(func.count()).select_from(pairs))).scalar_one())


async def _files(connection: AsyncConnection) -> int:
    """Files that were fetched after acceptance, each once, however often it was told."""
    m = t.media.c
    files = select(m.message_id, m.number).where(m.message_id != UUID(int=0)).distinct().subquery()
    return int((await connection.execute(select(func.count()).select_from(files))).scalar_one())


async def _both(connection: AsyncConnection) -> int:
    """Pairs that an operator keeps apart, where each of the two names the other."""
    one, other = t.parted.alias(), t.parted.alias()
    mirrored = (one.c.complaint_id == other.c.other) & (one.c.other == other.c.complaint_id)
    statement = select(func.count()).select_from(one.join(other, mirrored))
    return int((await connection.execute(statement)).scalar_one())
