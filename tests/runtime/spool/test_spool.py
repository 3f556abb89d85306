"""The log is away, in whatever way: what is published is durable all the same, and comes in order per key."""

# ruff: noqa: ASYNC240 - a test may wait for a file

import asyncio
import random
import sqlite3
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from runtime.bus.protocol import BusUnavailable, Record
from runtime.bus.spool import PART, SpoolingBus
from runtime.bus.spool_file import Spool, SpoolFull, SpoolLimits, SpoolTaken, look
from runtime.telemetry.health import Health

from .conftest import OTHER, TOPIC, FickleLog, OpenSpool, drained, letters

AWAY = ["refuses", "hangs", "confirmation lost", "confirmation never comes", "breaks off"]


async def test_a_log_that_is_well_has_it_at_once(open_spool: OpenSpool, log: FickleLog, path: Path) -> None:
    bus = await open_spool()
    await bus.publish(TOPIC, letters(1, 2))
    assert log.values() == ["1", "2"]
    assert bus.spooled() == 0
    assert (await look(path, [TOPIC])).depth == 0


@pytest.mark.parametrize("mode", AWAY)
async def test_an_outage_in_the_middle_of_traffic(open_spool: OpenSpool, log: FickleLog, mode: str) -> None:
    bus = await open_spool()
    keys = [f"k{n}" for n in range(8)]
    noise = random.Random(mode)

    async def talk(key: str) -> None:
        for n in range(0, 60, 2):
            await bus.publish(TOPIC, letters(n, n + 1, key=key))
            if noise.random() < 0.3:
                await asyncio.sleep(0.002)

    async def weather() -> None:
        for _ in range(4):
            await asyncio.sleep(0.02)
            log.mode = mode
            await asyncio.sleep(0.05)
            log.mode = "well"

    await asyncio.gather(weather(), *(talk(key) for key in keys))
    await drained(bus)
    assert log.by_key() == {key: list(range(60)) for key in keys}


@pytest.mark.parametrize("mode", AWAY)
async def test_nobody_waits_for_a_log_that_is_away(open_spool: OpenSpool, log: FickleLog, mode: str) -> None:
    bus = await open_spool(patience=0.3)
    log.mode = mode
    started = time.monotonic()
    await bus.publish(TOPIC, letters(0))
    for n in range(1, 50):
        await bus.publish(TOPIC, letters(n, key=f"k{n}"))
    assert time.monotonic() - started < 5, "one patience, not fifty"
    assert bus.spooled() == 50
    log.mode = "well"
    await drained(bus)
    assert set(map(int, log.values())) == set(range(50))


async def test_it_is_durable_when_publish_returns(open_spool: OpenSpool, log: FickleLog, path: Path) -> None:
    log.mode = "refuses"
    bus = await open_spool()
    await bus.publish(TOPIC, letters(1, 2))
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
        assert file.execute("SELECT value FROM records ORDER BY offset").fetchall() == [(b"1",), (b"2",)]
    file.close()
    assert (await look(path, [TOPIC])).depth == bus.spooled() == 2


async def test_the_same_bytes_and_headers_come_out(open_spool: OpenSpool, log: FickleLog) -> None:
    log.mode = "refuses"
    bus = await open_spool()
    record = Record("k\x00é", b"a\x00b\xff\xfe", {"traceparent": "00-1-2-01"})
    await bus.publish(TOPIC, [record])
    log.mode = "well"
    await drained(bus)
    [(_, found)] = log.records
    assert (found.key, found.value, dict(found.headers)) == (record.key, record.value, dict(record.headers))


async def test_later_records_of_a_key_go_behind_those_that_wait_and_others_do_not(
    open_spool: OpenSpool, log: FickleLog
) -> None:
    bus = await open_spool()
    log.refused = {"a"}
    await bus.publish(TOPIC, letters(1, key="a"))
    bus._away = False  # as if another publication had just gone through
    await bus.publish(TOPIC, letters(7, key="b"))
    assert log.values() == ["7"], "it did not wait for the others"
    bus._away = False
    log.refused = set()
    await bus.publish(TOPIC, letters(2, key="a"))
    await drained(bus)
    assert log.by_key() == {"a": [1, 2], "b": [7]}


async def test_two_at_the_same_time_keep_the_order_in_which_they_were_begun(
    open_spool: OpenSpool, log: FickleLog
) -> None:
    """The first one fails late, the second one would go through at once."""
    bus = await open_spool(patience=0.2)
    log.mode = "hangs"
    first = asyncio.create_task(bus.publish(TOPIC, letters(1)))
    await asyncio.sleep(0.02)
    log.mode = "well"
    second = asyncio.create_task(bus.publish(TOPIC, letters(2)))
    await asyncio.gather(first, second)
    await drained(bus)
    assert log.by_key() == {"a": [1, 2]}


