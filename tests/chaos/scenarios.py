"""Single faults that are worth a run of their own, each under traffic and judged as all are."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]
from aiokafka.protocol.admin import DeleteGroupsRequest  # type: ignore[import-untyped]

from tests.chaos.members import Member
from tests.chaos.outcome import Outcome
from tests.chaos.rounds import Run, Tell, in_silence
from tests.chaos.scene import Scene

Step = Callable[[Run], Awaitable[None]]


async def play(scene: Scene, *steps: Step, seed: int, lasts: float, tell: Tell = in_silence) -> Outcome:
    """One step after the other under traffic of about so many seconds, then rest and judgement."""
    run = Run(scene, 0, seed, tell=tell)

    async def all_steps() -> None:
        for step in steps:
            await step(run)

    await run.during(all_steps, lasts=lasts)
    return run.outcome


def outage(seconds: float) -> Step:
    """All brokers are killed at once, and are dead for so long. Everything has to go on by itself."""

    async def step(run: Run) -> None:
        run.tell(0, f"all brokers are dead for {seconds:.0f} s")
        for number in run.scene.servers.brokers:
            run.scene.servers.kafka.kill(number)
        await asyncio.sleep(seconds)
        await run.scene.servers.restart()
        run.tell(0, "all brokers are back")
        await _recovered(run, "kill:all-brokers")

    return step


async def parting(run: Run) -> None:
    """One normalizer is joined by three more, which leave again: partitions go from hand to hand."""
    scene = run.scene
    run.tell(0, "three normalizers come and go")
    more = [scene.add("normalizer") for _ in range(3)]
    await asyncio.gather(*(member.begin() for member in more))
    await scene.arrive(await scene.citizens.write())
    await _stop(run, more)
    await _recovered(run, "normalizers come and go")


async def forgotten(run: Run) -> None:
    """All readers are stopped, Kafka forgets their groups with all offsets, and all begin again: the tables know."""
    run.tell(0, "Kafka forgets the groups")
    readers = [member for member in run.scene.members if member.running is not None and member.service != "connectors"]
    await _stop(run, readers)
    assert await _forget(run.scene), "there is a group to forget"
    await asyncio.gather(*(member.begin() for member in readers))
    await _recovered(run, "groups deleted")


async def _stop(run: Run, members: Sequence[Member]) -> None:
    codes = await asyncio.gather(*(member.stop() for member in members))
    for member, code in zip(members, codes, strict=True):
        if code != 0:
            run.outcome.problems.append(f"{member.name}: a stop in order ended with {code}")


async def _recovered(run: Run, name: str) -> None:
    began = time.monotonic()
    await run.scene.arrive(await run.scene.citizens.write())
    run.outcome.tallies[name].times += 1
    run.outcome.tallies[name].recoveries.append(time.monotonic() - began)


async def _forget(scene: Scene) -> int:
    """Delete the groups of this scene, but for those of its connectors, which run on; returns how many there were."""
    admin = AIOKafkaAdminClient(bootstrap_servers=scene.servers.kafka.bootstrap)
    await admin.start()
    try:
        running = f"{scene.prefix}muara.connectors."
        groups = [
            name
            for name, *_ in await admin.list_consumer_groups()
            if name.startswith(scene.prefix) and not name.startswith(running)
        ]
        left, deadline = list(groups), time.monotonic() + 20
        while left:
            coordinator = await admin.find_coordinator(left[0])
            answer = await admin._send_request(DeleteGroupsRequest(left[:1]), coordinator)
            code = answer.results[0][1]
            if code == 0:
                left = left[1:]
                continue
            # A group whose last member stopped without a word is not empty before that one is given up.
            assert time.monotonic() < deadline, f"group {left[0]} cannot be deleted: error {code}"
            await asyncio.sleep(0.3)
    finally:
        await admin.close()
    return len(groups)
