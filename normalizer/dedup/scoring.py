"""The judge: merge, link or none for two reports, with its reasons.

Rules decide, in this order: conflicting specifics forbid everything whatever the words say; two different known
reporters never merge; then the rules of the same report, then those of the same incident. Scores only rank what the
rules found, and pick out of the rest what a person should see.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from normalizer.dedup.features import Features, Limits, Rarity, measure
from normalizer.dedup.places import Match
from normalizer.dedup.reasons import reasons
from normalizer.dedup.report import Report
from normalizer.dedup.weights import ScoreWeights, Weights, load_weights
from normalizer.dedup.words import Words, take_apart

Kind = Literal["merge", "link", "none"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What two reports are to each other, and why."""

    kind: Kind
    """`merge`: the same report. `link`: the same incident. `none`: neither, as far as can be told."""
    score: float
    """0 to 1: how far the evidence goes towards the kind (for `none`: towards the nearer of the two others)."""
    reasons: tuple[str, ...]
    """Readable: the rule, then the facts: `same person`, `same street: melati`, `words shared: 0.83`."""
    version: str
    """Of the weights that judged."""
    unclear: bool = False
    """A `none` that a person should look at."""


class Judge:
    """Judges pairs of reports. Deterministic, and the same for (a, b) and (b, a)."""

    def __init__(self, weights: Weights | None = None, *, rarity: Mapping[str, float] | None = None) -> None:
        """Prepares the weights.

        Args:
            weights: by default those shipped.
            rarity: word to inverse document frequency in the stream's own history; without it all words count alike.
        """
        self._weights = weights if weights is not None else load_weights()
        self._limits = Limits(**dict(self._weights.limits))
        self._rarity: Rarity | None = None
        if rarity:
            greatest = max(rarity.values())
            self._rarity = Rarity(rarity, unseen=greatest, rare_from=self._weights.rare_from * greatest)
        self.version = f"{self._weights.version}{'+rarity' if self._rarity else ''}"
        """Of the weights, marked when words are weighted by rarity."""
        self._words = lru_cache(maxsize=8192)(self._take_apart)

    @property
    def weights(self) -> Weights:
        """What it judges by."""
        return self._weights

    def judge(self, new: Report, old: Report) -> Judgement:
        """What the two are to each other."""
        facts = self.features(new, old)
        categories = frozenset(filter(None, (new.category, old.category)))
        kind, rule = self._rule(facts, categories)
        scores = self._weights.scores
        merge, link = _score(facts, scores.merge), _score(facts, scores.link)
        nearest = link if facts.different_person else max(merge, link)
        unclear = (
            kind == "none"
            and not facts.conflicts
            and nearest >= self._weights.unclear_from
            and facts.days <= self._weights.longest_window
        )
        score = {"merge": merge, "link": link, "none": nearest}[kind]
        return Judgement(kind, round(score, 4), (rule, *reasons(facts, new, old)), self.version, unclear)

    def forbids_merge(self, new: Report, old: Report) -> bool:
        """Whether the two must never be one report, whatever their words: conflicting specifics, two known persons."""
        facts = self.features(new, old)
        return bool(facts.conflicts) or facts.different_person

    def features(self, new: Report, old: Report) -> Features:
        """The two reports measured against each other."""
        left, right = sorted((new, old), key=lambda report: (report.sent_at, report.complaint_id))
        words = self._words(left.comparable), self._words(right.comparable)
        return measure(left, right, words, self._limits, self._rarity)

    def _take_apart(self, text: str) -> Words:
        return take_apart(text, self._weights.common_words)

    def _rule(self, facts: Features, categories: frozenset[str]) -> tuple[Kind, str]:
        if facts.conflicts:
            return "none", "specifics conflict"
        if (rule := self._same_report(facts)) is not None:
            return "merge", rule
        if (rule := self._same_incident(facts, categories)) is not None:
            return "link", rule
        return "none", "no rule applies"

    def _same_report(self, facts: Features) -> str | None:
        """The rule by which the two are one report, or None."""
        if facts.different_person:
            return None
        return self._same_person(facts) if facts.same_person else self._unknown_person(facts)

    def _same_person(self, facts: Features) -> str | None:
        rule, short = self._weights.merge.same_person, self._weights.merge.short
        if len(facts.both.shared) < rule.shared_words:
            alike = facts.token_set >= short.token_set and not facts.both.torn and bool(facts.both.shared)
            return "one person repeats a short text" if alike and facts.days <= short.days else None
        needed, name = rule.words, "one person repeats"
        if facts.category is Match.CONFLICTS:
            needed, name = rule.words_when_category_differs, "one person repeats nearly word by word"
        elif facts.category is Match.AGREES and self._enough_places(facts):
            needed, name = rule.words_when_places_agree, "one person repeats on the same place and subject"
        return name if facts.words >= needed and facts.days <= rule.days else None

    def _unknown_person(self, facts: Features) -> str | None:
        rule = self._weights.merge.unknown_person
        fits = (
            facts.days <= rule.days
            and facts.words >= rule.words
            and len(facts.both.shared) >= rule.shared_words
            and facts.category is not Match.CONFLICTS
            and not facts.both.torn
        )
        return "one text holds the other, and one reporter is unknown" if fits else None

    def _same_incident(self, facts: Features, categories: frozenset[str]) -> str | None:
        """The rule by which the two tell one incident, or None."""
        rule = self._weights.link
        days = min((rule.days(category) for category in categories), default=rule.default_days)
        if categories & rule.personal_categories or facts.days > days:
            return None
        enough_words = len(facts.both.shared) >= rule.shared_words
        if facts.category is not Match.AGREES:
            unknown = facts.category is Match.UNKNOWN
            needed = rule.words_when_category_unknown if unknown else rule.words_when_category_differs
            alike = enough_words and facts.words >= needed and self._enough_places(facts)
            return "same place and similar words" if alike else None
        if self._enough_places(facts):
            return "same subject and place"
        for match, needed, name in (
            (facts.street, rule.words_when_street_agrees, "same subject and street, similar words"),
            (facts.landmark, rule.words_when_landmark_agrees, "same subject and landmark, similar words"),
            (facts.region, rule.words_when_region_agrees, "same subject and region, very similar words"),
        ):
            if enough_words and match is Match.AGREES and facts.words >= needed:
                return name
        return None

    def _enough_places(self, facts: Features) -> bool:
        return facts.close or len(facts.places) >= self._weights.link.places


def _score(facts: Features, weights: ScoreWeights) -> float:
    total = (
        weights.bias
        + weights.words * facts.words
        + weights.token_set * facts.token_set
        + weights.same_person * facts.same_person
        + weights.different_person * facts.different_person
        + weights.place * len(facts.places)
        + weights.conflict * len(facts.conflicts)
        + weights.category_agrees * (facts.category is Match.AGREES)
        + weights.category_conflicts * (facts.category is Match.CONFLICTS)
        + weights.torn * facts.both.torn
        + weights.picture * facts.same_picture
        + weights.days * math.log1p(facts.days)
    )
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))