async def test_whoever_gives_up_lets_nobody_overtake(open_spool: OpenSpool, log: FickleLog) -> None:
    bus = await open_spool(patience=0.3)
    log.mode = "hangs"
    first = asyncio.create_task(bus.publish(TOPIC, letters(1)))
    await asyncio.sleep(0.02)
    log.mode = "well"
    given_up = asyncio.create_task(bus.publish(TOPIC, letters(2)))
    third = asyncio.create_task(bus.publish(TOPIC, letters(3)))
    await asyncio.sleep(0.02)
    given_up.cancel()
    await asyncio.gather(first, third)
    await drained(bus)
    assert log.by_key() == {"a": [1, 3]}
    assert bus._turns._last == {}, "nothing is remembered of those who are done"


async def test_a_sender_that_hangs_up_while_spooling(open_spool: OpenSpool, log: FickleLog, path: Path) -> None:
    bus = await open_spool()
    log.mode = "refuses"
    await bus.publish(TOPIC, letters(0))
    leaving = asyncio.create_task(bus.publish(TOPIC, letters(1)))
    for _ in range(2):  # the writer has it, and has not confirmed it yet
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait({leaving})
    await bus.publish(TOPIC, letters(2))
    assert bus.spooled() == (await look(path, [TOPIC])).depth
    log.mode = "well"
    await drained(bus)
    assert log.by_key()["a"] == [0, 1, 2]
    assert bus._spool.size == 0


async def test_topics_that_are_not_spooled_fail_as_ever(open_spool: OpenSpool, log: FickleLog) -> None:
    bus = await open_spool()
    log.mode = "refuses"
    with pytest.raises(BusUnavailable, match="no broker answers"):
        await bus.publish(OTHER, letters(1))
    log.mode = "well"
    await bus.publish(OTHER, letters(2))
    assert log.values(OTHER) == ["2"]


async def test_a_record_that_the_log_might_never_take_is_not_spooled(open_spool: OpenSpool, log: FickleLog) -> None:
    """It would stand at the head for ever, and nothing behind it would come through."""
    bus = await open_spool(largest=100)
    log.mode = "refuses"
    with pytest.raises(BusUnavailable):
        await bus.publish(TOPIC, letters("x" * 101))
    await bus.publish(TOPIC, letters("x" * 100))
    assert bus.spooled() == 1


@pytest.mark.parametrize("limits", [SpoolLimits(records=10), SpoolLimits(bytes=10)], ids=["records", "bytes"])
async def test_a_full_spool_says_so_and_goes_on_by_itself(
    open_spool: OpenSpool, log: FickleLog, health: Health, limits: SpoolLimits
) -> None:
    bus = await open_spool(limits=limits)
    log.mode = "refuses"
    for n in range(10):
        await bus.publish(TOPIC, letters(n))
    with pytest.raises(SpoolFull, match="spool full: 10 records of 10 bytes wait for the log"):
        await bus.publish(TOPIC, letters(0))
    assert "nothing is accepted until the log is back" in health.problems[PART]
    log.mode = "well"
    await drained(bus)
    await bus.publish(TOPIC, letters(10))
    await drained(bus)
    assert log.by_key() == {"a": list(range(11))}
    assert health.problems == {}


async def test_a_spool_that_cannot_be_written_stops_nothing_while_the_log_is_well(
    open_spool: OpenSpool, log: FickleLog, path: Path
) -> None:
    bus = await open_spool()
    path.rename(path.with_name("elsewhere.db"))
    log.mode = "refuses"
    with pytest.raises(BusUnavailable, match="was removed or replaced"):
        await bus.publish(TOPIC, letters(1))
    log.mode = "well"
    await bus.publish(TOPIC, letters(2))
    assert log.values()[-1] == "2"


