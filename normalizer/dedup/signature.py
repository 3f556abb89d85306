"""MinHash signatures by `rensa`, cut into bands: texts that share many words share a band.

Broder's MinHash with locality-sensitive banding: with `rows` values in each of `bands` bands, two texts whose shingle
sets have Jaccard similarity s share a band with probability 1 - (1 - s^rows)^bands: .98 at s = .6, .88 at .5, .02 at .1
for 16 bands of 3.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from importlib.metadata import version
from operator import mul
from typing import cast

from rensa import RMinHash

SHORTEST_TEXT = 20
"""Characters. Below, too few words are left for similarity to mean anything: such texts are compared exactly only."""

_WORD = re.compile(r"\w+")
_KEY = (1 << 63) - 1
_SHINGLING = 1
"""Raise it when `shingles` changes: bands of different shinglings must not meet."""


def shingles(text: str) -> set[str]:
    """Pairs of neighbouring words, and single words of five letters or more; empty for a text that is too short.

    Pairs keep common words from meeting by themselves; single long words survive typing errors beside them.
    """
    if len(text) < SHORTEST_TEXT:
        return set()
    words = _WORD.findall(text)
    found = {word for word in words if len(word) >= 5}
    found.update(map("{} {}".format, words, words[1:]))
    return found


class Signer:
    """Makes the bands of texts. Bands of signers with different `version`s never equal each other."""

    def __init__(self, *, bands: int = 16, rows: int = 3, seed: int = 20261124) -> None:
        if bands < 1 or rows < 1:
            raise ValueError("a signature needs at least one band of one row")
        self._bands = bands
        self._rows = rows
        self._seed = seed
        algorithm = RMinHash.ALGORITHM_VERSION
        self.version = f"rensa-{version('rensa')}-a{algorithm}-w{_SHINGLING}-{bands}x{rows}-{seed}"
        """Library, its algorithm, our shingling, the shape and the seed: stored with every signature."""
        # The library's release alone does not change digests; its algorithm, our shingling, shape and seed do.
        basis = f"a{algorithm}-w{_SHINGLING}-{bands}x{rows}-{seed}".encode()
        self._salts = [_number(basis + b"/band/%d" % band) for band in range(bands)]
        self._factors = [_number(basis + b"/row/%d" % row) | 1 for row in range(rows)]

    def bands(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """For each text its bands as 63-bit numbers; none for a text that is too short."""
        sets = [shingles(text) for text in texts]
        filled = [tokens for tokens in sets if tokens]
        digests = iter(
            cast("list[list[int]]", RMinHash.digests_from_token_sets(filled, self._bands * self._rows, self._seed))
        )
        return [self._cut(next(digests)) if tokens else () for tokens in sets]

    def _cut(self, digest: list[int]) -> tuple[int, ...]:
        """Multiply-add hashing of each band's values: they are hashes already, and need mixing only."""
        rows, factors = self._rows, self._factors
        starts = range(0, len(digest), rows)
        return tuple(
            (salt + sum(map(mul, digest[start : start + rows], factors))) & _KEY
            for start, salt in zip(starts, self._salts, strict=True)
        )


def _number(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest())
