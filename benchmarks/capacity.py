"""`python -m benchmarks.capacity [--write] [--from-growth]`: what a city, a province, a nation need, by measured costs.

The costs stand in `benchmarks/capacity_costs.json`. `--from-growth` takes those that `make bench-growth` measured last
over into it, and `--write` writes docs/capacity.md anew.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.guard import BUDGET
from benchmarks.machine import in_words
from benchmarks.simulation import Load, predict, processes_for, simulate

COSTS = Path(__file__).with_name("capacity_costs.json")
_PLACE = Path(__file__).resolve().parent.parent / "docs" / "capacity.md"
_YEAR = 365.25 * 86400
_PEAK = 5.0
"""The busiest hour of a usual day, as a multiple of the mean."""
_BUSY = 0.5
"""Share of its time that a process may be busy in that hour: room for restarts, rebalances and slow disks."""
_BURST = 100.0
_DISASTER = 500_000
"""Messages within one hour."""
_WITHIN = 4 * 3600.0
"""Seconds after the hour of a burst within which all of it is to be settled."""
_KEPT_ON_THE_LOG = 14
"""Days."""
_LEAST_PARTITIONS = 6
_RECEIPT = 500
"""Bytes of what a hub said, on the log."""
_STAGES: Mapping[str, Sequence[str]] = {
    "connectors": ("accept",),
    "normalizer": ("intake", "settle", "hear"),
    "dispatcher": ("plan", "send"),
    "portal": ("project",),
}


@dataclass(frozen=True, slots=True)
class Size:
    """Who it is for."""

    name: str
    per_year: float


SIZES = (
    Size("a city (60 a day)", 60 * 365.25),
    Size("a province (1,500 a day)", 1500 * 365.25),
    Size("the nation (5 million a year)", 5e6),
    Size("a hundred nations", 5e8),
)


@dataclass(frozen=True, slots=True)
class Need:
    """What a size needs."""

    mean: float
    """Messages a second."""
    processes: Mapping[str, int]
    partitions: int
    brokers: int
    log_gib: float
    store_gib: float
    """A year's."""
    load: Load
    per_normalizer: float


def main(arguments: Sequence[str]) -> int:
    """Prints the page, or writes it."""
    parser = argparse.ArgumentParser(prog="benchmarks.capacity", description=__doc__, allow_abbrev=False)
    parser.add_argument("--write", action="store_true", help="write docs/capacity.md")
    parser.add_argument("--from-growth", action="store_true", help="take the costs over that were measured last")
    chosen = parser.parse_args(arguments)
    if chosen.from_growth:
        measured = results.last("growth")
        if measured is None:
            print("capacity: nothing was measured yet: make bench-growth first")
            return 1
        COSTS.write_text(json.dumps(_taken_over(measured), indent=2) + "\n", encoding="utf-8")
    text = page(json.loads(COSTS.read_text(encoding="utf-8")))
    if chosen.write:
        _PLACE.write_text(text, encoding="utf-8")
        print(f"capacity: wrote {_PLACE.name}")
    else:
        print(text, end="")
    return 0


