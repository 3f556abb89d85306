"""The words of a text as names of regions are compared by."""

import re

_TOKEN = re.compile(r"[^\W_]+(?:['’`][^\W\d_]+)?")
_APOSTROPHE = re.compile("['’`]")
_UNITS = {
    word: str(number)
    for number, word in enumerate(
        ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"), 1
    )
}
_ROMAN = {
    roman: str(number)
    for number, roman in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), 1)
}
_SHORT = """
sei=sungai tj=tanjung tjg=tanjung tg=tanjung kp=kampung kmp=kampung kmpg=kampung gn=gunung pd=pondok pdk=pondok
tlk=teluk tlg=talang bt=batu lbk=lubuk ps=pasar psr=pasar kb=kebun mns=meunasah gp=gampong
sltn=selatan slatan=selatan sel=selatan utr=utara tmr=timur brt=barat tgh=tengah
"""
_READ_AS = dict(pair.split("=") for pair in _SHORT.split()) | {
    word: f"#{number}#" for word, number in (_ROMAN | _UNITS).items()
}
_CHANGING = frozenset("0123456789ks")
"""How words begin that may be read as something else."""


class Said:
    """The words of a text in order, and where they stand."""

    __slots__ = ("_text", "ends", "keys", "starts")

    def __init__(self, text: str) -> None:
        """Reads the text; `35`, `XXXV` up to twelve, and `tiga puluh lima` meet as one key."""
        lower = text.lower()
        if len(lower) != len(text):  # a letter that has no small form of its own length: then places must not shift
            lower = text
        self._text = lower
        self.keys: list[str] = []
        """Lower case, shortened words in full, numerals as digits between `#`, so that no number runs into another."""
        self.starts: list[int] = []
        self.ends: list[int] = []
        has_apostrophes = _APOSTROPHE.search(lower) is not None
        number = ""  # that the last word is
        for match in _TOKEN.finditer(lower):
            raw = match[0]
            if has_apostrophes:
                raw = _APOSTROPHE.sub("", raw)
            start, end = match.span()
            if number and (combined := _combined(number, raw)):
                self.keys[-1] = number = f"#{combined}#"
                self.ends[-1] = end
                continue
            key = _READ_AS.get(raw, raw)
            if raw[0] in _CHANGING and key is raw:
                key = _respelt(raw)
            number = key if key[0] == "#" else ""
            self.keys.append(key)
            self.starts.append(start)
            self.ends.append(end)

    def follows(self, at: int) -> bool:
        """Whether a word can be of one name with that before it: only a blank, dot, hyphen or slash is between."""
        gap = self._text[self.ends[at - 1] : self.starts[at]] if at else "\n"
        return gap == " " or (len(gap) <= 2 and not gap.strip(" .-/'"))

    def is_beside(self, at: int) -> bool:
        """Whether a word can be what that before it announces (`Kel. : Majapahit`): blanks, dots or colons between."""
        gap = self._text[self.ends[at - 1] : self.starts[at]] if at else "\n"
        return gap == " " or (len(gap) <= 3 and not gap.strip(" .:\t"))

    def ends_at_comma(self, at: int) -> bool:
        """Whether a comma comes right after a word."""
        return self._text.startswith(",", self.ends[at])

    def joined(self, at: int, most: int) -> list[str]:
        """What names that begin with a word are looked up by, shortest first, as far as a name can go on.

        Without blanks, since `Sungai Buah` is also written `Sungaibuah`.
        """
        found = [self.keys[at]]
        for next_one in range(at + 1, min(at + most, len(self.keys))):
            if not self.follows(next_one):
                break
            found.append(found[-1] + self.keys[next_one])
        return found


def _respelt(raw: str) -> str:
    if raw.isdecimal():
        return f"#{raw.lstrip('0') or '0'}#"
    if raw.startswith("kebon"):
        return f"kebun{raw[5:]}"
    return f"sumatera{raw[7:]}" if raw.startswith("sumatra") else raw


def _combined(before: str, word: str) -> int | None:
    """Numbers in words: `2` + `puluh` → `20`, then + `lima` → `25`."""
    if len(before) > 4:
        return None
    number = int(before.strip("#"))
    if number < 10:
        return number * 10 if word == "puluh" else number + 10 if word == "belas" else None
    unit = int(_UNITS.get(word, "10"))
    return number + unit if number >= 20 and number % 10 == 0 and unit < 10 else None
