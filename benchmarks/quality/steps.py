"""Microseconds: each step of understanding by itself, all of it, and what duplicates cost on top."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks.quality.report import Part, Table
from normalizer.dedup.keys import KeyMaker
from normalizer.dedup.report import Report
from normalizer.dedup.scoring import Judge
from normalizer.parts import Part as MessagePart
from normalizer.parts import storable
from normalizer.settling.drafting import Drafter
from normalizer.understanding import masking, people
from normalizer.understanding import text as words
from normalizer.understanding.categories import Categorizer
from normalizer.understanding.classification import Classifier
from normalizer.understanding.incident_time import incident_date
from normalizer.understanding.language import LanguageDetector
from normalizer.understanding.places import PlaceFinder
from normalizer.understanding.spam import SpamFilter
from recipes.mapped import Mapped
from runtime.sealing.sealer import KEY_BYTES, Sealer
from sandbox.pairs.drawing import draw

_ROUNDS = 3
"""Each step is measured so often, and the best counts: what else the machine does only ever adds."""
_AT = datetime(2026, 11, 24, 5, tzinfo=UTC)
_ZONE = "Asia/Jakarta"
_JUDGED = 10.0
"""Candidates a message that the target allows on average: where nothing was measured, so many are judged."""
_TARGET = 500.0

_Value = TypeVar("_Value")
_Result = TypeVar("_Result")


def measure(*, texts: int, seed: int, candidates: float = _JUDGED, look_up: float | None = None) -> Part:
    """Times the steps over that many texts of the tuning set.

    `candidates`: how many are judged a message; `look_up`: µs of finding them, where both were measured.
    """
    pairs = list(draw("tuning", (texts + 1) // 2, seed))
    said = [side.text for pair in pairs for side in (pair.a, pair.b)][:texts]
    drafter = Drafter(Sealer(bytes(KEY_BYTES)))
    drafter.load([None])
    steps = [*_understanding(), ("all of it, as the pipeline does", lambda text: _drafted(drafter, text))]
    rows = [(name, _per(step, said)) for name, step in steps]
    reports = [
        replace(_drafted(drafter, text), complaint_id=UUID(int=number), sent_at=_AT)
        for number, text in enumerate(said, start=1)
    ]
    keys = min(_timed(lambda: KeyMaker().keys(reports)) for _ in range(_ROUNDS)) / len(reports)
    rows.append(("keys of the candidate index", keys))
    beside = list(pairwise(reports))
    judge = Judge()
    judging = min(_timed(lambda: [judge.judge(a, b) for a, b in beside]) for _ in range(_ROUNDS)) / len(beside)
    rows.append(("judging one pair", judging))
    total = rows[-3][1] + keys + candidates * judging
    if look_up is not None:
        rows.append(("looking candidates up (waiting for SQLite included; not in the sum)", look_up))
    rows.append((f"a message: understood, keyed, {candidates:.1f} candidates judged", total))
    table = Table(
        "Microseconds a message",
        ("step", "µs"),
        [[name, f"{spent:,.0f}"] for name, spent in rows],
        f"One thread, {len(said):,} texts, best of {_ROUNDS} rounds. Target for understanding and duplicates together:"
        f" {_TARGET:,.0f} µs.",
    )
    return Part([table], {"per_message": f"{total:.0f}us"})


def _understanding() -> list[tuple[str, Callable[[str], object]]]:
    languages, classifier, categorizer, finder = LanguageDetector(), Classifier(), Categorizer(), PlaceFinder()
    languages.load()
    finder.load()
    zone = ZoneInfo(_ZONE)
    return [
        ("clean", words.clean),
        ("comparable", words.comparable),
        ("title", words.title),
        ("no complaint at all", SpamFilter().judge),
        ("language", languages.detect),
        ("class and wishes", lambda text: (classifier.classify(text), classifier.flags(text))),
        ("category", categorizer.categorize),
        ("place", finder.find),
        ("time", lambda text: incident_date(text, _AT, zone)),
        ("people", lambda text: (people.phones_in(text), people.emails_in(text))),
        ("masking", masking.mask),
    ]


def _drafted(drafter: Drafter, text: str) -> Report:
    part = MessagePart(UUID(int=0), "bench", "bench", _AT, storable(Mapped(text=text, sent_at=_AT)))
    return drafter.report(UUID(int=0), "bench", "bench", drafter.draft([part], _ZONE, None))


def _per(step: Callable[[_Value], object], values: Sequence[_Value]) -> float:
    """Microseconds for one value."""
    for value in values[:50]:
        step(value)

    def all_of_them() -> None:
        for value in values:
            step(value)

    return min(_timed(all_of_them) for _ in range(_ROUNDS)) / len(values)


def _timed(work: Callable[[], _Result]) -> float:
    """Microseconds of this thread."""
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1e6
