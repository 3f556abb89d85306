"""`kill -9` of a process whose records wait in the spool: whatever it had confirmed is there for the next one."""

import asyncio
import subprocess
import sys
from itertools import islice
from pathlib import Path

from .conftest import TOPIC, FickleLog, OpenSpool, drained

CHILD = """
import asyncio, sys
from pathlib import Path
from prometheus_client import CollectorRegistry
from runtime.bus.protocol import BusUnavailable, Record
from runtime.bus.spool import SpoolingBus
from runtime.telemetry.health import Health


class Away:
    async def publish(self, topic, records):
        raise BusUnavailable("no broker answers")


async def talk(bus, key):
    for n in range(1_000_000):
        await bus.publish(sys.argv[2], [Record(key, str(n).encode())])
        print(key, n, flush=True)


async def main():
    bus = await SpoolingBus.open(
        Away(), Path(sys.argv[1]), [sys.argv[2]], registry=CollectorRegistry(), health=Health()
    )
    await asyncio.gather(*(talk(bus, f"k{n}") for n in range(8)))


asyncio.run(main())
"""


def kill_after(count: int, path: Path) -> list[str]:
    """What a child said that was killed after so many lines."""
    with subprocess.Popen([sys.executable, "-c", CHILD, str(path), TOPIC], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = list(islice(child.stdout, count))
        child.kill()
        return lines + child.stdout.readlines()


async def test_kill_with_records_in_the_spool(open_spool: OpenSpool, log: FickleLog, path: Path) -> None:
    confirmed: dict[str, int] = {}
    for _ in range(2):  # the second child finds what the first one left
        lines = await asyncio.to_thread(kill_after, 400, path)
        assert len(lines) >= 400, "it ended by itself"
        for line in lines:
            key, _, number = line.partition(" ")
            if number.strip().isdecimal():  # the last one may be torn
                confirmed[key] = max(confirmed.get(key, -1), int(number))
    bus = await open_spool()
    assert bus.spooled() >= sum(last + 1 for last in confirmed.values())
    await drained(bus)
    found = log.by_key()
    assert set(found) == set(confirmed)
    for key, last in confirmed.items():
        # One more than it heard of may be there; nothing that it heard of is missing, and the order is its own.
        assert found[key] == list(range(len(found[key])))
        assert len(found[key]) > last
