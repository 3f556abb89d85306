"""What a citizen wants: to complain, to suggest, or to know; and whether they want to stay unnamed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from normalizer.understanding.phrases import Phrase, PhraseTable
from normalizer.understanding.tables import RULES, Table, load_table
from normalizer.understanding.words import wording

Class = Literal["pengaduan", "aspirasi", "permintaan_informasi"]
Wish = Literal["anonim", "rahasia"]


class ClassificationCase(Table):
    """A text that proves the table."""

    text: str
    wanted: Class
    """Its class."""


class ClassificationTable(Table):
    """`classification.yaml`: phrases with weights for each of SP4N's three classes, and for the two wishes."""

    version: str
    """Changes with every change of the table."""
    classes: dict[Class, dict[float, list[Phrase]]]
    """Class → weight → phrases."""
    question_mark: float = Field(ge=0)
    """What a question mark adds to `permintaan_informasi` where a phrase already speaks for it."""
    least: float = Field(default=2, ge=0)
    """What must speak for another class than `pengaduan`."""
    wishes: dict[Wish, list[Phrase]]
    """Wish → phrases that express it."""
    both: list[Phrase]
    """Phrases that ask for secrecy without saying of what: both wishes."""
    not_wishes: list[Phrase]
    """Phrases that hold such words and wish for nothing (`rahasia umum`)."""
    cases: list[ClassificationCase] = Field(default_factory=list)
    """Texts and their classes; `muara check` tries them."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the reporter asks to be hidden. Independent of each other, as in SP4N."""

    anonim: bool = False
    """The reporter's name is not shown."""
    rahasia: bool = False
    """The report itself is not shown in public."""


class Classifier:
    """Classifies by a rule table: the shipped one, or that at `path`.

    Raises:
        RulesError: the table cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        table = load_table(path or RULES / "classification.yaml", ClassificationTable)
        self.table = table
        self._question_mark, self._least = table.question_mark, table.least
        self._classes = PhraseTable[tuple[Class, float]](
            (phrase, (name, weight))
            for name, weights in table.classes.items()
            for weight, phrases in weights.items()
            for phrase in phrases
        )
        wishes: list[tuple[str, tuple[Wish, ...]]] = [
            (phrase, (wish,)) for wish, said in table.wishes.items() for phrase in said
        ]
        wishes += [(phrase, ("anonim", "rahasia")) for phrase in table.both]
        wishes += [(phrase, ()) for phrase in table.not_wishes]
        self._wishes = PhraseTable[tuple[Wish, ...]](wishes)

    @property
    def version(self) -> str:
        """Of the table."""
        return self.table.version

    def classify(self, text: str) -> tuple[Class, float]:
        """SP4N's class and how sure that is (0 to 1); `pengaduan` with 0.5 where nothing speaks for any."""
        scores: dict[Class, float] = {"pengaduan": 0.0, "aspirasi": 0.0, "permintaan_informasi": 0.0}
        counted: set[str] = set()
        for hit in self._classes.find(wording(text)):
            if hit.phrase not in counted:
                counted.add(hit.phrase)
                scores[hit.meaning[0]] += hit.meaning[1]
        if scores["permintaan_informasi"] and "?" in text:
            scores["permintaan_informasi"] += self._question_mark
        # Who complains and also suggests or asks, complains: the two others have to be clearly ahead.
        best = max(scores, key=lambda name: (scores[name], name == "pengaduan"))
        total = sum(scores.values())
        if total == 0 or (best != "pengaduan" and scores[best] < self._least):
            return "pengaduan", 0.5
        return best, round(0.5 + 0.5 * scores[best] / (total + 1), 2)

    def flags(self, text: str) -> Wishes:
        """The wishes to stay unnamed (`anonim`) or to have the report kept from the public (`rahasia`)."""
        wishes = {wish for hit in self._wishes.find(wording(text)) for wish in hit.meaning}
        return Wishes(anonim="anonim" in wishes, rahasia="rahasia" in wishes)
