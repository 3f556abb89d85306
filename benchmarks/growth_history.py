"""Years of history: rows that real messages left in all tables, copied by the database under new ids and times.

What a search for duplicates can still find has its keys, its documents and its sealed parts whole, so that it can be
compared with, merged into and linked to. Of what is older the long texts are cut: no step reads them any more, and the
row, its identities, its states and its places in every index are what they would be.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Column, String, Table

from dispatcher import tables as sent
from normalizer import tables as known
from normalizer.dedup.scoring import Judge
from normalizer.parts import open_parts, seal_parts
from portal import tables as shown
from runtime.sealing.protocol import Sealing
from runtime.store.positions import PositionTable
from runtime.store.types import Id, Moment
from schemas.topics import COMPLAINTS, RAW, STATUSES

PER_YEAR = 1_000_000
"""Messages a year, at which the history came in."""
DISTRICTS = 50
"""Of so many copies of one message one is told in the very words of the original, and the others elsewhere."""
_YEAR = 365.25 * 86400
_OWN = 1000
"""Added to the numbers of partitions: history stands on partitions that no log has."""
_APART = 1_000_000
"""Offsets between two copies."""
_CUT = 300
"""Characters of a text that nobody reads any more."""
_LONG = {"raw", "parts", "document", "features", "request", "answer"}
_COPIED: Sequence[Table] = (
    known.inbox, known.redeliveries, known.messages, known.complaints, known.supporters, known.ignored,
    known.dead_letters, known.statuses, known.dedup.reports, known.dedup.keys,
    sent.complaints, sent.routes, sent.deliveries, sent.deadlines, shown.complaints, shown.feed,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """What stands there now."""

    messages: int
    gibibytes: float
    """Of the whole database."""


async def grow(url: str, messages: int, sealing: Sealing) -> Loaded:
    """Copy what a database holds until it holds so many messages. `url` is for asyncpg; nothing else may be at work."""
    connection = await asyncpg.connect(url)
    try:
        for name, value in (("synchronous_commit", "off"), ("maintenance_work_mem", "'256MB'"), ("work_mem", "'64MB'")):
            await connection.execute(f"SET {name} = {value}")
        here = int(await connection.fetchval("SELECT count(*) FROM normalizer_messages"))
        copies = max(0, round(messages / here) - 1)
        if copies:
            await _plan(connection, here, copies, sealing)
            rules = await _take_rules(connection)
            for table in _COPIED:
                await connection.execute(_copy(table))
            await _note_positions(connection, copies)
            for rule in rules:
                await connection.execute(rule)
        await connection.execute("VACUUM (ANALYZE)")
        total = int(await connection.fetchval("SELECT count(*) FROM normalizer_messages"))
        size = int(await connection.fetchval("SELECT pg_database_size(current_database())"))
        return Loaded(total, size / 2**30)
    finally:
        await connection.close()


async def _plan(connection: asyncpg.Connection, here: int, copies: int, sealing: Sealing) -> None:
    """Which copies there will be: how long ago, whether still to be found, and in whose words."""
    window = 2 * Judge().weights.longest_window * 86400
    step = here / PER_YEAR * _YEAR
    await connection.execute(
        "CREATE TEMP TABLE growth_copies (n bigint, ago bigint, found boolean, whole boolean, district bigint)"
    )
    rows = []
    for n in range(1, copies + 1):
        ago, district = round(n * step), n % DISTRICTS
        found = ago < window
        rows.append((n, ago, found, found and district == 0, _district(district)))
    await connection.copy_records_to_table("growth_copies", records=rows)
    await connection.execute("CREATE TEMP TABLE growth_parts (id text, parts text)")
    kept = await connection.fetch("SELECT complaint_id, parts FROM normalizer_complaints")
    whole = [n for n, _, _, is_whole, _ in rows if is_whole]
    await connection.copy_records_to_table("growth_parts", records=list(_sealed_anew(kept, whole, sealing)))
    await connection.execute(
        "CREATE TEMP TABLE growth_keys AS SELECT complaint_id, array_agg(key) AS keys"
        " FROM normalizer_candidate_keys GROUP BY complaint_id"
    )
    for table in ("growth_copies", "growth_parts", "growth_keys"):
        await connection.execute(f"ANALYZE {table}")


def _district(number: int) -> int:
    """What turns a key into another one, the same for all keys of a district; 0 leaves it."""
    if number == 0:
        return 0
    return int.from_bytes(hashlib.blake2b(str(number).encode(), digest_size=8).digest()) >> 1


def _sealed_anew(kept: Sequence[Mapping[str, str]], copies: Sequence[int], sealing: Sealing) -> list[tuple[str, str]]:
    opened = {row["complaint_id"]: open_parts(sealing, UUID(row["complaint_id"]), row["parts"]) for row in kept}
    return [
        (str(new), seal_parts(sealing, new, parts))
        for n in copies
        for old, parts in opened.items()
        for new in [UUID(hashlib.md5(f"{old}{n}".encode(), usedforsecurity=False).hexdigest())]
    ]


async def _take_rules(connection: asyncpg.Connection) -> list[str]:
    """Takes indexes and keys away, and returns the statements that make them again: sorted once is quicker."""
    names = [table.name for table in _COPIED]
    rules = await connection.fetch(
        "SELECT conrelid::regclass::text AS belongs, conname AS name, pg_get_constraintdef(oid) AS says"
        " FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid::regclass::text = ANY($1)",
        names,
    )
    again = []
    for rule in rules:
        await connection.execute(f"ALTER TABLE {rule['belongs']} DROP CONSTRAINT {rule['name']}")
        again.append(f"ALTER TABLE {rule['belongs']} ADD CONSTRAINT {rule['name']} {rule['says']}")
    for index in await connection.fetch("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1)", names):
        await connection.execute(f"DROP INDEX {index['indexname']}")
        again.append(index["indexdef"])
    return again


def _copy(table: Table) -> str:
    """One statement for all copies of a table's rows."""
    values = ", ".join(_value(table, column) for column in table.columns)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    joined = ""
    if table is known.complaints:
        joined = f" LEFT JOIN growth_parts p ON p.id = {_new('complaint_id')}"
    if table is known.dedup.reports:
        joined = " LEFT JOIN growth_keys k ON k.complaint_id = r.complaint_id"
    # Nothing is written into the statement but names and rules of our own.
    only = " WHERE c.found" if table is known.dedup.keys else ""
    source = f"growth_copies c CROSS JOIN {table.name} r{joined}{only}"
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {source}"  # noqa: S608 names of our own tables


