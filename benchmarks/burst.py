"""`python -m benchmarks.burst [MESSAGES]`: a burst of real messages, held against the arithmetic of docs/capacity.md.

Some messages are worked off a few at a time, as on a usual day, which tells what one costs; then thousands stand on the
log at once, and the time until all are settled is compared with what that cost foretells.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import traffic
from benchmarks.own_database import own_database
from benchmarks.services import servers
from benchmarks.simulation import Load, predict
from benchmarks.stepped import Works, works
from runtime.store.engine import Store
from runtime.telemetry import logs
from tools.services.missing import PartMissing

MESSAGES = 2000
_USUAL, _BATCH = 5, 200
"""Batches of a usual day, and messages in each."""


def main(arguments: Sequence[str]) -> int:
    """Measures; 2 when there is no PostgreSQL, or too few messages for a burst."""
    parser = argparse.ArgumentParser(prog="benchmarks.burst", description=__doc__, allow_abbrev=False)
    parser.add_argument("messages", nargs="?", type=int, default=MESSAGES, help="of the burst (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if chosen.messages < _BATCH:
        print(f"burst: {chosen.messages} messages are no burst; take {_BATCH} or more")
        return 2
    logs.configure(level="error")
    try:
        with servers() as running, tempfile.TemporaryDirectory(prefix="muara-burst-") as folder:
            address = running.postgres.replace("postgresql:", "postgresql+asyncpg:", 1)
            per_second, took = asyncio.run(_measure(address, Path(folder), chosen.messages))
    except PartMissing as part:
        print(f"burst: {part}")
        return 2
    told = predict(Load(usual=0, burst=chosen.messages + per_second, seconds=1), per_second)
    print(f"burst: {chosen.messages} messages at once, {per_second:.0f} a second as a rule")
    print(f"burst: foretold_s={told.drained_after:.1f} measured_s={took:.1f} ratio={took / told.drained_after:.2f}")
    return 0


async def _measure(address: str, folder: Path, messages: int) -> tuple[float, float]:
    drawn = traffic.deliveries(messages + (_USUAL + 1) * _BATCH, seed=traffic.SEED + 7)
    async with own_database(address) as url:
        store = Store(url)
        try:
            async with works(folder, store) as made:
                usual = []
                for turn in range(_USUAL + 1):
                    await made.accept(drawn[turn * _BATCH : (turn + 1) * _BATCH])
                    usual.append(await _worked_off(made))
                per_second = _BATCH / statistics.median(usual[1:])  # the first one reads the tables of rules
                await made.accept(drawn[(_USUAL + 1) * _BATCH :])
                return per_second, await _worked_off(made)
        finally:
            await store.close()


async def _worked_off(made: Works) -> float:
    """Seconds until nothing waits for the normalizer."""
    begun = time.perf_counter()
    await made.take_in()
    await made.settle()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
