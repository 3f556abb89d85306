"""The outbox: what was committed reaches the log, through crashes at every step, at least once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from runtime.bus.protocol import BusUnavailable, Record
from runtime.store.engine import Store
from runtime.store.outbox import Outgoing

from .conftest import outbox

NOW = timedelta(0)


class Bus:
    """A log that may be away, for some topics."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.taken: list[tuple[str, bytes]] = []
        self.headers: list[dict[str, str]] = []

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        if topic in self.away:
            raise BusUnavailable(f"{topic} is away")
        self.taken += [(topic, record.value) for record in records]
        self.headers += [dict(record.headers) for record in records]


@pytest.fixture
def bus() -> Bus:
    return Bus()


async def write(store: Store, *events: Outgoing) -> list[Outgoing]:
    async with store.writing() as connection:
        await outbox.write(connection, events)
    return list(events)


async def waiting(store: Store) -> int:
    async with store.reading() as connection:
        return await outbox.waiting(connection)


def event(value: bytes, topic: str = "keluhan") -> Outgoing:
    return Outgoing(topic, "k", value)


async def test_published_events_leave_the_table(store: Store, bus: Bus) -> None:
    events = await write(store, *(event(b"%d" % n) for n in range(1200)))
    assert await waiting(store) == 1200
    await outbox.publish(store, bus, events)  # type: ignore[arg-type]  # publishing is all it needs
    assert [value for _, value in bus.taken] == [b"%d" % n for n in range(1200)]
    assert await waiting(store) == 0


async def test_what_was_rolled_back_is_not_published(store: Store, bus: Bus) -> None:
    twice = event(b"x")
    with pytest.raises(IntegrityError):
        await write(store, twice, twice)
    assert await outbox.sweep(store, bus, older_than=NOW) == 0  # type: ignore[arg-type]
    assert bus.taken == []


async def test_a_crash_after_the_commit_leaves_it_to_the_sweeper(store: Store, bus: Bus) -> None:
    await write(store, event(b"satu"), event(b"dua", "jawaban"))
    assert await outbox.sweep(store, bus) == 0, "what is young is still on its way"  # type: ignore[arg-type]
    assert await outbox.sweep(store, bus, older_than=NOW) == 2  # type: ignore[arg-type] # a bus that keeps what comes
    assert sorted(bus.taken) == [("jawaban", b"dua"), ("keluhan", b"satu")]
    assert await waiting(store) == 0


async def test_its_trace_survives_a_crash(store: Store, bus: Bus) -> None:
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    await write(store, Outgoing("keluhan", "k", b"satu", headers), event(b"dua"))
    assert await outbox.sweep(store, bus, older_than=NOW) == 2  # type: ignore[arg-type] # a bus that keeps what comes
    traced = {value: each for (_, value), each in zip(bus.taken, bus.headers, strict=True)}
    assert traced == {b"satu": headers, b"dua": {}}


async def test_a_crash_after_publishing_publishes_again(store: Store, bus: Bus) -> None:
    (left,) = await write(store, event(b"satu"))
    await bus.publish(left.topic, [Record(left.key, left.value)])  # and here the process is killed
    assert await outbox.sweep(store, bus, older_than=NOW) == 1  # type: ignore[arg-type]
    assert bus.taken == [("keluhan", b"satu")] * 2
    assert await outbox.sweep(store, bus, older_than=NOW) == 0  # type: ignore[arg-type]


async def test_an_absent_log_keeps_its_events_and_only_those(store: Store, bus: Bus) -> None:
    events = await write(store, event(b"satu"), event(b"dua", "jawaban"))
    bus.away = {"jawaban"}
    with pytest.raises(BusUnavailable, match="jawaban is away"):
        await outbox.publish(store, bus, events)  # type: ignore[arg-type]
    assert await waiting(store) == 1
    bus.away = set()
    assert await outbox.sweep(store, bus, older_than=NOW) == 1  # type: ignore[arg-type]
    assert bus.taken == [("keluhan", b"satu"), ("jawaban", b"dua")]


async def test_nothing_to_do_touches_nothing(store: Store, bus: Bus) -> None:
    await write(store)
    await outbox.publish(store, bus, [])  # type: ignore[arg-type]
    assert bus.taken == []


async def test_any_bytes_go_through(store: Store, bus: Bus) -> None:
    await write(store, event(b"\x00\xff" * 1000))
    await outbox.sweep(store, bus, older_than=NOW)  # type: ignore[arg-type]
    assert bus.taken == [("keluhan", b"\x00\xff" * 1000)]
