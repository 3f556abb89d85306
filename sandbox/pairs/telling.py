"""From an incident to what one person writes of it: layout, facts, place, effects, wishes, courtesies."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.pairs.grammar import say
from sandbox.pairs.naming import Details, Namer
from sandbox.pairs.typist import Typist
from sandbox.pairs.vocabulary import Vocabulary
from sandbox.pairs.world import Incident, Person

_SENTENCE = re.compile(r"(?<=[^\d\s.]{4})\. ")
_LETTERS = 0.12
"""Share of people who write at length."""
_MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober")


@dataclass(frozen=True, slots=True)
class Told:
    """A text before it is typed: sentences can still be moved, left out or added."""

    opening: str
    sentences: tuple[str, ...]
    closing: str

    def text(self) -> str:
        """As one text, with full stops."""
        body = " ".join(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in self.sentences if sentence)
        opened = f"{self.opening}, {body}" if self.opening else body
        return f"{opened} {self.closing}" if self.closing else opened

    def with_sentences(self, sentences: Sequence[str]) -> "Told":
        """The same with other sentences."""
        return replace(self, sentences=tuple(sentences))


@dataclass(frozen=True, slots=True)
class Wording:
    """The choices behind a text. Two incidents told with one wording share all words but their facts and places."""

    seed: int
    short: bool = False
    facts: tuple[int, ...] = (0, 1)
    """Which of the incident's two facts are told, in order of preference."""
    courteous: bool = True


class Teller:
    """Tells incidents in one set's words."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words
        self._namer = Namer(words.places.near)
        self._typist = Typist(words.typing)

    def tell(self, incident: Incident, person: Person, at: datetime, wording: Wording, details: Details) -> Told:
        """What this person says at that moment, naming these details of the place."""
        frames, trouble, seed = self._words.frames, incident.trouble, wording.seed
        place = self._namer.in_words(incident.spot, details, _chance(seed, "place"))
        slots = {
            "problem": self._problem(incident, seed),
            "fact": self._fact(incident, wording.facts[0], seed),
            "effect": say(chance := _chance(seed, "effect"), first := chance.choice(trouble.effect)),
            "effect2": say(chance, chance.choice([other for other in trouble.effect if other != first])),
            "wish": say(chance := _chance(seed, "wish"), chance.choice(trouble.wish)),
            "span": self.span(incident, at, seed),
            "place": place or incident.spot.city.name,
            "at": f"di {place}" if place else "",
            "At": f"Di {place}" if place else "",
        }
        chance = _chance(seed, "layout")
        fitting = frames.short_layouts if wording.short else frames.layouts
        layout = chance.choice([one for one in fitting if not details or "{at}" in one.lower() or "{place}" in one])
        body = say(chance, layout, slots).strip(" ,.")
        sentences = [sentence.strip(" ,") for sentence in _SENTENCE.split(body) if sentence.strip(" ,.")]
        if len(wording.facts) > 1 and not wording.short and chance.random() < 0.5:
            sentences.append(self._fact(incident, wording.facts[1], seed))
        if not wording.short and chance.random() < _LETTERS:
            sentences += self._letter(incident, wording.seed)
        if trouble.scope == "person" and chance.random() < 0.5:
            sentences.insert(0, f"nama saya {person.name}")
        opening = closing = ""
        if wording.courteous and not wording.short:
            chance = _chance(seed, "courtesy")
            opening = say(chance, chance.choice(frames.openings)) if chance.random() < 0.5 else ""
            closing = say(chance, chance.choice(frames.closings)) if chance.random() < 0.4 else ""
        return Told(opening, tuple(sentences), closing)

    def _letter(self, incident: Incident, seed: int) -> list[str]:
        """What people add who write at length: all that follows of it, what was tried, what they ask for besides."""
        rng, trouble = _chance(seed, "letter"), incident.trouble
        more = [say(rng, effect) for effect in rng.sample(trouble.effect, min(3, len(trouble.effect)))]
        more += [say(rng, addition) for addition in rng.sample(self._words.frames.additions, rng.randint(2, 4))]
        more += [self._fact(incident, which, seed + 1) for which in (0, 1)]
        rng.shuffle(more)
        return [*more, say(rng, rng.choice(trouble.wish))]

    def type(self, told: Told, person: Person, rng: random.Random) -> str:
        """As this person types it."""
        return self._typist.write(told.text(), person, rng)

    def write(self, text: str, person: Person, rng: random.Random) -> str:
        """A text that is not told but filled in, as this person types it."""
        return self._typist.write(text, person, rng)

    def problem(self, incident: Incident, rng: random.Random) -> str:
        """The trouble alone."""
        return self._problem(incident, rng.getrandbits(32))

    def fact(self, incident: Incident, which: int, rng: random.Random) -> str:
        """One of the incident's two facts, in one of its phrasings."""
        return self._fact(incident, which, rng.getrandbits(32))

    def span(self, incident: Incident, at: datetime, seed: int) -> str:
        """For how long it has lasted, as said at that moment."""
        rng, frames = _chance(seed, "span"), self._words.frames
        days = (at - incident.began).days
        phrase = rng.choice(frames.since if days >= 2 else frames.today)
        return say(rng, phrase, {"n": str(days)})

    def _problem(self, incident: Incident, seed: int) -> str:
        rng = _chance(seed, "problem")
        phrases = incident.trouble.problem
        # People agree on words: the first phrasings are the ordinary ones, as in Zipf's law.
        chosen = rng.choices(phrases, [1 / rank for rank in range(1, len(phrases) + 1)])[0]
        return say(rng, chosen, self._slots(incident))

    def _fact(self, incident: Incident, which: int, seed: int) -> str:
        rng = _chance(seed, f"fact {which}")
        phrasings = incident.trouble.facts[incident.facts[which % 2]]
        return say(rng, rng.choice(phrasings), self._slots(incident))

    def _slots(self, incident: Incident) -> dict[str, str]:
        return {"month": _MONTHS[(incident.began.month - 3) % len(_MONTHS)]}


def _chance(seed: int, part: str) -> random.Random:
    """A source of chance for one part, so that parts do not move each other."""
    return random.Random(f"{seed}/{part}")
