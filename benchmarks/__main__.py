"""`python -m benchmarks [MESSAGES]`: prints what was measured; the last line is for machines."""

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks import bare, pipeline
from benchmarks.traffic import deliveries

MESSAGES = 3000
SEED = 20261124


def main(arguments: list[str]) -> int:
    """Measures; the exit code is 1 when the ledger of the run does not balance, since then the numbers mean nothing."""
    count = int(arguments[0]) if arguments else MESSAGES
    print(f"bench: drawing {count} messages of the simulated city (seed {SEED})")
    drawn = deliveries(count, seed=SEED)
    with tempfile.TemporaryDirectory(prefix="muara-bench-") as name:
        folder = Path(name)
        # Word lists and regions are loaded once in the life of a process; that is no part of a rate.
        (folder / "warm").mkdir()
        asyncio.run(pipeline.run(folder / "warm", drawn[:50]))
        print("bench: accepting and understanding them")
        measured = asyncio.run(pipeline.run(folder, drawn))
        print("bench: writing the same bytes into a bare table")
        ceiling = bare.inserts(folder / "bare.db", measured.records)
    wrong = [check for check in measured.ledger.checks if not check.holds]
    for check in wrong:
        print(f"bench: the ledger fails: {check.name}: {check.left} != {check.right}")
    counts = measured.ledger.counts
    print(f"  bare inserts, {bare.BATCH} a transaction   {ceiling:>10,.0f} rows/s")
    print(f"  accepted, {pipeline.SENDERS} senders, durable      {measured.accepted:>10,.0f} messages/s")
    print(f"    of which one waited, p99          {measured.p99 * 1000:>10,.1f} ms")
    print(f"  understood, compared, published     {measured.understood:>10,.0f} messages/s")
    print(
        f"bench: messages={counts['received']} complaints={counts['complaint']} merged={counts['merged']}"
        f" accept_per_s={measured.accepted:.0f} accept_p99_ms={measured.p99 * 1000:.1f}"
        f" understand_per_s={measured.understood:.0f} bare_per_s={ceiling:.0f}"
        f" accept_ratio={measured.accepted / ceiling:.4f} understand_ratio={measured.understood / ceiling:.4f}"
        f" balanced={'no' if wrong else 'yes'}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
