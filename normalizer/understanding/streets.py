"""Streets, housing estates and house numbers, as they are written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from normalizer.understanding.place_words import (
    DIRECTIONS,
    ENDS_NAME,
    ESTATES,
    FIRST_OF_TWO,
    NO_NAME,
    ROADS,
    ROADS_LEAD_TO,
    TITLES,
    WELL_KNOWN_STREETS,
)
from normalizer.understanding.words import word_set

_KIND = re.compile(
    r"\b(?:(?P<jalan>jalan|jln|jl|jl\.?n)|(?P<gang>gang|gg)|(?P<lorong>lorong|lrg|lr)"
    r"|(?P<perumahan>perum(?:ahan|nas)?|btn)|(?P<kompleks>kompl?e[kx]s?))\b\.?[ \t]*",
    re.IGNORECASE,
)
KINDS = word_set("""
    jalan jln jl gang gg lorong lrg lr perum perumahan perumnas btn komplek kompleks komplex kopleks komplexs
""")
"""One of these words stands in every text that names a street."""
_BLOCK = r"blo[ck]k?\b\.?\s*(?P<{0}>[A-Za-z]{{1,2}}\s?-?\d{{0,3}}|\d{{1,3}}[A-Za-z]?)(?!\w)"
_NUMBER = re.compile(
    rf"[\s,]*(?:{_BLOCK.format('of_number')}\s*[,/]?\s*)?(?:no|nomor|nmr|nomer|n0|kav|kavling)\b\.?\s*[:#]?\s*"
    r"(?P<number>\d{1,4}\s?[A-Za-z]?(?:[/-]\d{1,3}[A-Za-z]?)?)(?![\w])"
    rf"|[\s,]*{_BLOCK.format('block')}(?:\s*[/-]\s*(?P<in_block>\d{{1,3}}[A-Za-z]?)(?!\w))?",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"\brumah\s+(?:no|nomor|nmr)\b\.?\s*(\d{1,4}[A-Za-z]?)(?!\w)", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*\.?")
_ROMAN = re.compile(r"[ivx]{1,4}", re.IGNORECASE)


_DONE_TO_IT = re.compile(r"di(?:per|tu|ba|as|co|ga|bu|ru|ra|la|ke|be|ti|le|ja|lu|ta|te|ce)[a-z]+|[a-z]{3,}nya")
"""What is done to a street, not its name: `Jalan Diperbaiki`."""


@dataclass(frozen=True, slots=True)
class Street:
    """A street, lane or estate that is named in a text."""

    kind: str
    """Jalan, Gang, Lorong, Perumahan or Kompleks."""
    name: str
    """With its kind: `Jalan Ahmad Yani`, in full words, capitalised."""
    start: int
    end: int
    is_sure: bool
    """It is abbreviated (`Jl.`) or its name has a capital, and so it hardly is an ordinary word."""


def streets(text: str) -> Iterator[Street]:
    """The streets in their order."""
    shouting: bool | None = None
    for match in _KIND.finditer(text):
        if shouting is None:
            shouting = _is_shouting(text)
        kind = str(match.lastgroup).capitalize()
        is_word = match[0].rstrip().lower() in {"jalan", "perumahan", "komplek", "kompleks"}
        is_estate = kind in {"Perumahan", "Kompleks"}
        parts, end = _name(text, match.end(), is_word=is_word, is_estate=is_estate, shouting=shouting)
        if not parts:
            continue
        begin = parts[0][1]
        name = "".join(
            ("" if start == begin or text[start - 1] not in " \t" else " ") + _capitalised(word)
            for word, start in parts
        )
        yield Street(
            kind, f"{kind} {name}", match.start(), end, not is_word or (name[0] == text[begin] and not shouting)
        )


def house_number(text: str, at: int) -> str | None:
    """The number that stands right there, after a street: `12A`, `Blok C5 No. 12`, `Blok C5`."""
    match = _NUMBER.match(text, at)
    if not match:
        return None
    number = (match["number"] or match["in_block"] or "").replace(" ", "").upper()
    block = (match["of_number"] or match["block"] or "").replace(" ", "").upper()
    if not block:
        return number
    return f"Blok {block} No. {number}" if number else f"Blok {block}"


def lone_house_number(text: str) -> str | None:
    """The number of a house that is called one (`rumah no 8`), without its street."""
    match = _HOUSE.search(text)
    return match[1].upper() if match else None


def _is_shouting(text: str) -> bool:
    """Whether capitals carry no meaning, since everything is in capitals."""
    beginning = text[:400]
    capitals = sum(map(str.isupper, beginning))
    return capitals * 10 > sum(map(str.isalpha, beginning)) * 6


def _next(text: str, at: int) -> re.Match[str] | None:
    """The next word on the line."""
    for _ in range(3):
        if text[at : at + 1] not in {" ", "\t"}:
            break
        at += 1
    return _TOKEN.match(text, at)


def _name(text: str, at: int, *, is_word: bool, is_estate: bool, shouting: bool) -> tuple[list[tuple[str, int]], int]:
    """The words of a street's name with where they begin, and where it ends."""
    parts: list[tuple[str, int]] = []
    end = at
    while len(parts) < 6:
        token = _next(text, end)
        if not token:
            break
        word = token[0]
        plain = word.rstrip(".").lower()
        # Capitals of a written name go on; lower-case names end after two words, or where ordinary words begin.
        is_capital = word[0].isupper() and not shouting
        if not parts:
            is_estates = is_estate and plain in ESTATES
            if not (is_estates or _begins(text, token, is_word=is_word, is_capital=is_capital)):
                break
        else:
            # Of an estate everybody writes two words.
            is_second = is_estate and len(parts) == 1 and plain not in ENDS_NAME and plain not in KINDS
            if not is_second and not _goes_on(plain, [part for part, _ in parts], is_capital=is_capital):
                break
        parts.append((word, token.start()))
        end = token.end()
        if word.endswith(".") and len(plain) > 1 and plain not in TITLES:  # a full stop that ends the sentence
            parts[-1] = (word[:-1], token.start())
            end -= 1
            break
    if len(parts) == 1:
        only = parts[0][0].rstrip(".").lower()
        if (only in TITLES or len(only) < 2 or only in ROADS) and not only.isdigit():
            return [], at
    return parts, end