async def test_metrics_and_the_health_tell_of_a_drain_that_is_stuck(
    open_spool: OpenSpool, log: FickleLog, health: Health, registry: CollectorRegistry
) -> None:
    bus = await open_spool(registry=registry, stuck_after=0.2)
    log.mode = "refuses"
    assert registry.get_sample_value("muara_spool_oldest_age_seconds") == 0
    await bus.publish(TOPIC, letters(1, 2, 3))
    assert registry.get_sample_value("muara_spool_depth") == 3
    assert health.problems == {}, "a moment's outage is no problem of ours"
    async with asyncio.timeout(10):
        while not health.problems:  # noqa: ASYNC110 health is asked, not told
            await asyncio.sleep(0.01)
    assert health.problems[PART] == ("3 accepted records wait for the log; it does not take them: no broker answers")
    assert (registry.get_sample_value("muara_spool_oldest_age_seconds") or 0) > 0.2
    log.mode = "well"
    await drained(bus)
    assert registry.get_sample_value("muara_spool_depth") == 0
    assert registry.get_sample_value("muara_spool_oldest_age_seconds") == 0
    assert registry.get_sample_value("muara_spool_records_total") == 3
    assert registry.get_sample_value("muara_spool_drained_records_total") == 3
    assert health.problems == {}


async def test_what_waits_is_drained_by_the_next_process(open_spool: OpenSpool, log: FickleLog, path: Path) -> None:
    log.mode = "refuses"
    bus = await open_spool()
    await bus.publish(TOPIC, letters(*range(5)))
    await bus.close()
    registry = CollectorRegistry()
    again = await open_spool(registry=registry)
    assert again.spooled() == registry.get_sample_value("muara_spool_depth") == 5
    assert (registry.get_sample_value("muara_spool_oldest_age_seconds") or 0) > 0
    await again.publish(TOPIC, letters(5))
    log.mode = "well"
    await drained(again)
    assert log.by_key() == {"a": list(range(6))}


async def test_closing_does_not_wait_for_a_log_that_hangs(open_spool: OpenSpool, log: FickleLog) -> None:
    bus = await open_spool(drain_patience=60)
    log.mode = "hangs"
    await bus.publish(TOPIC, letters(1))
    async with asyncio.timeout(10):
        while log.calls < 2:  # noqa: ASYNC110 until the drain hangs, too
            await asyncio.sleep(0.01)
        await bus.close()
    with pytest.raises(BusUnavailable, match="closed"):
        await bus.publish(TOPIC, letters(2))


async def test_two_processes_do_not_share_a_spool(open_spool: OpenSpool, path: Path) -> None:
    bus = await open_spool()
    with pytest.raises(SpoolTaken, match="give each process of connectors its own"):
        await Spool.open(path, [TOPIC])
    await bus.close()
    await (await Spool.open(path, [TOPIC])).close()


async def test_everything_else_is_asked_of_the_log(open_spool: OpenSpool, log: FickleLog) -> None:
    bus = await open_spool()
    await bus.publish(TOPIC, letters(1))
    assert sum((await bus.ends(TOPIC)).values()) == 1
    assert sum((await bus.starts(TOPIC)).values()) == 0
    assert await bus.faults() == ["a fault of the log"]


@pytest.mark.parametrize(
    "sabotage",
    [
        "DELETE FROM records WHERE offset = 1",
        "INSERT INTO records SELECT topic, number, offset + 9, key, value, headers, published_at FROM records LIMIT 1",
        "DELETE FROM partitions",
        "INSERT INTO partitions SELECT topic, number + 1, siblings, start_offset, next_offset FROM partitions",
    ],
)
async def test_a_row_gone_or_copied_is_noticed(
    open_spool: OpenSpool, log: FickleLog, path: Path, sabotage: str
) -> None:
    log.mode = "refuses"
    bus = await open_spool()
    await bus.publish(TOPIC, letters(*range(5)))
    await bus.close()
    assert (await look(path, [TOPIC])).faults == []
    with sqlite3.connect(path) as file:
        assert file.execute(sabotage).rowcount == 1
    file.close()
    assert (await look(path, [TOPIC])).faults != []


async def test_looking_makes_nothing(path: Path) -> None:
    assert (await look(path, [TOPIC])).depth == 0
    assert list(path.parent.iterdir()) == []


async def test_a_spool_that_was_deleted_between_two_runs(open_spool: OpenSpool, path: Path) -> None:
    await (await open_spool()).close()
    path.unlink()
    with pytest.raises(BusUnavailable, match="is gone, but was here before"):
        await open_spool()
    with pytest.raises(BusUnavailable, match="is gone, but was here before"):
        await look(path, [TOPIC])


async def test_a_folder_that_is_missing(log: FickleLog, tmp_path: Path, health: Health) -> None:
    with pytest.raises(BusUnavailable, match="make the folder"):
        await SpoolingBus.open(
            log, tmp_path / "data" / "spool.db", [TOPIC], registry=CollectorRegistry(), health=health
        )
