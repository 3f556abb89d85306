"""Whether a text is no complaint at all: a try, a greeting, an advert, a chain message. Ignored only when certain."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from normalizer.understanding.greetings import substance
from normalizer.understanding.guarded import Guarded, letters_in
from normalizer.understanding.phrases import Phrase, PhraseTable
from normalizer.understanding.tables import RULES, Table, load_table
from normalizer.understanding.text import clean
from normalizer.understanding.words import Wording, wording, words

Reason = Literal[
    "empty",
    "test",
    "greeting",
    "acknowledgement",
    "no_words",
    "chain_message",
    "advert_gambling",
    "advert_loan",
    "advert_prize",
    "advert_sale",
]
Advert = Literal["advert_gambling", "advert_loan", "advert_prize", "advert_sale"]

_CONTACT = re.compile(
    r"https?://|\bwww\.|\b(?:wa\.me|t\.me|bit\.ly)/|\b[\w-]+\.(?:com|net|vip|xyz|top|club|info|org|example)\b"
    r"|\+?\d(?:[ .\-]?\d){8,13}",
    re.IGNORECASE,
)
_PASS_ON = Guarded(
    r"\b(?:sebar(?:kan|in)|kirim(?:kan)?|mengirim|teruskan|forward|share|bagikan)\b[^.\n]{0,40}?\bke(?:pada)?\s+"
    r"(?:(?:minimal\s+)?(\d{1,3})\s+(teman|orang|kontak|grup|group|nomor)|(?:semua|seluruh)\s+(kontak|grup|teman))",
    "sebar sebarkan sebarin kirim kirimkan mengirim teruskan forward share bagikan",
    "ke kepada",
)
_LETTER = re.compile(r"[^\W_]")
_GRINNING = re.compile(r"[xk]?(?:ha|he|hi|wk|kw){2,}[hkw]?")


class SpamCase(Table):
    """A text that proves the table."""

    text: str
    ignored: Reason | None
    """The name by which it is ignored; null: it is a complaint."""


class SpamTable(Table):
    """`spam.yaml`."""

    version: str
    """Changes with every change of the table."""
    certain: float = Field(gt=0)
    """From this weight on an advert with a contact is ignored."""
    likely: float = Field(gt=0)
    """From this weight on somebody should look at it."""
    adverts: dict[Advert, dict[float, list[Phrase]]]
    """Reason → weight → phrases."""
    reports: list[Phrase]
    """What somebody says who reports an advert, or who complains of something else."""
    chain: list[Phrase]
    """What chain messages say beside the call to pass them on."""
    tests: list[Phrase]
    """With these somebody tries the line; at the beginning of a message of nothing else."""
    around_tests: list[str]
    """Words that may stand beside them."""
    acknowledgements: list[str]
    """With these somebody only answers."""
    around_acknowledgements: list[str]
    """Words that may stand beside them."""
    cases: list[SpamCase] = Field(default_factory=list)
    """Texts and what becomes of them; `muara check` tries them."""


@dataclass(frozen=True, slots=True)
class NoComplaint:
    """What a text seems to be."""

    reason: Reason
    is_certain: bool
    """Certain: it is ignored by this name. Otherwise it is a complaint that somebody should look at."""


class SpamFilter:
    """Decides by a rule table: the shipped one, or that at `path`.

    Raises:
        RulesError: the table cannot be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        table = load_table(path or RULES / "spam.yaml", SpamTable)
        self.table = table
        self._certain, self._likely = table.certain, table.likely
        self._adverts = PhraseTable[tuple[Advert, float]](
            (phrase, (reason, weight))
            for reason, weights in table.adverts.items()
            for weight, phrases in weights.items()
            for phrase in phrases
        )
        self._reports = PhraseTable[None]((phrase, None) for phrase in table.reports)
        self._chain = PhraseTable[None]((phrase, None) for phrase in table.chain)
        self._tests = PhraseTable[None]((phrase, None) for phrase in table.tests)
        self._around_tests = frozenset(table.around_tests)
        self._acknowledgements = frozenset(table.acknowledgements)
        self._around_acknowledgements = frozenset(table.around_acknowledgements)

    def judge(self, text: str) -> NoComplaint | None:
        """What it is, when it seems to be no complaint; None for everything else. In doubt it is a complaint."""
        cleaned = clean(text)
        if not cleaned:
            return NoComplaint("empty", is_certain=True)
        said = wording(cleaned)
        if not said:
            return NoComplaint("no_words", is_certain=len(cleaned) <= 40)
        if len(said) <= 25 and len(cleaned) <= 200 and (courtesy := self._courtesy(cleaned, said)):
            return NoComplaint(courtesy, is_certain=True)
        return self._chain_message(cleaned, said) or self._advert(cleaned, said)

    def _courtesy(self, cleaned: str, said: Wording) -> Reason | None:
        if self._is_test(said, len(cleaned)):
            return "test"
        if len(said) <= 8 and not self._acknowledgements.isdisjoint(said):
            known = self._acknowledgements | self._around_acknowledgements
            if all(word in known or _GRINNING.fullmatch(word) for word in said) and "?" not in cleaned:
                return "acknowledgement"
        rest = substance(cleaned)
        return "greeting" if not _LETTER.search(rest) and not words(rest) else None

    def _is_test(self, said: Wording, length: int) -> bool:
        rest = [word for word in said if not word.isdigit()] if length <= 60 else []
        if not rest:
            return False
        hits = self._tests.find(rest)
        tried = {at for hit in hits for at in range(hit.start, hit.start + len(hit.phrase.split()))}
        others = [word for at, word in enumerate(rest) if at not in tried]
        starts = bool(hits) and (hits[0].start == 0 or len(rest) <= 3)
        return starts and all(word in self._around_tests for word in others)

    def _chain_message(self, cleaned: str, said: Wording) -> NoComplaint | None:
        call = _PASS_ON.search(cleaned, letters_in(cleaned))
        if call is None:
            return None
        is_reported = bool(self._reports.find(said))
        many = call[3] is not None or (int(call[1]) >= 5 and call[2].casefold() != "orang")
        told = len(self._chain.find(said))
        if not is_reported and (told >= 1 or (many and len(said) <= 12)):
            return NoComplaint("chain_message", is_certain=True)
        return NoComplaint("chain_message", is_certain=False) if told >= 2 or (many and told) else None

    def _advert(self, cleaned: str, said: Wording) -> NoComplaint | None:
        found: dict[Advert, dict[str, float]] = {}
        for hit in self._adverts.find(said):
            found.setdefault(hit.meaning[0], {})[hit.phrase] = hit.meaning[1]
        scores = {reason: sum(phrases.values()) for reason, phrases in found.items()}
        best = max(scores, key=lambda reason: scores[reason], default=None)
        if best is None or scores[best] < self._likely or self._reports.find(said):
            return None
        has_contact = _CONTACT.search(cleaned) is not None
        if has_contact and scores[best] >= self._certain and len(found[best]) >= 2:
            return NoComplaint(best, is_certain=True)
        speaks = max(found[best].values()) >= self._likely
        return NoComplaint(best, is_certain=False) if speaks or has_contact else None