def _begins(text: str, token: re.Match[str], *, is_word: bool, is_capital: bool) -> bool:
    """Whether a street's name begins with this word, and not a sentence about a street."""
    plain = token[0].rstrip(".").lower()
    if plain in ROADS:  # "jalan raya macet" is no name, "jl. raya bogor" is one
        following = _next(text, token.end())
        if not following:
            return False
        then = following[0].rstrip(".").lower()
        named = following[0][0].isupper() and is_capital
        return then not in ENDS_NAME and (named or then in ROADS_LEAD_TO or not is_word)
    if plain in NO_NAME or (is_word and _DONE_TO_IT.fullmatch(plain)):
        return False
    return (
        not is_word
        or is_capital
        or plain in TITLES
        or plain in WELL_KNOWN_STREETS
        or token[0].lower() in WELL_KNOWN_STREETS
    )


def _goes_on(plain: str, parts: list[str], *, is_capital: bool) -> bool:
    last = parts[-1].rstrip(".").lower()
    if len(parts) > 1 and plain not in DIRECTIONS and (last.isdigit() or (_ROMAN.fullmatch(last) and len(last) > 1)):
        return False  # "Jl. Melati 4 Tomang": what follows is where it lies
    if plain in DIRECTIONS or _ROMAN.fullmatch(plain) or (plain.isdigit() and len(plain) <= 2):
        return True
    # After a number and a title there is more to come: "Jl. Jend. A. Yani", "Jl. 17 Agustus".
    if last in TITLES or (len(last) == 1 and last.isalpha()):
        return True
    if plain in ENDS_NAME or plain in KINDS:
        return False
    if len(parts) == 1 and (last.isdigit() or last in ROADS):
        return True
    return is_capital or (len(parts) == 1 and last in FIRST_OF_TWO)


def _capitalised(word: str) -> str:
    plain = word.rstrip(".")
    if _ROMAN.fullmatch(plain) or plain.lower() in {"mt", "ri", "wr", "dt", "hos"}:
        return word.upper()
    if word.isupper() and len(word) > 3:
        return word[0] + word[1:].lower()
    return word[0].upper() + word[1:]
