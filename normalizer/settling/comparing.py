"""The words of a complaint as they are compared with others': no identity in the clear, and no links."""

import re
from collections.abc import Sequence

from normalizer.understanding import masking
from normalizer.understanding import text as words
from runtime.sealing.protocol import Sealing

_LINK = re.compile(r"(?:https?://|www\.|geo:)\S+|-?\d{1,2}\.\d{4,15}\s*[,;]\s*-?\d{2,3}\.\d{4,15}", re.IGNORECASE)
"""Also bare coordinates: where they point is compared by distance."""
_OF_A_THING = frozenset({"pelat", "nomor"})
"""Identities of vehicles, meters, accounts: whether two complaints name the same one tells them apart."""
_SIGN = re.compile(r"[\W_]+")
_DIGITS = 12


def comparable(text: str, shown: str, names: Sequence[str], sealing: Sealing) -> str:
    """`text` for comparison; `shown` is the same text masked. What names a thing becomes a number that stands for it:
    the same for the same thing, and nothing can be read from it.
    """
    if any(f"[{kind}]" in shown for kind in _OF_A_THING):
        shown = _numbered(text, names, sealing)
    return words.comparable(_LINK.sub(" ", shown))


def _numbered(text: str, names: Sequence[str], sealing: Sealing) -> str:
    parts: list[str] = []
    done = 0
    for found in masking.identities(text, names):
        parts += (text[done : found.start], f"[{found.kind}]")
        if found.kind in _OF_A_THING:
            plain = _SIGN.sub("", text[found.start : found.end]).upper()
            digest = sealing.blind("thing", plain).encode()
            parts.append(f" {int.from_bytes(digest) % 10**_DIGITS:0{_DIGITS}d}")
        done = found.end
    return "".join((*parts, text[done:]))
