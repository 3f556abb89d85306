"""The words of a complaint as they are compared with others': no identity in the clear, and no links."""

import re
from collections.abc import Sequence

from normalizer.understanding import masking
from normalizer.understanding import text as words
from runtime.sealing.protocol import Sealing

_LINK = re.compile(r"(?:https?://|www\.|geo:)\S+|-?\d{1,2}\.\d{4,15}\s*[,;]\s*-?\d{2,3}\.\d{4,15}", re.IGNORECASE)
"""Also bare coordinates: where they point is compared by distance."""
_TELLING = frozenset({"pelat", "nomor", "nama"})
"""Vehicles, meters, accounts, and people that are named: whether two complaints name the same tells them apart."""
_NAME = "nama"
_WORD = re.compile(r"\w+")
_SIGN = re.compile(r"[\W_]+")
_DIGITS = 12


def comparable(text: str, shown: str, names: Sequence[str], sealing: Sealing) -> str:
    """`text` for comparison; `shown` is the same text masked. What names a thing becomes a number that stands for it:
    the same for the same thing, and nothing can be read from it. Of a person's name each word becomes one, since the
    same person may be told by one name or by two.
    """
    if any(f"[{kind}]" in shown for kind in _TELLING):
        shown = _numbered(text, names, sealing)
    return words.comparable(_LINK.sub(" ", shown))


def _numbered(text: str, names: Sequence[str], sealing: Sealing) -> str:
    parts: list[str] = []
    done = 0
    for found in masking.identities(text, names):
        parts += (text[done : found.start], f"[{found.kind}]")
        if found.kind in _TELLING:
            said = text[found.start : found.end]
            words_of_it = _WORD.findall(said) if found.kind == _NAME else [_SIGN.sub("", said)]
            for word in words_of_it:
                digest = sealing.blind("thing", word.upper()).encode()
                parts.append(f" {int.from_bytes(digest) % 10**_DIGITS:0{_DIGITS}d}")
            parts.append(" ")
        done = found.end
    return "".join((*parts, text[done:]))
