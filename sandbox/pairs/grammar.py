"""A tiny grammar of phrases: `lampu (jalan|PJU) (mati|padam|)` says one of six things."""

import random
import re
from collections.abc import Mapping

_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_BLANKS = re.compile(r" {2,}")
_BEFORE_MARK = re.compile(r" +([.,])")


def say(rng: random.Random, phrase: str, slots: Mapping[str, str] | None = None) -> str:
    """One reading of a phrase: each `(a|b)` chosen, innermost first, each `{slot}` filled.

    Raises:
        KeyError: the phrase has a slot that is not filled.
    """
    while (chosen := _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), phrase)) != phrase:
        phrase = chosen
    if slots is not None:
        phrase = _SLOT.sub(lambda match: slots[match[1]], phrase)
    return _BEFORE_MARK.sub(r"\1", _BLANKS.sub(" ", phrase)).strip(" ")


def readings(phrase: str) -> list[str]:
    """All readings of a phrase, its slots left open."""
    match = _CHOICE.search(phrase)
    if match is None:
        return [_BLANKS.sub(" ", phrase).strip()]
    before, after = phrase[: match.start()], phrase[match.end() :]
    return [reading for choice in match[1].split("|") for reading in readings(before + choice + after)]
