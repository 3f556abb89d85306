"""`python -m benchmarks`: what `make bench` runs. The last line is for scripts."""

import argparse
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import uvloop
from rich.console import Console

from benchmarks import machine, page, part_dispatch, part_e2e, part_ingress, part_normalizer, report, results
from benchmarks.parts import Part, Plan
from benchmarks.progress import Steps, steps
from benchmarks.services import Rooms, servers
from runtime.bus.protocol import BusUnavailable
from runtime.store.engine import StoreUnavailable
from runtime.telemetry import logs
from tools.services.missing import PartMissing

Measure = Callable[[Rooms, Plan, Steps], Awaitable[Part]]

PARTS: Mapping[str, tuple[Measure, float]] = {
    "ingress": (part_ingress.measure, 0.2),
    "normalizer": (part_normalizer.measure, 0.4),
    "dispatch": (part_dispatch.measure, 0.2),
    "e2e": (part_e2e.measure, 0.2),
}
"""Each with its share of the time."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure. Exit code 1 when a server cannot be had or a run went wrong, 2 when it was called wrongly."""
    chosen = _arguments(arguments)
    logs.configure(level="error")
    wanted = chosen.only or list(PARTS)
    if chosen.write and wanted != list(PARTS):
        print("bench: --write wants all parts", file=sys.stderr)
        return 2
    begun = time.monotonic()
    parts: list[Part] = []
    try:
        with servers() as found:
            described = machine.describe()
            if not chosen.json:
                print(f"bench: {machine.in_words(described)}", flush=True)
            for name in wanted:
                measure, share = PARTS[name]
                plan = Plan(
                    chosen.minutes * 60 * share, chosen.scale, least=chosen.rounds, frameworks=not chosen.no_frameworks
                )
                with steps(name, plan.seconds, quiet=chosen.json) as step:
                    parts.append(uvloop.run(_part(measure, Rooms(found), plan, step)))
                gc.collect()
    except PartMissing as missing:
        print(f"bench: nothing can be measured without {missing.part}: {missing.why}. {missing.how}", file=sys.stderr)
        return 1
    except (BusUnavailable, StoreUnavailable, OSError) as away:
        words = "make services starts both; MUARA_TEST_KAFKA and MUARA_TEST_POSTGRES name others"
        print(f"bench: nothing can be measured without the servers: {away}. {words}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped; nothing is kept", file=sys.stderr)
        return 130
    except RuntimeError as error:
        print(f"bench: a run went wrong, so nothing is kept: {error}", file=sys.stderr)
        return 1
    return _tell(parts, described, time.monotonic() - begun, chosen)


async def _part(measure: Measure, rooms: Rooms, plan: Plan, step: Steps) -> Part:
    try:
        return await measure(rooms, plan, step)
    finally:
        await rooms.close()


def _tell(parts: Sequence[Part], described: Mapping[str, Any], seconds: float, chosen: argparse.Namespace) -> int:
    found = report.figures(parts)
    document = {
        "machine": dict(described),
        "seconds": round(seconds),
        "scale": chosen.scale,
        "figures": {key: measured.to_json()["median"] for key, measured in found.items()},
        "parts": {part.name: part.to_json() for part in parts},
    }
    before, reference = results.last("bench"), results.reference("bench")
    if not chosen.forget:
        results.keep("bench", document)
    if chosen.write:
        results.refer("bench", document)
        page.PAGE.write_text(page.written(page.PAGE.read_text(encoding="utf-8"), document), encoding="utf-8")
    if chosen.json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return 0
    report.tables(parts, Console(width=110))
    for line in [
        *report.beside(found, before, "last", chosen.scale),
        *report.beside(found, reference, "reference", chosen.scale),
    ]:
        print(line)
    print(f"bench: {seconds:.0f} s")
    print(report.last_line(found))
    return 0


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast the parts are, as ratios.")
    parser.add_argument("--only", action="append", choices=sorted(PARTS), help="this part; may be repeated")
    parser.add_argument("--minutes", type=_above_zero, default=12, help="for the rounds of all parts (default: 12)")
    parser.add_argument("--scale", type=_above_zero, default=1.0, help="of the messages in a run (default: 1)")
    parser.add_argument(
        "--rounds", type=int, default=3, choices=range(1, 16), metavar="N", help="at least (default: 3)"
    )
    parser.add_argument("--no-frameworks", action="store_true", help="leave out what needs packages of its own")
    parser.add_argument("--write", action="store_true", help="make this the reference, and docs/performance.md of it")
    parser.add_argument("--json", action="store_true", help="print the whole result as JSON, and nothing else")
    parser.add_argument("--forget", action="store_true", help="keep nothing to compare the next run with")
    return parser.parse_args(given)


def _above_zero(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
