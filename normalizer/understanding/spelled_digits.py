"""Numbers that are written so that no machine reads them: in words, with letters for digits."""

import re

_DIGITS = {
    "nol": "0", "kosong": "0", "ksg": "0", "satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5",
    "enam": "6", "tujuh": "7", "delapan": "8", "lapan": "8", "sembilan": "9",
}  # fmt: skip
_WORD = rf"(?:{'|'.join(_DIGITS)}|\d{{1,4}})"
_HINTS = ("nol", "kosong", "ksg")
"""One of these begins every number in words."""
_SPELLED = re.compile(rf"(?<!\w)(?:nol|kosong|ksg)(?:[\s,.\-]{{1,3}}{_WORD}(?!\w)){{5,13}}", re.IGNORECASE)
_EACH = re.compile(r"[a-z]+|\d+")
_LETTERED = re.compile(r"(?<!\w)[0oO][ .\-]?[8B](?:[ .\-]{0,2}[\doOIl]){8,11}(?!\w)")
_IN_PAIRS = re.compile(r"(?<!\d)(?<!\d )08([ .\-])[1-9]\d(?:\1\d\d){3,5}(?! ?\d)")
_UNDERLINED = re.compile(r"(?<!\w)08\d\d_\d{3,4}_\d{3,5}(?!\w)")
_DIGIT = re.compile(r"\d")
_NO_DIGIT = re.compile(r"\D")
_LIKE = str.maketrans({"o": "0", "O": "0", "I": "1", "l": "1", "B": "8"})


def spelled_phones(text: str) -> list[str]:
    """The digits of mobile numbers that are written in words (`nol delapan …`), with letters (`O8l1…`) or in pairs."""
    found: list[str] = []
    small = text.lower()
    for match in _SPELLED.finditer(text) if any(hint in small for hint in _HINTS) else ():
        digits = "".join(_DIGITS.get(each, each) for each in _EACH.findall(match[0].lower()))
        if digits.startswith("08") and 10 <= len(digits) <= 13:
            found.append(digits)
    if not _DIGIT.search(text):
        return found
    for match in _LETTERED.finditer(text):
        digits = match[0].translate(_LIKE)
        if digits != match[0] and sum(map(str.isdigit, match[0])) >= 5:
            found.append(_NO_DIGIT.sub("", digits))
    found += [_NO_DIGIT.sub("", match[0]) for pattern in (_IN_PAIRS, _UNDERLINED) for match in pattern.finditer(text)]
    return found
