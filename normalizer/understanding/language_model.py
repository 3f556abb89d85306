"""The model of languages, asked word by word: most words were met before, from the same state of its automaton."""

from collections import Counter

import numpy as np
from py3langid.langid import MODEL_FILE, RAW_FLOOR, LanguageIdentifier

_REMEMBERED = 20_000
"""Words, each after a certain ending of the word before it."""


class LanguageModel:
    """Scores of a few languages, the same as the library's own.

    Its automaton has tables of 20 MB through which every byte of a text jumps; what a word does in it is remembered.
    Raises ValueError for a language that the model does not have.
    """

    def __init__(self, languages: list[str]) -> None:
        model = LanguageIdentifier.from_model_file(MODEL_FILE)
        model.set_languages(languages)
        self._model = model
        self._table = model.nb_ptc.astype(np.float32)
        self._words: dict[tuple[int, bytes], tuple[int, tuple[int, ...]]] = {}

    def scores(self, text: str) -> dict[str, float]:
        """The log-likelihood of each language. A text that shouts is read in small letters."""
        found: list[int] = []
        state = 0
        *words, last = self._model._encode(text).split(b" ")  # noqa: SLF001 there is no public way
        for word in words:
            known = self._words.get((state, word))
            if known is None:
                known = self._remembered(state, word)
            state = known[0]
            found += known[1]
        found += self._walk(state, last)[1]
        return dict(zip(self._model.nb_classes, self._weighed(found), strict=True))

    def _remembered(self, state: int, word: bytes) -> tuple[int, tuple[int, ...]]:
        """What the automaton does over a word and the blank behind it."""
        if len(self._words) >= _REMEMBERED:
            self._words.clear()
        known = self._words[state, word] = self._walk(state, word + b" ")
        return known

    def _walk(self, state: int, text: bytes) -> tuple[int, tuple[int, ...]]:
        """Where it comes to, and the features that it finds."""
        found: list[int] = []
        model = self._model
        for letter in text:
            state = model.tk_nextmove[model._rowbase[state] + letter]  # noqa: SLF001 likewise
            if (feature := model.tk_output[state]) >= 0:
                found.append(feature)
        return state, tuple(found)

    def _weighed(self, found: list[int]) -> list[float]:
        if not found:
            return [RAW_FLOOR] * len(self._model.nb_classes)
        visits = Counter(found)
        features = np.fromiter(visits.keys(), dtype=np.intp, count=len(visits))
        counts = np.fromiter(visits.values(), dtype=np.float32, count=len(visits))
        return list((np.log1p(counts) @ self._table[features] + self._model.nb_pc).tolist())
