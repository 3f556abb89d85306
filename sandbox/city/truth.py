"""What must come out, in a form that the pipeline never sees, and the score of what came out."""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

Key = tuple[str, str]
"""Channel and the provider's id. For a row of a file `<file name>:<line>`, the header being line 1."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The truth about one message."""

    outcome: str
    """`complaint`, `merged`, `ignored:<reason>` or `dead`."""
    complaint: str | None = None
    """Messages with the same value are one complaint."""
    incident: str | None = None
    """Complaints with the same value are one incident."""
    why: str = "first"
    """What makes it a part of its complaint, or odd: `first`, `piece`, `album`, `edited`, `other_channel`, a poison."""
    redelivered: int = 0
    """How many times it is sent again."""
    category: str | None = None
    classification: str | None = None
    region: str | None = None
    """Kemendagri code of the kelurahan where it happened."""
    anonim: bool = False
    rahasia: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a pipeline made of one message."""

    outcome: str
    complaint_id: str | None = None
    incident_id: str | None = None
    """The leading complaint or any other name of the incident; None when the complaint is linked to nothing."""


@dataclass(slots=True)
class Truth:
    """All that is expected of a plan."""

    entries: dict[Key, Expected] = field(default_factory=dict)
    nameless: Counter[str] = field(default_factory=Counter)
    """Dead letters by channel that carry no id that both sides know: damaged before the id."""

    def write(self, path: Path) -> None:
        """Writes it as JSON. The caller gives a path outside the pipeline's home."""
        rows = [{"channel": key[0], "external_id": key[1], **asdict(value)} for key, value in self.entries.items()]
        path.write_text(json.dumps({"messages": rows, "nameless": self.nameless}, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Truth":
        """Reads what `write` wrote."""
        document = json.loads(path.read_text(encoding="utf-8"))
        entries = {(row.pop("channel"), row.pop("external_id")): Expected(**row) for row in document["messages"]}
        return cls(entries, Counter(document["nameless"]))


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of messages: found and true, found, true."""

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was found that is true; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was found; 1 when there is nothing to find."""
        return self.right / self.true if self.true else 1.0


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a pipeline did."""

    merge: Pairs
    link: Pairs
    """A pair that is truly one complaint and was linked is no false link: it counts as a merge that was missed."""
    joined: dict[str, tuple[int, int]]
    """Per reason to join (`piece`, `album`, …): messages found in the complaint of their first, of all."""
    outcomes: dict[str, tuple[int, int]]
    """Per expected outcome (`kept` for complaint and merged alike): messages that got it, of all."""
    missing: tuple[Key, ...]
    """Sent, but nothing found."""
    unexpected: tuple[Key, ...]
    """Found, but never sent under that id."""


def score(truth: Truth, found: Mapping[Key, Found]) -> Scores:
    """Compares by pairs of messages; all pairs are counted, none enumerated."""
    kept = [(key, expected) for key, expected in truth.entries.items() if expected.complaint is not None]
    rows = [_Row.of(key, expected, found.get(key)) for key, expected in kept]
    merge = Pairs(
        _pairs(rows, lambda row: (row.found, row.true)),
        # A message that the city knows to be no complaint, merged with one that is, is a false merge too.
        _pairs(rows + _intruders(truth, found), lambda row: row.found),
        _pairs(rows, lambda row: row.true),
    )
    both = (
        _pairs(rows, lambda row: (row.found_incident, row.true_incident))
        - _pairs(rows, lambda row: (row.found, row.true_incident))
        - _pairs(rows, lambda row: (row.found_incident, row.true))
        + _pairs(rows, lambda row: (row.found, row.true))
    )
    excused = _pairs(rows, lambda row: (row.found_incident, row.true)) - merge.right
    linked = _pairs(rows, lambda row: row.found_incident) - _pairs(rows, lambda row: row.found)
    link = Pairs(
        both, linked - excused, _pairs(rows, lambda row: row.true_incident) - _pairs(rows, lambda row: row.true)
    )
    return Scores(
        merge,
        link,
        _joined(truth, found),
        _outcomes(truth, found),
        tuple(key for key in truth.entries if key not in found),
        tuple(key for key in found if key not in truth.entries),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One message with both groupings. What was not found stands alone under its own key."""

    true: Hashable
    true_incident: Hashable
    found: Hashable
    found_incident: Hashable

    @classmethod
    def of(cls, key: Key, expected: Expected, seen: Found | None) -> "_Row":
        alone: Hashable = ("alone", key)
        complaint: Hashable = (seen.complaint_id if seen else None) or alone
        incident: Hashable = (seen.incident_id if seen else None) or complaint
        return cls(expected.complaint or alone, expected.incident or expected.complaint or alone, complaint, incident)


def _pairs(rows: Iterable[_Row], by: Callable[[_Row], Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(by(row) for row in rows).values())


def _intruders(truth: Truth, found: Mapping[Key, Found]) -> list[_Row]:
    return [
        _Row.of(key, expected, found[key])
        for key, expected in truth.entries.items()
        if expected.complaint is None and key in found
    ]


def _joined(truth: Truth, found: Mapping[Key, Found]) -> dict[str, tuple[int, int]]:
    first: dict[str, str | None] = {}
    for key, expected in truth.entries.items():
        if expected.complaint is not None and expected.outcome == "complaint" and key in found:
            first[expected.complaint] = found[key].complaint_id
    tally: dict[str, tuple[int, int]] = {}
    for key, expected in truth.entries.items():
        if expected.complaint is None or expected.outcome != "merged":
            continue
        leader, seen = first.get(expected.complaint), found.get(key)
        right, total = tally.get(expected.why, (0, 0))
        together = leader is not None and seen is not None and seen.complaint_id == leader
        tally[expected.why] = (right + together, total + 1)
    return dict(sorted(tally.items()))


def _outcomes(truth: Truth, found: Mapping[Key, Found]) -> dict[str, tuple[int, int]]:
    tally: dict[str, tuple[int, int]] = {}
    for key, expected in truth.entries.items():
        seen = found.get(key)
        wanted = _coarse(expected.outcome)
        right, total = tally.get(wanted, (0, 0))
        tally[wanted] = (right + (seen is not None and _coarse(seen.outcome) == wanted), total + 1)
    return dict(sorted(tally.items()))


def _coarse(outcome: str) -> str:
    return "kept" if outcome in {"complaint", "merged"} else outcome.partition(":")[0]
