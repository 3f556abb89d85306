"""`python -m benchmarks.soak [--minutes N]`: each process's memory under steady load, and what more normalizers bring.

Webhooks come at a steady pace to a connector, go through normalizer, dispatcher and portal, each a process, to a hub
that takes everything. Every two seconds each process's memory is read. Then the same flood is settled by 1, 2 and 4
normalizers. Curves go to `.bench/soak.csv` and `.bench/soak.svg`.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import httpx
from sqlalchemy import func, select

from benchmarks import results, traffic
from benchmarks.accepted import SOURCE
from benchmarks.home import ENVIRONMENT, furnish
from benchmarks.load import flood, pace, request
from benchmarks.part_e2e import TABLES
from benchmarks.processes import process
from benchmarks.services import Rooms, servers
from benchmarks.soak_curve import Curve, trend, write_csv, write_svg
from muara.wiring import SERVICES
from normalizer import tables as t
from runtime.store.engine import Store
from schemas.topics import RAW
from tools.services.missing import PartMissing

_EVERY = 2.0
"""Seconds between two looks."""
_MEMORY = re.compile(r"^process_resident_memory_bytes (\S+)", re.MULTILINE)
_CONNECTIONS = 16
_PATIENCE = 900.0


def main(arguments: Sequence[str]) -> int:
    """Measures; 1 when a process's memory is not flat, 2 when a server is missing."""
    parser = argparse.ArgumentParser(prog="benchmarks.soak", description=__doc__, allow_abbrev=False)
    parser.add_argument("--minutes", type=float, default=30.0, help="of steady load (default: %(default)s)")
    parser.add_argument("--pace", type=float, default=20.0, help="messages a second (default: %(default)s)")
    parser.add_argument("--flood", type=int, default=3000, help="messages for 1, 2, 4 normalizers; 0: none")
    parser.add_argument("--normalizers", type=int, nargs="*", default=[1, 2, 4])
    chosen = parser.parse_args(arguments)
    if chosen.minutes * 60 < 10 * _EVERY:
        print(f"soak: {chosen.minutes:g} minutes show no trend; take {10 * _EVERY / 60:.1f} or more")
        return 2
    try:
        with servers() as running:
            rooms = Rooms(running)
            curves = asyncio.run(_soak(rooms, chosen.minutes * 60, chosen.pace))
            rates = asyncio.run(_scale(rooms, chosen.flood, chosen.normalizers)) if chosen.flood else {}
            asyncio.run(rooms.close())
    except PartMissing as part:
        print(f"soak: {part}")
        return 2
    return _report(curves, rates)


async def _soak(rooms: Rooms, seconds: float, per_second: float) -> dict[str, Curve]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-soak-")))
        room = await stack.enter_async_context(rooms.kafka(TABLES))
        hub = await stack.enter_async_context(
            process(["-m", "benchmarks.hub"], log=folder / "hub.log", environment=ENVIRONMENT)
        )
        (folder / "home").mkdir()
        furnish(folder / "home", room, hub=hub)
        urls = {name: await stack.enter_async_context(_service(folder, name)) for name in SERVICES}
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        curves: dict[str, list[tuple[float, float]]] = {name: [] for name in urls}
        begun = time.monotonic()
        looking = asyncio.create_task(_look(client, urls, curves, begun))
        try:
            part = 0
            while time.monotonic() - begun < seconds:
                drawn = traffic.deliveries(round(per_second * 20), seed=traffic.SEED + 1000 + part)
                requests = [request(f"/in/{SOURCE}", each) for each in drawn]
                (await pace(urls["connectors"], requests, per_second=per_second, connections=_CONNECTIONS)).only(200)
                part += 1
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        return dict(curves)


async def _look(
    client: httpx.AsyncClient, urls: dict[str, str], curves: dict[str, list[tuple[float, float]]], begun: float
) -> None:
    while True:
        for name, url in urls.items():
            said = (await client.get(f"{url}/metrics")).text
            if found := _MEMORY.search(said):
                curves[name].append((time.monotonic() - begun, float(found[1]) / 2**20))
        await asyncio.sleep(_EVERY)


async def _scale(rooms: Rooms, messages: int, counts: Sequence[int]) -> dict[int, float]:
    """Messages a second, by the number of normalizers: the same flood, each time on tables of its own."""
    drawn = traffic.deliveries(messages, seed=traffic.SEED + 5)
    requests = [request(f"/in/{SOURCE}", each) for each in drawn]
    rates = {}
    for count in counts:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-soak-")))
            room = await stack.enter_async_context(rooms.kafka(TABLES))
            (folder / "home").mkdir()
            furnish(folder / "home", room)
            door = await stack.enter_async_context(_service(folder, "connectors"))
            for number in range(count):
                await stack.enter_async_context(_service(folder, "normalizer", number))
            warm = requests[:100]
            await flood(door, warm, connections=_CONNECTIONS)
            await _settled(room.store, len(warm))
            begun = time.monotonic()
            await flood(door, requests[100:], connections=_CONNECTIONS)
            await _settled(room.store, len(requests))
            rates[count] = (len(requests) - len(warm)) / (time.monotonic() - begun)
    return rates


def _service(folder: Path, name: str, number: int = 0) -> AbstractAsyncContextManager[str]:
    arguments = ["-m", "muara", "run", name, "--home", str(folder / "home"), "--port", "0"]
    return process(arguments, log=folder / f"{name}-{number}.log", environment=ENVIRONMENT)


async def _settled(store: Store, messages: int) -> None:
    """Returns when so many were read, and nothing waits to be settled.

    Raises:
        TimeoutError: not within a quarter of an hour.
    """
    unsettled = select(func.count()).where(t.complaints.c.settles_at.is_not(None))
    async with asyncio.timeout(_PATIENCE):
        while True:
            async with store.reading() as connection:
                read = await t.positions.total(connection, RAW.name)
                waiting = int((await connection.execute(unsettled)).scalar_one())
            if read >= messages and not waiting:
                return
            await asyncio.sleep(0.1)


def _report(curves: dict[str, Curve], rates: dict[int, float]) -> int:
    results.KEPT.mkdir(exist_ok=True)
    write_csv(results.KEPT / "soak.csv", curves)
    write_svg(results.KEPT / "soak.svg", curves)
    steady = True
    for name, curve in curves.items():
        found = trend(curve)
        steady = steady and found.flat
        print(
            f"soak: {name:<11} {found.mebibytes:6.1f} MiB, {found.per_hour:+6.1f} MiB/h, noise {found.noise:.1f} MiB:"
            f" {'flat' if found.flat else 'GROWS'}"
        )
    efficiencies = {n: rate / (n * rates[min(rates)] / min(rates)) for n, rate in rates.items()}
    for count, rate in rates.items():
        print(f"soak: {count} normalizers {rate:7.1f} messages/s, efficiency {efficiencies[count]:.2f}")
    words = " ".join(f"efficiency_{n}={each:.2f}" for n, each in efficiencies.items())
    print(f"soak: memory={'flat' if steady else 'grows'} {words}".rstrip())
    return 0 if steady else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