def _taken_over(measured: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(COSTS.read_text(encoding="utf-8"))
    first = next(iter(measured["sizes"].values()))
    known["microseconds"] |= first["microseconds"]
    known["bytes_stored"] = round(first["gibibytes"] * 2**30 / first["messages"])
    counted = json.loads(BUDGET.read_text(encoding="utf-8"))["postgresql"]
    known["bytes_on_the_log"] = counted["bytes_raw"] + 2 * counted["bytes_complaint"] + _RECEIPT
    known["machine"] = in_words(measured["machine"])
    known["measured_on"] = f"{datetime.now(UTC):%Y-%m-%d}"
    return known


def need(size: Size, costs: Mapping[str, Any]) -> Need:
    """What a size needs, by the costs of one message in microseconds of one core."""
    spent: Mapping[str, float] = costs["microseconds"]
    mean = size.per_year / _YEAR
    per = {service: sum(spent[stage] for stage in stages) / 1e6 for service, stages in _STAGES.items()}
    load = Load(usual=mean, burst=mean * _BURST)
    # A usual day's busiest hour decides for all; a burst only for who takes it in and who has to work it off.
    processes = {service: max(1, math.ceil(mean * _PEAK * seconds / _BUSY)) for service, seconds in per.items()}
    processes["connectors"] = max(processes["connectors"], math.ceil(load.burst * per["connectors"] / 0.8))
    for service in ("normalizer", "dispatcher", "portal"):
        processes[service] = max(processes[service], processes_for(load, 1 / per[service], within=_WITHIN))
    on_the_log = mean * 86400 * _KEPT_ON_THE_LOG * costs["bytes_on_the_log"] * 3 / 2**30
    return Need(
        mean=mean,
        processes=processes,
        partitions=max(_LEAST_PARTITIONS, processes["normalizer"] * 2),
        brokers=3 if mean > 0.01 else 1,
        log_gib=on_the_log,
        store_gib=size.per_year * costs["bytes_stored"] / 2**30,
        load=load,
        per_normalizer=1 / per["normalizer"],
    )


def page(costs: Mapping[str, Any]) -> str:
    """docs/capacity.md."""
    needs = [(size, need(size, costs)) for size in SIZES]
    nation = needs[2][1]
    spent = costs["microseconds"]
    disaster = replace(nation, load=Load(usual=nation.mean, burst=_DISASTER / 3600))
    return _PAGE.format(
        day=costs["measured_on"],
        machine=costs["machine"],
        costs=_table(
            ("step", "service", "microseconds"),
            [(stage, service, f"{spent[stage]:,.0f}") for service, stages in _STAGES.items() for stage in stages],
        ),
        log=f"{costs['bytes_on_the_log']:,}",
        store=f"{costs['bytes_stored']:,}",
        peak=_PEAK,
        busy=_BUSY,
        burst=_BURST,
        hours=_WITHIN / 3600,
        days=_KEPT_ON_THE_LOG,
        sizes=_table(
            ("size", "messages a second", *(f"{service} processes" for service in _STAGES), "partitions", "brokers",
             "log, GiB", "database a year, GiB"),
            [_row(size, each) for size, each in needs],
        ),
        bursts=_table(
            ("size", "arriving a second", "settled a second", "queue", "drained after, min", "simulated queue",
             "simulated, min"),
            [_burst_row(size.name, each) for size, each in needs]
            + [_burst_row(f"the nation, {_DISASTER:,} in one hour", disaster)],
        ),
    )  # fmt: skip


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" if all(row[n][:1].isdigit() for row in rows) else "---" for n in range(1, len(head)))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def _row(size: Size, each: Need) -> Sequence[str]:
    counts = (str(each.processes[service]) for service in _STAGES)
    figures = (f"{each.partitions}", f"{each.brokers}", f"{each.log_gib:,.2f}", f"{each.store_gib:,.2f}")
    return (size.name, f"{each.mean:.4f}", *counts, *figures)


def _burst_row(name: str, each: Need) -> Sequence[str]:
    normalizers = each.processes["normalizer"]
    settled = normalizers * each.per_normalizer
    told = predict(each.load, settled)
    seen = simulate(each.load, processes=normalizers, per_process=each.per_normalizer, partitions=each.partitions)
    return (
        name, f"{each.load.burst:,.2f}", f"{settled:,.0f}", f"{told.queue:,}", f"{told.drained_after / 60:,.0f}",
        f"{seen.queue:,}", f"{seen.drained_after / 60:,.0f}",
    )  # fmt: skip


_PAGE = """# Capacity: what a city, a province, a nation need

Made by `python -m benchmarks.capacity --write` from the costs in `benchmarks/capacity_costs.json`; do not edit by hand.
After `make bench-growth` on your own machine, `--from-growth --write` renews the costs and this page.

## What one message costs

Measured on {day}: {machine}.
One process of each service, batches of 200; `accept` is an estimate until `make bench-ingress` was run in quiet.

{costs}

The log holds about {log} bytes a message before replication (itself, two revisions of its complaint, the receipt), the
database {store} with all indexes. Microseconds contain the wait for the database, so they count its cores, too.

## What each size needs

The busiest hour of a usual day has {peak:.0f} times the mean and keeps a process at most {busy:.0%} busy. An hour of
{burst:.0f} times the mean is accepted as it comes, and settled and sent within {hours:.0f} hours after it. The log
keeps {days} days, three times.

{sizes}

A city needs none of this: the embedded size, one process on one small machine, is enough. One of each service is what
work asks for; run two where a machine may fail. Partitions cannot be changed later without moving conversations: take
those of the size that you may grow to.

## An hour of a hundred times the mean

By arithmetic, and by a simulation in steps of a second with random arrivals and uneven partitions
(`benchmarks/simulation.py`); `python -m benchmarks.burst` holds the arithmetic against a burst of real messages.

{bursts}

Nothing is refused while it lasts: acceptance needs the log only. What waits is seen in
`muara_consumer_oldest_unread_seconds`; more normalizers may be started meanwhile, up to the number of partitions. How
fast a hub is told is the hub's own affair: its `rate` is not part of this.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
