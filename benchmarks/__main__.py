"""`python -m benchmarks [MESSAGES]`: prints what was measured; the last line is for machines."""

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks import bare
from benchmarks.pipeline import SENDERS, WARM, Accepted, Bench, Understood
from benchmarks.traffic import deliveries
from runtime.telemetry import logs

MESSAGES = 3000
SEED = 20261124


def main(arguments: list[str]) -> int:
    """Measures; the exit code is 1 when the ledger of the run does not balance, since then the numbers mean nothing."""
    count = int(arguments[0]) if arguments else MESSAGES
    if count < 10 * WARM:
        print(f"bench: {count} messages measure nothing; take {10 * WARM} or more")
        return 2
    logs.configure(level="error")
    print(f"bench: drawing {count} messages of the simulated city (seed {SEED})")
    drawn = deliveries(count, seed=SEED)
    with tempfile.TemporaryDirectory(prefix="muara-bench-") as name:
        bench = Bench(Path(name))
        print("bench: accepting them")
        accepted = asyncio.run(bench.accept(drawn))
        print("bench: writing the same bytes into a bare table")
        ceiling = bare.inserts(Path(name) / "bare.db", [record.value for record in accepted.records])
        print("bench: understanding them")
        understood = asyncio.run(bench.understand(accepted.records))
    return _report(accepted, understood, ceiling)


def _report(accepted: Accepted, understood: Understood, ceiling: float) -> int:
    wrong = [check for check in understood.ledger.checks if not check.holds]
    for check in wrong:
        print(f"bench: the ledger fails: {check.name}: {check.left} != {check.right}")
    counts = understood.ledger.counts
    print(f"  bare inserts, {bare.BATCH} a transaction   {ceiling:>10,.0f} rows/s")
    print(f"  accepted, {SENDERS} senders, durable      {accepted.per_second:>10,.0f} messages/s")
    print(f"    of which one waited, p99          {accepted.p99 * 1000:>10,.1f} ms")
    print(f"  understood, compared, published     {understood.per_second:>10,.0f} messages/s")
    print(
        f"bench: messages={counts['received']} complaints={counts['complaint']} merged={counts['merged']}"
        f" accept_per_s={accepted.per_second:.0f} accept_p99_ms={accepted.p99 * 1000:.1f}"
        f" understand_per_s={understood.per_second:.0f} bare_per_s={ceiling:.0f}"
        f" accept_ratio={accepted.per_second / ceiling:.4f} understand_ratio={understood.per_second / ceiling:.4f}"
        f" balanced={'no' if wrong else 'yes'}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
