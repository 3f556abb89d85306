"""What the servers can do when nobody thinks: read, insert the same rows in bulk, publish, and commit.

The rows are those that the normalizer writes for a fresh complaint, with parts and documents of real ones; none of the
work is done that makes them. The inbox is idempotent, since without that nothing survives a redelivery.
"""

import gc
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]
from sqlalchemy import Table, select

from benchmarks.services import Room
from normalizer import tables as t
from runtime.bus.kafka_settings import KafkaSettings
from runtime.bus.protocol import Record
from runtime.store.engine import Store
from schemas.topics import COMPLAINTS, RAW

BATCH = 500
_INBOX = """\
INSERT INTO normalizer_inbox (message_id, attempt, partition, "offset")
SELECT * FROM unnest($1::varchar[], $2::int[], $3::int[], $4::bigint[]) ON CONFLICT DO NOTHING RETURNING message_id"""
_POSITION = """\
INSERT INTO normalizer_positions (topic, partition, position) VALUES ($1, $2, $3)
ON CONFLICT (topic, partition) DO UPDATE SET position = excluded.position"""


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows and events of a real run, to be written again and again."""

    complaints: Sequence[Mapping[str, Any]]
    events: Sequence[bytes]

    @classmethod
    async def of(cls, store: Store, events: Sequence[bytes]) -> "Samples":
        """What stands in a store, as the driver writes it."""
        async with store.reading() as connection:
            statement = select(t.complaints).where(t.complaints.c.document.is_not(None)).limit(300)
            rows = [dict(row) for row in (await connection.execute(statement)).mappings()]
        bind = {
            column.name: column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
            for column in t.complaints.columns
        }
        plain = [{name: (bind[name] or _same)(value) for name, value in row.items()} for row in rows]
        return cls(plain, events)


def _same(value: object) -> object:
    return value


class Ceiling:
    """The bare client."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    async def run(self, room: Room, records: Sequence[Record], *, warm: int) -> float:
        """Records a second, of those after the first `warm`."""
        await room.bus.publish(RAW.name, records)
        settings = KafkaSettings.from_url(room.bus_url)
        raw, complaints = settings.prefix + RAW.name, settings.prefix + COMPLAINTS.name
        consumer = AIOKafkaConsumer(
            raw, bootstrap_servers=list(settings.servers), group_id=f"{settings.prefix}bare",
            auto_offset_reset="earliest", enable_auto_commit=False, fetch_max_bytes=16 * 2**20,
        )  # fmt: skip
        producer = AIOKafkaProducer(
            bootstrap_servers=list(settings.servers), acks="all", enable_idempotence=True, compression_type="lz4",
            max_batch_size=2**20,
        )  # fmt: skip
        connection = await asyncpg.connect(room.database)
        await consumer.start()
        await producer.start()
        done, started, first = 0, 0.0, 0
        try:
            partitions = sorted(await producer.partitions_for(complaints))
            while done < len(records):
                got = await consumer.getmany(
                    timeout_ms=500, max_records=BATCH if done >= warm else min(BATCH, warm - done)
                )
                if not got:
                    continue
                new = await self._write(connection, got)
                await self._publish(producer, complaints, partitions, new)
                await consumer.commit({partition: found[-1].offset + 1 for partition, found in got.items()})
                done += sum(map(len, got.values()))
                if not first and done >= warm:
                    gc.collect()
                    first, started = done, time.perf_counter()
            return (done - first) / (time.perf_counter() - started)
        finally:
            await consumer.stop()
            await producer.stop()
            await connection.close()

    async def _write(self, connection: Any, got: Mapping[TopicPartition, Sequence[Any]]) -> int:  # noqa: ANN401 asyncpg has no types
        """Returns how many were new."""
        inbox: list[tuple[str, int, int, int]] = []
        messages: list[tuple[Any, ...]] = []
        complaints: list[tuple[Any, ...]] = []
        now = time.time_ns() // 1000
        samples = self._samples.complaints
        for partition, found in got.items():
            for each in found:
                raw = orjson.loads(each.value)
                key = raw["message_id"]
                inbox.append((key, 0, partition.partition, each.offset))
                message = {
                    "message_id": key, "state": "complaint", "attempt": 0, "requested_attempt": 0, "complaint_id": key,
                    "agency": raw["agency"], "channel": raw["channel"], "source": raw["source"], "received_at": now,
                    "raw": each.value,
                }  # fmt: skip
                messages.append(tuple(message[column] for column in _columns(t.messages)))
                own = {"complaint_id": key, "message_id": key, "conversation": raw["conversation"]}
                sample = {**samples[len(complaints) % len(samples)], **own}
                complaints.append(tuple(sample[column] for column in _columns(t.complaints)))
        async with connection.transaction():
            new = {row[0] for row in await connection.fetch(_INBOX, *map(list, zip(*inbox, strict=True)))}
            if len(new) < len(inbox):
                messages, complaints = _first(messages, t.messages, new), _first(complaints, t.complaints, new)
            for table, rows in ((t.messages, messages), (t.complaints, complaints)):
                await connection.copy_records_to_table(table.name, records=rows, columns=_columns(table))
            for partition, found in got.items():
                await connection.execute(_POSITION, RAW.name, partition.partition, found[-1].offset + 1)
        return len(new)

    async def _publish(self, producer: Any, topic: str, partitions: Sequence[int], count: int) -> None:  # noqa: ANN401 aiokafka has no types
        """One event for each, in as few requests as can be."""
        events = self._samples.events
        share = -(-count // len(partitions))
        waiting = []
        for place, partition in enumerate(partitions):
            batch = producer.create_batch()
            for number in range(place * share, min(count, (place + 1) * share)):
                event = events[number % len(events)]
                if batch.append(key=b"%036d" % number, value=event, timestamp=None) is None:
                    waiting.append(await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    batch.append(key=b"%036d" % number, value=event, timestamp=None)
            if batch.record_count():
                waiting.append(await producer.send_batch(batch, topic, partition=partition))
        for each in waiting:
            await each


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _first(rows: Sequence[tuple[Any, ...]], table: Table, new: Collection[str]) -> list[tuple[Any, ...]]:
    """Of rows with a message that is new, the first of each."""
    place = _columns(table).index("message_id")
    return list({row[place]: row for row in reversed(rows) if row[place] in new}.values())
