"""All faults that raise alerts, one after the other, on one size: what `make chaos ALERTS=1` runs."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from tests.chaos.alarming import SCALE, Alarm, Tried, open_stage, try_out
from tests.chaos.alarms import ALARMS
from tests.chaos.rounds import Tell
from tests.pipeline.sizes import Size
from tests.stores import Templates
from tools.services.kafka import KafkaCluster
from tools.services.postgres import PostgresServer


def chosen(size: str, only: Sequence[str]) -> list[Alarm]:
    """Those of a size whose alerts are named so, or begin so; all when nothing is said.

    Raises:
        ValueError: there is no such alert on this size.
    """
    there = [alarm for alarm in ALARMS if size in alarm.sizes]
    for words in only:
        if not any(alarm.alert.startswith(words) for alarm in there):
            names = ", ".join(alarm.alert for alarm in there)
            raise ValueError(f"on the size {size} there is no fault for an alert {words!r}; there are {names}")
    return [alarm for alarm in there if not only or alarm.alert.startswith(tuple(only))]


async def play_alarms(folder: Path, size: str, only: Sequence[str], tell: Tell) -> list[Tried]:
    """Try them all.

    Raises:
        PartMissing: a server cannot be had here.
        ValueError: there is no such alert.
    """
    alarms = chosen(size, only)
    (folder / "templates").mkdir()
    templates = Templates(folder / "templates")
    if size == "embedded":
        return await _play(folder, Size("embedded", templates), None, alarms, tell)
    tell(0, "a broker and PostgreSQL start")
    kafka = await asyncio.to_thread(KafkaCluster.make, folder / "kafka", brokers=1)
    postgres = await asyncio.to_thread(PostgresServer.make, folder / "postgres")
    try:
        await asyncio.to_thread(kafka.start)
        await asyncio.to_thread(postgres.start)
        there = Size("kafka", templates, f"kafka://{kafka.bootstrap}", postgres.url)
        return await _play(folder, there, kafka, alarms, tell)
    finally:
        await asyncio.to_thread(kafka.stop)
        await asyncio.to_thread(postgres.stop)


async def _play(
    folder: Path, size: Size, broker: KafkaCluster | None, alarms: Sequence[Alarm], tell: Tell
) -> list[Tried]:
    found: list[Tried] = []
    async with open_stage(folder, size, broker) as stage:
        for _ in range(3):
            await stage.say()
        await stage.town.rest(3)
        for number, alarm in enumerate(alarms, 1):
            tell(number, alarm.alert)
            tried = await try_out(alarm, stage)
            tell(number, _line(tried))
            found.append(tried)
    return found


def table(found: Sequence[Tried]) -> Table:
    """As a person reads it."""
    shown = Table(title=f"Alerts, with the spans of production divided by {SCALE:g}")
    for column in ("alert", "fired after", "ended after", "others", ""):
        shown.add_column(column, overflow="fold")
    for each in found:
        fired, ended = (f"{s:.1f} s" if s is not None else "never" for s in (each.fired, each.ended))
        shown.add_row(each.alert, fired, ended, ", ".join(sorted(each.others)), "well" if each.well else "WRONG")
    return shown


def line(found: Sequence[Tried]) -> str:
    """The last line of a run."""
    wrong = [each for each in found if not each.well]
    return f"alerts: {len(found)} faults, {len(found) - len(wrong)} well, {len(wrong)} wrong"


def _line(tried: Tried) -> str:
    fired = "did not fire" if tried.fired is None else f"fired after {tried.fired:.1f} s"
    ended = "does not end" if tried.ended is None else f"ended after {tried.ended:.1f} s"
    beside = f", beside it {', '.join(sorted(tried.others))}" if tried.others else ""
    return f"{tried.alert} {fired}, {ended}{beside}"