def _value(table: Table, column: Column[object]) -> str:  # noqa: PLR0911 a table in words
    """What a copy has in a column."""
    name = column.name
    special = _SPECIAL.get((table.name, name))
    if special is not None:
        return special
    if name == "partition":
        return f"r.partition + {_OWN}"
    if name == "offset":
        return f'r."offset" + c.n * {_APART}'
    if isinstance(column.type, Id) or (name == "complaint_id" and isinstance(column.type, String)):
        return _new(name)
    if isinstance(column.type, Moment):
        return f"r.{name} - c.ago * 1000000"
    if name == "document":
        return f"CASE WHEN c.whole THEN {_renamed('document')} ELSE left(r.document, {_CUT}) END"
    if name in _LONG:
        return f"substr(r.{name}, 1, {_CUT})"
    return f'r."{name}"'


def _new(name: str) -> str:
    return f"md5(r.{name} || c.n)::uuid::text"


def _renamed(name: str) -> str:
    return f"replace(r.{name}, r.complaint_id, {_new('complaint_id')})"


_FEED = "(SELECT last FROM portal_counter)"
_SPECIAL: Mapping[tuple[str, str], str] = {
    ("normalizer_complaints", "parts"): f"coalesce(p.parts, left(r.parts, {_CUT}))",
    ("normalizer_complaints", "conversation"): "md5(r.conversation || c.n)",
    ("normalizer_reports", "sent_at"): "r.sent_at - c.ago",
    ("normalizer_reports", "stored_at"): "r.stored_at - c.ago",
    ("normalizer_reports", "key_count"): "CASE WHEN c.found THEN r.key_count ELSE 0 END",
    ("normalizer_reports", "key_list"): (
        "CASE WHEN c.found THEN coalesce((SELECT string_agg(int8send(key # c.district), ''::bytea)"
        " FROM unnest(k.keys) AS key), ''::bytea) ELSE ''::bytea END"
    ),
    ("normalizer_reports", "features"): (
        "CASE WHEN c.whole THEN regexp_replace("
        + _renamed("features")
        + ', \'"sent_at":"[^"]*"\', \'"sent_at":"\' || to_char(to_timestamp(r.sent_at - c.ago) AT TIME ZONE \'UTC\','
        " 'YYYY-MM-DD\"T\"HH24:MI:SS') || '+00:00\"')"
        f" ELSE left(r.features, {_CUT}) END"
    ),
    ("normalizer_candidate_keys", "key"): "r.key # c.district",
    ("normalizer_candidate_keys", "recency"): (
        "(((r.recency >> 16) - c.ago) << 16) | ('x' || right(md5(r.complaint_id || c.n), 4))::bit(16)::int"
    ),
    ("dispatcher_deliveries", "receipt"): "r.receipt || '-' || c.n",
    ("portal_complaints", "seq"): f"r.seq + c.n * {_FEED}",
    ("portal_feed", "seq"): f"r.seq + c.n * {_FEED}",
}


async def _note_positions(connection: asyncpg.Connection, copies: int) -> None:
    """What the books say was read, on the partitions of the history."""
    for positions, topics in (
        (known.positions, (RAW, STATUSES)),
        (sent.positions, (COMPLAINTS,)),
        (shown.positions, (COMPLAINTS,)),
    ):
        for topic in topics:
            await connection.execute(_position(positions), topic.name, copies)
    await connection.execute("UPDATE portal_counter SET last = last * ($1::bigint + 1)", copies)


def _position(positions: PositionTable) -> str:
    name = positions.table.name
    return (
        f"INSERT INTO {name} (topic, partition, position) SELECT $1::text, {_OWN}, sum(position) * $2::bigint"  # noqa: S608 names of our own tables
        f" FROM {name} WHERE topic = $1::text"
    )
