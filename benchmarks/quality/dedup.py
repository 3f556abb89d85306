"""Merges and links on held-back pairs, by the command that anybody can run: `muara dedup evaluate FILE --json`."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.quality.report import Part, Table
from sandbox.pairs.drawing import FAMILIES, draw
from sandbox.pairs.vocabulary import SetName

_TARGETS = {"merge": "P ≥ 0.99 at R ≥ 0.95", "link": "P ≥ 0.95 at R ≥ 0.60", "link_or_merge": ""}
_WANTED = {"same_report": "merge", "same_incident": "link", "different": "none"}
_KINDS = ("merge", "link", "none")
_CASES = Path(__file__).parent / "cases"
_WRITTEN = {"to build by": _CASES / "pairs_to_build_by.jsonl", "held back": _CASES / "pairs_held_back.jsonl"}
"""Pairs that people wrote, not the generator."""


def measure(folder: Path, *, pairs: int, seed: int, name: SetName = "held-back") -> Part:
    """Draws pairs, has them judged, and tabulates: the decisions, what each label was told as, each family.

    Raises:
        RuntimeError: the command failed; with what it said.
    """
    file = folder / f"{name}.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for pair in draw(name, pairs, seed):
            out.write(json.dumps(pair.line(), ensure_ascii=False) + "\n")
    found = _evaluated(file)
    return Part(
        [_decisions(found, pairs, seed, name), _confusion(found), _families(found), *_written()],
        {
            "merge_p": f"{found['merge']['precision']:.4f}",
            "merge_r": f"{found['merge']['recall']:.4f}",
            "link_p": f"{found['link']['precision']:.4f}",
            "link_r": f"{found['link']['recall']:.4f}",
        },
    )


def _evaluated(file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "muara", "dedup", "evaluate", str(file), "--json", "--worst", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 a command of our own
    if done.returncode:
        raise RuntimeError(f"muara dedup evaluate ended with {done.returncode}: {done.stderr.strip()}")
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _decisions(found: Mapping[str, Any], pairs: int, seed: int, name: SetName) -> Table:
    rows = []
    for kind, target in _TARGETS.items():
        share = found[kind]
        cells = [_with_interval(share, each) for each in ("precision", "recall", "f1")]
        rows.append([kind.replace("_", " "), *cells, f"{share['found']:,}", f"{share['true']:,}", target])
    return Table(
        "Duplicates: the decisions",
        ("", "precision (95 %)", "recall (95 %)", "F1 (95 %)", "told", "true", "target"),
        rows,
        f"{pairs:,} {name} pairs (seed {seed}), weights `{found['version']}`. A *merge* is right for the same person's"
        " same report, a *link* for other people's report of the same incident, *link or merge* for either told as"
        " either. Intervals are Wilson's. Word rarity comes from the texts of the file.",
    )


def _confusion(found: Mapping[str, Any]) -> Table:
    rows = []
    for label, told in found["confusion"].items():
        total = sum(told.values())
        rows.append([label, *(f"{told[kind]:,}" for kind in _KINDS), f"{told[_WANTED[label]] / max(1, total):.3f}"])
    return Table("Duplicates: what each label was told as", ("label", *_KINDS, "right"), rows)


def _families(found: Mapping[str, Any]) -> Table:
    rows = []
    for family, (label, _, construct) in FAMILIES.items():
        told = found["families"].get(family, {}).get(label)
        if told is None:
            continue
        meaning = " ".join((construct.__doc__ or "").split()).rstrip(".")
        right = told[_WANTED[label]] / max(1, sum(told.values()))
        rows.append([family, label, *(str(told[kind]) for kind in _KINDS), f"{right:.2f}", meaning])
    return Table(
        "Duplicates: by construction",
        ("family", "label", *_KINDS, "right", "how the pairs are made"),
        rows,
        "The weights of the families are the generator's, not the world's: a share here is comparable with itself"
        " over time, and with nothing else.",
    )


def _written() -> list[Table]:
    """The pairs written by hand: how often right, and how often by what the two texts are to each other."""
    found = {half: _evaluated(file) for half, file in _WRITTEN.items()}
    rows, told = [], {}
    for half, each in found.items():
        for kind in _TARGETS:
            share = each[kind]
            cells = [_with_interval(share, name) for name in ("precision", "recall", "f1")]
            rows.append([half, kind.replace("_", " "), *cells, f"{share['found']:,}", f"{share['true']:,}"])
        for relation, labels in each["families"].items():
            for label, counted in labels.items():
                if total := sum(counted.values()):
                    told[label, relation, half] = f"{counted[_WANTED[label]]} of {total}"
    kinds = sorted(
        {(label, relation) for label, relation, _ in told}, key=lambda each: (list(_WANTED).index(each[0]), each)
    )
    by_kind = [
        [relation, label, *(told.get((label, relation, half), "") for half in found)] for label, relation in kinds
    ]
    return [
        Table(
            "Pairs written by hand",
            ("half", "", "precision (95 %)", "recall (95 %)", "F1 (95 %)", "told", "true"),
            rows,
            "Written sentence by sentence as people in many towns write, dialects and English among them, by somebody"
            " who saw neither the judge nor its mistakes; invented. Several pairs share a text, so the intervals"
            " (Wilson's) are somewhat too narrow. The halves share no incident.",
        ),
        Table("Pairs written by hand: right, by kind", ("kind", "label", *found), by_kind),
    ]


def _with_interval(share: Mapping[str, Any], name: str) -> str:
    low, high = share[f"{name}_95"]
    return f"{share[name]:.3f} ({low:.3f}-{high:.3f})"
