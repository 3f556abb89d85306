"""Chaos on Kafka and PostgreSQL in short; `make chaos` plays it at length. Trap 5."""

from tests.chaos.outcome import Outcome
from tests.chaos.rounds import Run
from tests.chaos.scenarios import forgotten, outage, parting, play

from .conftest import OpenScene


def judged(outcome: Outcome) -> None:
    """That nothing was lost, doubled, stuck or wrong."""
    assert outcome.well, (outcome.line(), outcome.problems)


async def test_trap_05_a_broker_a_process_and_a_process_between_two_commits_are_killed(scene: OpenScene) -> None:
    only = ("kill:broker", "kill:normalizer", "cut:postgres", "point:normalizer.committed")
    async with scene() as begun:
        outcome = await Run(begun, 4, 1, only, pace=3.0).play()
    judged(outcome)
    assert set(outcome.tallies) == set(only), "each kind was drawn"
    assert all(tally.unreached == 0 for tally in outcome.tallies.values())


async def test_normalizers_come_and_go_groups_are_forgotten_and_all_brokers_are_dead(scene: OpenScene) -> None:
    async with scene(partitions=24, normalizers=1) as begun:
        outcome = await play(begun, parting, forgotten, outage(8), seed=2, lasts=12)
    judged(outcome)
    assert outcome.faults == 3
