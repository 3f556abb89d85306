"""The arithmetic of capacity, against a simulation; and the page, against the costs it is made from."""

import json
from pathlib import Path

import pytest

from benchmarks.capacity import COSTS, SIZES, need, page
from benchmarks.simulation import Load, predict, processes_for, simulate

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("load", "processes", "per_process", "partitions"),
    [
        pytest.param(Load(1, 150), 1, 100, 6, id="one process"),
        pytest.param(Load(16, 1600), 4, 100, 12, id="four, three partitions each"),
        pytest.param(Load(0.2, 30, 600), 2, 12, 16, id="few messages, which scatter most"),
    ],
)
def test_the_arithmetic_foretells_what_the_simulation_does(
    load: Load, processes: int, per_process: float, partitions: int
) -> None:
    told = predict(load, processes * per_process)
    seen = simulate(load, processes=processes, per_process=per_process, partitions=partitions)
    assert seen.queue == pytest.approx(told.queue, rel=0.05)
    assert told.drained_after * 0.95 < seen.drained_after < told.drained_after * 1.15  # partitions are not even


def test_what_fits_does_not_queue_and_what_never_fits_never_drains() -> None:
    assert predict(Load(1, 50), 100).queue == 0
    assert simulate(Load(1, 50), processes=1, per_process=100, partitions=6).drained_after < 5
    assert predict(Load(200, 400), 100).drained_after == float("inf")


def test_as_many_processes_as_the_time_asks_for() -> None:
    load = Load(1, 1000)
    few, many = (processes_for(load, 100, within=hours * 3600) for hours in (8, 1))
    assert few < many
    assert predict(load, many * 100).drained_after <= 3600 < predict(load, (many - 1) * 100).drained_after
    with pytest.raises(ValueError, match="raise `within`"):
        processes_for(load, 0.1, within=60)


def test_larger_needs_more_and_partitions_suffice() -> None:
    needs = [need(size, json.loads(COSTS.read_text(encoding="utf-8"))) for size in SIZES]
    assert [each.mean for each in needs] == sorted(each.mean for each in needs)
    assert all(each.partitions >= each.processes["normalizer"] for each in needs)
    assert needs[-1].store_gib > 50 * needs[-2].store_gib


def test_the_page_is_what_the_costs_make() -> None:
    """`python -m benchmarks.capacity --write` renews it."""
    assert (DOCS / "capacity.md").read_text(encoding="utf-8") == page(json.loads(COSTS.read_text(encoding="utf-8")))
