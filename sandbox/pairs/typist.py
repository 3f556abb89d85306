"""How a text is typed: abbreviations, home words, typing errors, capitals, missing punctuation, emoji."""

import random
import re
from collections.abc import Callable

from sandbox.pairs.vocabulary import Typing
from sandbox.pairs.world import Person

_NAMED = re.compile(r"[A-Z0-9@{}/]|\.\S")
_WORD = re.compile(r"[a-z]+")
_VOWEL = re.compile(r"[aiueo](?=[^aiueo]*$)")
_MARKS = re.compile(r"[.,;!?](?=\s|$)")
_SPARED = re.compile(r"https?://\S+|-?\d+\.\d{4,},\s?\d+\.\d{4,}")
_NEXT = "aspdfoghjkl"


class Typist:
    """Types for anybody, by the spellings of the language."""

    def __init__(self, typing: Typing) -> None:
        self._typing = typing

    def write(self, text: str, person: Person, rng: random.Random) -> str:
        """The text as this person types it. Links and coordinates stay as they are: they are pasted."""
        shortened = {"chat": 0.7, "bare": 0.45, "shouting": 0.2, "plain": 0.1}.get(person.manner, 0.0)
        home = self._typing.home[person.tint] if person.tint else {}
        words: list[str] = []
        for word in text.split(" "):
            if _NAMED.search(word):
                words.append(word)
                continue
            words.append(_WORD.sub(lambda match: self._one(match[0], shortened, home, person.typos, rng), word, 1))
        return self._dress(" ".join(words), person, rng)

    def _one(self, word: str, shortened: float, home: dict[str, str], typos: float, rng: random.Random) -> str:
        if word in home and rng.random() < 0.5:
            return home[word]
        if word in self._typing.short and rng.random() < shortened:
            return rng.choice(self._typing.short[word])
        if len(word) > 4 and rng.random() < typos:
            return mistype(word, rng)
        return word

    def _dress(self, text: str, person: Person, rng: random.Random) -> str:
        if person.manner == "bare":
            text = _spare(text, lambda part: _MARKS.sub("", part).lower())
        elif person.manner == "shouting":
            text = _spare(text, str.upper) + rng.choice(("!!!", "!!", ""))
        elif person.manner == "chat":
            if rng.random() < 0.6:
                text = _spare(text, str.lower)
            if rng.random() < 0.4:
                text = _spare(text, lambda part: part.replace(". ", rng.choice((" ", ".. ", ", ", "\n", ". "))))
            if rng.random() < 0.15:
                text = _stretch(text, rng)
        if rng.random() < 0.04:
            text = text.replace(". ", ".\\n")
        if rng.random() < person.emoji:
            text = f"{text} {rng.choice(self._typing.emoji) * rng.randint(1, 3)}"
        return text


def mistype(word: str, rng: random.Random) -> str:
    """The word with two letters swapped, one lost, doubled or replaced by another key; the first letter stays."""
    at = rng.randint(1, len(word) - 2)
    match rng.randint(0, 3):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + rng.choice(_NEXT) + word[at + 1 :]


def _stretch(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    long = [n for n, word in enumerate(words) if word.isalpha() and word.islower() and len(word) > 4]
    if long:
        at = rng.choice(long)
        words[at] = _VOWEL.sub(lambda match: match[0] * rng.randint(3, 5), words[at], count=1)
    return " ".join(words)


def _spare(text: str, change: Callable[[str], str]) -> str:
    """Changes what stands around links and coordinates."""
    parts: list[str] = []
    start = 0
    for match in _SPARED.finditer(text):
        parts += [change(text[start : match.start()]), match[0]]
        start = match.end()
    return "".join([*parts, change(text[start:])])
