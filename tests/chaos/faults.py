"""The kinds of fault of the large size: each begins, is held for a while, and is undone."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from runtime.fault_points import POINTS
from tests.chaos.members import Member
from tests.chaos.proxy import Proxy
from tests.chaos.scene import Scene

Undo = Callable[[], Awaitable[None]]
Begin = Callable[[Scene, random.Random], Awaitable[Undo]]

_SERVICES = ("connectors", "normalizer", "dispatcher", "portal")
_OWNERS = {"outbox": ("normalizer", "dispatcher"), "delivery": ("dispatcher",)}
"""Which services pass the points whose name begins so; others begin with the service's own name."""
_TO_DIE = 20.0
"""Seconds that a process has to come to the point at which it is to die."""


class PointNotReached(Exception):
    """Raised by an undo: the process had not come to its point, and was killed where it was. It runs again."""


@dataclass(frozen=True)
class Fault:
    """One kind."""

    name: str
    begin: Begin
    touches: frozenset[str]
    """What it is about: two faults of one round are about different things."""
    hold: tuple[float, float] = (0.3, 2.0)
    """Seconds between which it lasts, from when it is there."""
    alone: bool = field(default=False)
    """Not together with another one."""


def catalogue() -> dict[str, Fault]:
    """All kinds, by name."""
    faults = [
        *(Fault(f"kill:{service}", partial(_kill, service), frozenset({service})) for service in _SERVICES),
        *(
            # From less to more than a session of a group (4 s) and a lease of a table (5 s).
            Fault(f"pause:{service}", partial(_pause, service), frozenset({service}), (1.5, 6.0))
            for service in _SERVICES
        ),
        Fault("kill:broker", _kill_broker, frozenset({"kafka"})),
        Fault("pause:broker", _pause_broker, frozenset({"kafka"}), (1.0, 4.0)),
        Fault("kill:postgres", _kill_postgres, frozenset({"postgres"})),
        Fault("pause:postgres", _pause_postgres, frozenset({"postgres"}), (1.0, 4.0)),
        Fault("kill:hub", _kill_hub, frozenset({"hub"}), (0.5, 4.0)),
        *(
            Fault(f"{what}:{where}", partial(_network, what, where), frozenset({where}), hold)
            for where in ("kafka", "postgres", "hub")
            for what, hold in (("cut", (0.0, 0.5)), ("refuse", (0.5, 3.0)), ("stall", (1.0, 5.0)))
        ),
        Fault("fill:spool", _fill_spool, frozenset({"kafka"}), (0.0, 1.0), alone=True),
        *(Fault(f"point:{name}", partial(_point, name), frozenset(), (0.0, 0.5), alone=True) for name in POINTS),
    ]
    return {fault.name: fault for fault in faults}


def chosen(only: Sequence[str]) -> list[Fault]:
    """Those whose names begin so; all when nothing is said.

    Raises:
        ValueError: there is no such fault.
    """
    faults = catalogue()
    for words in only:
        if not any(name.startswith(words) for name in faults):
            raise ValueError(f"there is no fault {words!r}; there are {', '.join(faults)}")
    return [fault for name, fault in faults.items() if not only or name.startswith(tuple(only))]


async def _kill(service: str, scene: Scene, rng: random.Random) -> Undo:
    member = rng.choice(scene.of(service))
    member.kill()
    return _begin_again(member)


def _begin_again(member: Member) -> Undo:
    member.running = None  # so that nobody takes its end for one of its own
    return member.begin


async def _pause(service: str, scene: Scene, rng: random.Random) -> Undo:
    member = rng.choice(scene.of(service))
    member.pause()

    async def undo() -> None:
        member.resume()

    return undo


async def _kill_broker(scene: Scene, rng: random.Random) -> Undo:
    scene.servers.kafka.kill(rng.choice(scene.servers.brokers))
    return scene.servers.restart


async def _pause_broker(scene: Scene, rng: random.Random) -> Undo:
    number = rng.choice(scene.servers.brokers)
    scene.servers.kafka.pause(number)

    async def undo() -> None:
        scene.servers.kafka.resume(number)

    return undo


async def _kill_postgres(scene: Scene, _: random.Random) -> Undo:
    scene.servers.kill_postgres()
    return scene.servers.restart


async def _pause_postgres(scene: Scene, _: random.Random) -> Undo:
    scene.servers.stop_postgres_clock()

    async def undo() -> None:
        scene.servers.resume_postgres()

    return undo


async def _kill_hub(scene: Scene, _: random.Random) -> Undo:
    scene.to_hub.refuse()
    await scene.hub.stop()

    async def undo() -> None:
        await scene.hub.start()
        scene.to_hub.mend()

    return undo


async def _network(what: str, where: str, scene: Scene, _: random.Random) -> Undo:
    proxies = {"kafka": scene.kafka, "postgres": [scene.postgres], "hub": [scene.to_hub]}[where]
    for proxy in proxies:
        {"cut": proxy.cut, "refuse": proxy.refuse, "stall": proxy.stall}[what]()
    return partial(_mend, proxies)


async def _mend(proxies: list[Proxy]) -> None:
    for proxy in proxies:
        proxy.mend()


async def _fill_spool(scene: Scene, _: random.Random) -> Undo:
    """Kafka away, and messages until their senders hear 503. Each of them comes again until it is taken."""
    for proxy in scene.kafka:
        proxy.refuse()
    refused = len(scene.citizens.refused)
    senders: set[asyncio.Task[object]] = set()
    deadline = time.monotonic() + 20
    while len(scene.citizens.refused) == refused and time.monotonic() < deadline:
        while len(senders) < 12:
            senders.add(asyncio.create_task(scene.citizens.write()))
        senders = (await asyncio.wait(senders, return_when=asyncio.FIRST_COMPLETED, timeout=0.5))[1]

    async def undo() -> None:
        await _mend(scene.kafka)
        await asyncio.gather(*senders)
        if 503 not in scene.citizens.refused[refused:]:
            raise PointNotReached("the spool was not full")

    return undo


async def _point(name: str, scene: Scene, rng: random.Random) -> Undo:
    """A process that dies when it has done one thing, and has not done the next."""
    room = name.partition(".")[0]
    member = rng.choice(scene.of(rng.choice(_OWNERS.get(room, (room,)))))
    await scene.watch()
    member.kill()
    spooling = name in ("connectors.spooled", "connectors.drained")
    if spooling:
        for proxy in scene.kafka:
            proxy.refuse()
    running = member.launch(point=f"{name}:{rng.randint(1, 2)}" if room == "delivery" else name)
    member.running = None
    deadline = time.monotonic() + _TO_DIE
    senders: list[asyncio.Task[object]] = []
    turn = 0
    while running.process.poll() is None and time.monotonic() < deadline:
        senders.append(asyncio.create_task(scene.citizens.write()))
        if name in ("connectors.polled", "connectors.cursor_saved") and turn % 4 == 0:
            scene.citizens.insert_row()
        if name == "connectors.imported" and turn % 4 == 0:
            scene.citizens.drop_file()
        if name == "dispatcher.heard":
            await scene.hub.advance()
        if name == "connectors.drained" and scene.citizens.accepted and turn == 8:
            await _mend(scene.kafka)
        turn += 1
        await asyncio.sleep(0.4)
    reached = running.process.poll() is not None

    async def undo() -> None:
        await _mend(scene.kafka)
        running.kill()
        await member.begin()
        await asyncio.gather(*senders)
        if not reached:
            raise PointNotReached(name)

    return undo
