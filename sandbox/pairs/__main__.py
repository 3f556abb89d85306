"""`python -m sandbox.pairs --set tuning|held-back --pairs N --seed S`: pairs as lines of JSON."""

import argparse
import json
import sys
from collections.abc import Sequence

from sandbox.pairs.drawing import draw
from sandbox.pairs.vocabulary import SETS


def main(arguments: Sequence[str]) -> int:
    """Writes the pairs to standard output."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.pairs",
        description="Labelled pairs of complaints, one JSON object a line. Tune on `tuning` only.",
    )
    parser.add_argument("--set", choices=SETS, default="tuning", help="whose words")
    parser.add_argument("--pairs", type=int, default=1000, metavar="N", help="how many")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same pairs")
    chosen = parser.parse_args(arguments)
    if chosen.pairs < 1:
        parser.error(f"--pairs {chosen.pairs}: ask for 1 or more")
    for pair in draw(chosen.set, chosen.pairs, chosen.seed):
        sys.stdout.write(json.dumps(pair.line(), ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
