"""What services rely on, of every adapter."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping

import pytest

from runtime.bus.protocol import Bus, BusUnavailable, Gap, LogReplaced, Partition, Received, Record

from .conftest import TOPIC, TOPICS, Reader, letters, values

OpenBus = Callable[[], Awaitable[Bus]]


async def test_what_is_published_is_read_with_all_its_parts(bus: Bus) -> None:
    await bus.publish(TOPIC, [Record("k", b"halo", {"traceparent": "00-1-2-01", "nama": "é\U0001f30a"})])
    (found,) = await (await Reader(bus).begin()).all()
    assert (found.key, found.value, dict(found.headers)) == (
        "k",
        b"halo",
        {"traceparent": "00-1-2-01", "nama": "é\U0001f30a"},
    )
    assert found.partition.topic == TOPIC
    assert found.published_at > 1_700_000_000


async def test_a_key_stays_in_order_and_nothing_is_lost_among_many(bus: Bus) -> None:
    keys = [f"k{n}" for n in range(20)]

    async def talk(key: str) -> None:
        for n in range(10):
            await bus.publish(TOPIC, letters(n, key=key))

    await asyncio.gather(*(talk(key) for key in keys))
    heard = defaultdict(list)
    for record in await (await Reader(bus).begin()).all(limit=7):
        heard[record.key].append(int(record.value))
    assert heard == {key: list(range(10)) for key in keys}


async def test_a_key_stays_in_one_partition(bus: Bus) -> None:
    await bus.publish(TOPIC, [record for n in range(5) for key in "abcdefgh" for record in letters(n, key=key)])
    places = defaultdict(set)
    for record in await (await Reader(bus).begin()).all():
        places[record.key].add(record.partition.number)
    assert all(len(numbers) == 1 for numbers in places.values())


@pytest.mark.parametrize("value", [b"", b"\x00", b"a\x00b\xff\xfe", b"\xed\xa0\x80", b"x" * 5_000_000], ids=len)
async def test_a_value_comes_back_byte_for_byte(bus: Bus, value: bytes) -> None:
    await bus.publish(TOPIC, [Record("k", value), Record("k\x00é", b"next")])
    assert sorted(values(await (await Reader(bus).begin()).all()), key=len) == sorted([value, b"next"], key=len)


async def test_large_records_come_in_several_batches(bus: Bus) -> None:
    await bus.publish(TOPIC, [Record("k", bytes([n]) * 5_000_000) for n in range(8)])
    reader = await Reader(bus).begin()
    first = await reader.poll()
    assert 1 <= len(first) < 8
    assert [record.value[0] for record in [*first, *await reader.all()]] == list(range(8))


async def test_a_batch_holds_no_more_than_asked_for(bus: Bus) -> None:
    await bus.publish(TOPIC, [record for n in range(10) for record in letters(n, key=f"k{n}")])
    reader = await Reader(bus).begin()
    sizes = []
    while batch := await reader.poll(limit=3):
        sizes.append(len(batch))
    assert max(sizes) <= 3
    assert sum(sizes) == 10


async def test_no_partition_waits_for_ever_behind_a_busy_one(open_bus: OpenBus) -> None:
    bus = await open_bus()
    if len(await bus.ends(TOPIC)) == 1:
        pytest.skip("there is one partition")
    keys = {record.key: record.partition.number for record in await _spread(bus)}
    loud, quiet = next((a, b) for a in keys for b in keys if keys[a] != keys[b])
    reader = await Reader(bus, positions=dict(await bus.ends(TOPIC))).begin()
    await bus.publish(TOPIC, letters("pelan", key=quiet))
    heard: list[bytes] = []
    for _ in await bus.ends(TOPIC):
        await bus.publish(TOPIC, letters(*range(20), key=loud))
        heard += values(await reader.poll(limit=10))
    assert b"pelan" in heard


async def _spread(bus: Bus) -> list[Received]:
    await bus.publish(TOPIC, [record for n in range(16) for record in letters(n, key=f"k{n}")])
    return await (await Reader(bus).begin()).all()


async def test_durable_positions_outrank_everything(open_bus: OpenBus) -> None:
    bus = await open_bus()
    await bus.publish(TOPIC, letters("satu", "dua", "tiga"))
    first = await Reader(bus).begin()
    (place,) = {record.partition for record in await first.all()}
    assert first.consumer is not None
    await first.consumer.commit({place: 3})
    await first.consumer.close()
    again = await Reader(bus, positions={place: 1}, group=first.group).begin()
    assert values(await again.all()) == [b"dua", b"tiga"]


async def test_without_a_position_it_is_read_from_the_start(open_bus: OpenBus) -> None:
    bus = await open_bus()
    await bus.publish(TOPIC, letters("lama"))
    await bus.close()
    assert values(await (await Reader(await open_bus()).begin()).all()) == [b"lama"]


async def test_rewinding_goes_back_to_the_durable_positions(bus: Bus) -> None:
    await bus.publish(TOPIC, letters(*range(6)))
    reader = await Reader(bus).begin()
    await reader.poll(limit=2)
    assert reader.consumer is not None
    lost = await reader.consumer.poll(3, 0)  # its transaction fails: the positions stay
    assert [values(records) for records in lost.values()] == [[b"2", b"3", b"4"]]
    await reader.consumer.rewind()
    assert values(await reader.all()) == [b"2", b"3", b"4", b"5"]


async def test_a_topic_is_no_other_topic(bus: Bus) -> None:
    await bus.publish(TOPICS[1], letters("jawab"))
    assert await (await Reader(bus).begin()).all() == []
    assert values(await (await Reader(bus).begin(*TOPICS)).all()) == [b"jawab"]


async def test_bounds_tell_how_much_there_is(bus: Bus) -> None:
    await bus.publish(TOPIC, [record for n in range(9) for record in letters(n, key=f"k{n}")])
    assert sum((await bus.ends(TOPIC)).values()) == 9
    assert set((await bus.starts(TOPIC)).values()) == {0}
    assert await bus.faults() == []


async def test_a_waiting_consumer_is_woken_at_once(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.bus.embedded_consumer._LOOK_AGAIN", 3600.0)
    reader = await Reader(bus).begin()
    polling = asyncio.create_task(reader.poll(wait=3600))
    await asyncio.sleep(0)
    await bus.publish(TOPIC, letters("bangun"))
    async with asyncio.timeout(30):
        assert values(await polling) == [b"bangun"]


async def test_a_consumer_that_finds_nothing_says_so_in_time(bus: Bus) -> None:
    reader = await Reader(bus).begin()
    async with asyncio.timeout(30):
        assert await reader.poll(wait=0.05) == []


async def test_a_position_beyond_the_end_is_another_log(bus: Bus) -> None:
    await bus.publish(TOPIC, letters("satu"))
    (place,) = {record.partition for record in await (await Reader(bus).begin()).all()}
    with pytest.raises(LogReplaced, match=r"ends at 1, but records up to 5 had been read.*[Rr]estore"):
        await Reader(bus, positions={place: 5}).begin()
    # It must not grow past the position: those records would never be read.
    with pytest.raises(LogReplaced, match="ends at 1"):
        await bus.publish(TOPIC, letters("dua"))


async def test_a_record_that_another_reader_took_meanwhile_makes_no_other_log(bus: Bus) -> None:
    reader = Reader(bus)

    async def known_late(partitions: Collection[Partition]) -> Mapping[Partition, int]:
        """Another reader of the group takes a record between the look at the log and that at the positions."""
        if not reader.positions:
            await bus.publish(TOPIC, letters("satu"))
            reader.positions |= {place: end for place, end in (await bus.ends(TOPIC)).items() if end}
        return await reader.known(partitions)

    consumer = await bus.subscribe(reader.group, [TOPIC], known_late, reader.on_gap)
    await consumer.poll(10, 0)
    await bus.publish(TOPIC, letters("dua"))
    assert sum((await bus.ends(TOPIC)).values()) == 2, "the log takes nothing in any more"
    await consumer.close()


async def test_rewinding_notices_another_log_too(bus: Bus) -> None:
    await bus.publish(TOPIC, letters("satu"))
    reader = await Reader(bus).begin()
    (found,) = await reader.poll()
    reader.positions[found.partition] = 7
    assert reader.consumer is not None
    with pytest.raises(LogReplaced):
        await reader.consumer.rewind()


async def test_publishing_nothing_is_nothing(bus: Bus) -> None:
    await bus.publish(TOPIC, [])
    assert sum((await bus.ends(TOPIC)).values()) == 0


async def test_an_unknown_topic_is_refused_by_name(bus: Bus) -> None:
    with pytest.raises(BusUnavailable, match="no topic salah; it has jawaban, keluhan"):
        await bus.publish("salah", letters("x"))
    with pytest.raises(BusUnavailable, match="no topic salah"):
        await Reader(bus).begin("salah")
    await bus.publish(TOPIC, letters("y"))


async def test_a_closed_log_takes_nothing(bus: Bus) -> None:
    reader = await Reader(bus).begin()
    await bus.close()
    await bus.close()
    with pytest.raises(BusUnavailable, match="closed"):
        await bus.publish(TOPIC, letters("x"))
    with pytest.raises(BusUnavailable, match="closed"):
        await reader.poll()


async def test_a_gap_is_reported_once_and_skipped(bus: Bus) -> None:
    pruned = await _pruned(bus, 4)
    reader = await Reader(bus, positions={pruned: 1}).begin()
    assert reader.gaps == [Gap(pruned, 1, 4)]
    assert reader.consumer is not None
    await reader.consumer.rewind()
    assert values(await reader.all()) == [b"4", b"5"]
    assert len(reader.gaps) == 1


async def test_a_gap_that_could_not_be_recorded_is_reported_again(bus: Bus) -> None:
    pruned = await _pruned(bus, 4)
    reader = Reader(bus)
    attempts = []

    async def fails_once(gap: Gap) -> None:
        attempts.append(gap)
        if len(attempts) == 1:
            raise OSError("the store is away")
        await reader.on_gap(gap)

    with pytest.raises(OSError, match="the store is away"):
        await bus.subscribe("dinas", [TOPIC], reader.known, fails_once)
    reader.consumer = await bus.subscribe("dinas", [TOPIC], reader.known, fails_once)
    assert attempts == [Gap(pruned, 0, 4)] * 2
    assert values(await reader.all()) == [b"4", b"5"]


async def _pruned(bus: Bus, floor: int) -> Partition:
    await bus.publish(TOPIC, letters(*range(6)))
    (place,) = [partition for partition, end in (await bus.ends(TOPIC)).items() if end]
    assert await bus.prune(TOPIC, float("inf"), {place: floor}) == floor  # type: ignore[attr-defined]
    return place
