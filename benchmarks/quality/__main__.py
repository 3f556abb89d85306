"""`make bench-quality`: how often Muara is right, printed as tables; the last line is for machines.

`--write` puts it on `docs/quality.md`: each part that was measured in its place, with the day.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.quality import candidates, dedup, kept, page, steps, understanding
from benchmarks.quality.report import Part, as_text
from runtime.telemetry import logs

SEED = 20261126
PAIRS = 3000
SIZES = (10_000, 100_000)
MILLION = 1_000_000
PARTS = ("understanding", "dedup", "candidates", "steps")
PAGE = Path(__file__).parent.parent.parent / "docs" / "quality.md"
_FIGURES = ("merge_p", "merge_r", "link_p", "link_r", "candidates_recall", "per_message")


def main(arguments: Sequence[str]) -> int:
    """Measures what was asked for. Exit code 0, whatever the figures are."""
    chosen = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="muara-quality-") as place:
        folder = Path(place)
        numbers: dict[str, float] = {}
        work: dict[str, Callable[[], Part]] = {
            "understanding": understanding.measure,
            "dedup": lambda: dedup.measure(folder, pairs=chosen.pairs, seed=chosen.seed, name=chosen.set),
            "candidates": lambda: _candidates(folder, chosen),
            "steps": lambda: steps.measure(texts=500, seed=chosen.seed, **numbers),
        }
        parts = []
        for name in PARTS:
            if not chosen.only or name in chosen.only:
                parts.append(_told(name, work[name]))
                numbers |= parts[-1].numbers
                if chosen.write:
                    page.write(PAGE, name, parts[-1], datetime.now(UTC).date())
    figures = {name: figure for part in parts for name, figure in part.figures.items()}
    print("\nquality: " + " ".join(f"{name}={figures.get(name, 'not_measured')}" for name in _FIGURES))
    return 0


def _candidates(folder: Path, chosen: argparse.Namespace) -> Part:
    sizes = [*chosen.stored, *([MILLION] if chosen.million else [])]
    part = candidates.measure(folder, sizes, pairs=min(chosen.pairs, 1000), probes=1000, seed=chosen.seed)
    if not chosen.million:
        return kept.with_kept(part)
    kept.keep(part, datetime.now(UTC).date())
    return part


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="this part alone; may be given again")
    parser.add_argument("--set", default="held-back", choices=("tuning", "held-back"), help="which pairs are judged")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"pairs that are judged (default: {PAIRS})")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed draws other pairs and another history")
    parser.add_argument(
        "--stored", type=_sizes, default=SIZES, metavar="N,N", help="sizes of the history (default: 10000,100000)"
    )
    parser.add_argument("--million", action="store_true", help="a history of 1,000,000 too: half an hour, 4 GB")
    parser.add_argument("--write", action="store_true", help="write what is measured on docs/quality.md")
    return parser


def _sizes(given: str) -> list[int]:
    sizes = sorted({int(size) for size in given.split(",")})
    if sizes[0] < 1:
        raise ValueError("sizes are 1 or more")
    return sizes


def _told(name: str, work: Callable[[], Part]) -> Part:
    """Measures, and prints at once: the next part may take long."""
    print(f"\nquality: measuring {name}", flush=True)
    began = time.monotonic()
    part = work()
    for table in part.tables:
        print(as_text(table))
    print(f"({time.monotonic() - began:.0f} s)", flush=True)
    return part


if __name__ == "__main__":
    logs.configure(level="error")
    sys.exit(main(sys.argv[1:]))
