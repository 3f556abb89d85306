"""The judge: merge, link or none for two reports, with its reasons.

Conflicting specifics forbid everything whatever the words say, and two different known reporters never merge. The rest
is weighed: one logistic score for the same report, one for the same incident, each with its own threshold, since a
false merge silences a citizen and a false link does not. What stays below both but not far waits for a person.
"""

import math
from dataclasses import dataclass
from operator import mul
from typing import Literal

from normalizer.dedup.evidence import NAMES, evidence
from normalizer.dedup.features import Features, measure
from normalizer.dedup.places import Match
from normalizer.dedup.rarity import Rarity
from normalizer.dedup.reading import told, words_of
from normalizer.dedup.reasons import reasons
from normalizer.dedup.report import Report
from normalizer.dedup.weights import ScoreWeights, Weights, load_weights
from normalizer.dedup.words import Words

Kind = Literal["merge", "link", "none"]
_ANOTHER_MATTER = 0.4
"""Below such a share of common words on what happened, two kinds of trouble are two troubles."""


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

    def __init__(self, weights: Weights | None = None, *, rarity: Rarity | None = None) -> None:
        """Prepares the weights.

        Args:
            weights: by default those shipped.
            rarity: of words in the stream's own history; without it, what the weights expect of any stream.
        """
        self._weights = weights if weights is not None else load_weights()
        self._limits = self._weights.limits
        scores = self._weights.scores
        self._repeat, self._copy, self._incident = map(Scorer, (scores.repeat, scores.copy_, scores.incident))
        self.vocabulary = self._weights.vocabulary()
        """What it knows of words. Give it to the maker of keys, so that no text is taken apart twice."""
        self.learn(rarity if rarity is not None else Rarity(self._weights))

    @property
    def weights(self) -> Weights:
        """What it judges by."""
        return self._weights

    def learn(self, rarity: Rarity) -> None:
        """From now on words are as rare as this says."""
        self._rarity = rarity
        self.version = f"{self._weights.version}{f'+{rarity.documents}' if rarity.documents else ''}"
        """Of the weights, and how many documents of the stream stand behind the rarity of words."""

    def judge(self, new: Report, old: Report) -> Judgement:
        """What the two are to each other."""
        facts = self.features(new, old)
        found = evidence(facts)
        merge = (self._repeat if facts.same_person else self._copy).score(found)
        link = self._incident.score(found)
        kind, rule = self._decide(facts, frozenset(filter(None, (new.category, old.category))), merge, link)
        nearest = max(merge, link)
        unclear = (
            kind == "none"
            and not facts.conflicts
            and nearest >= self._weights.unclear_from
            and facts.days <= self._weights.longest_window
        )
        score = {"merge": merge, "link": link, "none": nearest}[kind]
        return Judgement(kind, round(score, 4), (rule, *reasons(facts, new, old)), self.version, unclear)

    def kind(self, facts: Features, categories: frozenset[str]) -> Kind:
        """What two reports that were measured are to each other; `categories` are those of both."""
        found = evidence(facts)
        merge = (self._repeat if facts.same_person else self._copy).score(found)
        return self._decide(facts, categories, merge, self._incident.score(found))[0]

    def forbids_merge(self, new: Report, old: Report) -> bool:
        """Whether the two must never be one report, whatever their words: conflicting specifics, two known persons."""
        facts = self.features(new, old)
        if self._corrects(facts):
            return False
        return bool(facts.conflicts) or facts.different_person or facts.figures_differ or facts.other_street

    def features(self, new: Report, old: Report) -> Features:
        """The two reports measured against each other."""
        left, right = sorted((new, old), key=_order)
        return measure(left, right, (self._taken(left), self._taken(right)), self._limits, self._rarity)

    def _taken(self, report: Report) -> Words:
        return words_of(told(report), self.vocabulary)

    def _decide(self, facts: Features, categories: frozenset[str], merge: float, link: float) -> tuple[Kind, str]:
        if self._corrects(facts):
            return "merge", "one person corrects what they said"
        if facts.conflicts:
            return "none", "specifics conflict"
        if not facts.different_person and (rule := self._same_report(facts, merge)) is not None:
            return "merge", rule
        refused = self._no_incident(facts, categories, merge, link)
        return ("none", refused) if refused is not None else ("link", "the same incident, told by others")

    def _no_incident(self, facts: Features, categories: frozenset[str], merge: float, link: float) -> str | None:
        """Why the two are not one incident, as far as can be told; or None."""
        rules = self._weights.link
        several = facts.close or len(facts.places) >= rules.places
        enough = facts.category is Match.AGREES and several and facts.topic != 0.0
        if link < rules.threshold and not enough:
            return "too little speaks for it"
        if elsewhere := self._no_place(facts, categories):
            return elsewhere
        if facts.category is Match.CONFLICTS and not facts.matter_shared and not facts.topic:
            return "another subject"
        if facts.days > min((rules.days(category) for category in categories), default=rules.default_days):
            return "too far apart in time"
        if categories & rules.personal_categories and rules.common_matters.isdisjoint(facts.kinds):
            return "everybody's own affair"
        # Nearly the same words, yet not the same report: that is what a form filled in for another place looks like.
        nobody = not facts.same_person and not facts.different_person
        return "nearly a copy, but not quite" if nobody and merge >= rules.doubt_from else None

    def _no_place(self, facts: Features, categories: frozenset[str]) -> str | None:
        """Why nothing says that it happened at one place; or None."""
        if not facts.places and not facts.place_shared and not facts.same_region and facts.landmark is not Match.AGREES:
            return "no place in common"
        rules = self._weights.link
        at_a_house = not categories.isdisjoint(rules.categories_of_houses) and _only_a_name(facts)
        return "another matter at the same place" if at_a_house and facts.matter < rules.matter_at_a_name else None

    def _corrects(self, facts: Features) -> bool:
        rules = self._weights.merge
        soon = facts.corrected and facts.same_person and facts.days <= rules.short_days
        return soon and facts.containment >= rules.corrected_words and len(facts.both.shared) >= rules.shared_words

    def _same_report(self, facts: Features, score: float) -> str | None:
        """Why the two are one report, or None."""
        rules = self._weights.merge
        if _other_report(facts):
            return None
        if facts.same_person:
            if self._more_exact(facts):
                return "one person tells a short text more exactly"
            if len(facts.both.shared) >= rules.shared_words:
                return "one person repeats" if score >= rules.threshold and facts.days <= rules.days else None
            # A few words prove nothing, unless they are all that was said, twice.
            again = bool(facts.both.shared) and not facts.both.torn and facts.both.jaccard == 1.0
            return "one person repeats a short text" if again and facts.days <= rules.short_days else None
        fits = score >= rules.threshold_unknown and facts.days <= rules.days_unknown
        enough = len(facts.both.shared) >= rules.shared_words_unknown
        return "the same report, and a reporter is unknown" if fits and enough else None

    def _more_exact(self, facts: Features) -> bool:
        """All that the shorter text says stands in the other, hours later: `lampu mati`, then where."""
        rules = self._weights.merge
        whole = facts.both.containment == 1.0 and facts.matter_shared > 0.0 and facts.matter == 1.0
        return whole and facts.days <= rules.exact_days


def _other_report(facts: Features) -> bool:
    """What forbids a merge alone. One person's second trouble comes in the same frame, and from the same place."""
    second = facts.other_kind and facts.category is Match.CONFLICTS and facts.matter < _ANOTHER_MATTER
    return facts.figures_differ or facts.other_street or second


def _only_a_name(facts: Features) -> bool:
    """Whether no more of the place agrees than a name that both say."""
    agrees = facts.places or facts.close or facts.all_around or facts.landmark is Match.AGREES
    return not agrees


class Scorer:
    """A logistic score of what was found (see `evidence.evidence`), by one set of weights."""

    def __init__(self, weights: ScoreWeights) -> None:
        self._bias = weights.bias
        self._factors = tuple(getattr(weights, name) for name in NAMES)

    def score(self, found: tuple[float, ...]) -> float:
        """How far it goes, between 0 and 1."""
        total = self._bias + math.fsum(map(mul, self._factors, found))
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


def _order(report: Report) -> tuple[object, object]:
    return report.sent_at, report.complaint_id
