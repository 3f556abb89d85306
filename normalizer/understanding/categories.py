"""What a complaint is about: one of some thirty topics, by a versioned rule table that says why."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field, StringConstraints, model_validator

from normalizer.understanding.phrases import Phrase, PhraseTable
from normalizer.understanding.tables import RULES, Table, load_table
from normalizer.understanding.words import wording

_BESIDE, _AT = 0.35, 0.7
_AFTER = dict.fromkeys(
    ["depan", "dekat", "samping", "sebelah", "belakang", "seberang", "sekitar", "arah", "menuju"], _BESIDE
)
_AFTER["di"] = _AT
"""What stands after these words says where it is, more than what it is about: "parkir liar depan rumah sakit"."""
_FIRST = 1.2
"""What is named first is more often the matter itself, unless two are named together."""
_AND = ("dan", "serta")

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")]


class Topic(Table):
    """One category."""

    title: str = Field(min_length=3)
    """As shown to people, in Indonesian."""
    agency: str = Field(min_length=2)
    """The kind of agency that is usually in charge: a hint for routing, not a name of any agency."""
    phrases: dict[float, list[Phrase]] = Field(min_length=1)
    """Weight → phrases. About 3 for one that says it alone, 1 for one that only supports."""


class CategoryCase(Table):
    """A text that proves the table."""

    text: str
    category: Key | None
    """What it is about; null: it gets no category."""


class CategoryTable(Table):
    """`categories.yaml`."""

    version: str
    """Changes with every change of the table; kept with each verdict."""
    minimum: float = Field(gt=0, lt=1)
    """Below this confidence there is no category."""
    categories: dict[Key, Topic] = Field(min_length=1)
    cases: list[CategoryCase] = Field(default_factory=list)
    """Texts and what they are about; `muara check` tries them."""

    @model_validator(mode="after")
    def _cases_are_of_its_categories(self) -> "CategoryTable":
        for case in self.cases:
            if case.category is not None and case.category not in self.categories:
                raise ValueError(f"the case {case.text!r} is of {case.category!r}, which is no category of this table")
        return self


@dataclass(frozen=True, slots=True)
class FoundCategory:
    """A category and why."""

    key: str
    title: str
    agency: str
    """The usual kind of agency."""
    confidence: float
    """0 to 1."""
    version: str
    """Of the rule table."""
    reasons: tuple[str, ...]
    """The phrases that spoke for it, heaviest first; words of the table, never of the citizen."""


class Categories(Protocol):
    """Whatever says what a text is about: this module's rules, or a model."""

    def categorize(self, text: str) -> FoundCategory | None:
        """The category, or None where it is not certain enough."""
        ...


class Categorizer:
    """Categorizes by a rule table: the shipped one, that at `path`, or one that was read already.

    Raises:
        RulesError: the table cannot be used.
    """

    def __init__(self, path: Path | None = None, *, table: CategoryTable | None = None) -> None:
        self.table = table or load_table(path or RULES / "categories.yaml", CategoryTable)
        self._phrases = PhraseTable[tuple[str, float]](
            (phrase, (key, weight))
            for key, topic in self.table.categories.items()
            for weight, phrases in topic.phrases.items()
            for phrase in phrases
        )

    def categorize(self, text: str) -> FoundCategory | None:
        """The category that most speaks for, or None where too little does or two speak alike."""
        found = self.guess(text)
        return found if found is not None and found.confidence >= self.table.minimum else None

    def guess(self, text: str) -> FoundCategory | None:
        """What it would be, however uncertain; None where nothing speaks for anything."""
        reasons: dict[str, dict[str, float]] = defaultdict(dict)
        said = wording(text)
        hits = self._phrases.find(said)
        is_one_of_two = len(hits) > 1 and said[hits[1].start - 1] in _AND
        for hit in hits:
            key, weight = hit.meaning
            weight *= _AFTER.get(said[hit.start - 1], 1.0) if hit.start else 1.0
            if hit.start == hits[0].start and not is_one_of_two:
                weight *= _FIRST
            reasons[key][hit.phrase] = max(weight, reasons[key].get(hit.phrase, 0.0))
        scores = sorted(((sum(found.values()), key) for key, found in reasons.items()), reverse=True)
        if not scores:
            return None
        best, key = scores[0]
        second = scores[1][0] if len(scores) > 1 else 0.0
        # How far ahead it is of the next, and whether there is enough of it: 3 is one phrase that says it alone.
        confidence = round((best / (best + second)) * min(1.0, 0.4 + best / 6), 2)
        topic = self.table.categories[key]
        because = sorted(reasons[key], key=lambda phrase: (-reasons[key][phrase], phrase))
        return FoundCategory(key, topic.title, topic.agency, confidence, self.table.version, tuple(because))
