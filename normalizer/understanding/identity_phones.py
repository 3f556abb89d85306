"""Telephone numbers in free text, also as they are written to be overlooked by machines; and plates of vehicles."""

import re

from normalizer.understanding.identity import Sought
from normalizer.understanding.identity_numbers import is_amount
from normalizer.understanding.people import phone_spans
from normalizer.understanding.words import word_set

_ONE_BY_ONE = re.compile(
    # Digit by digit, also as keycap emoji; pair by pair; in groups with uncommon signs between.
    r"(?<!\w)(?:\+?62|[0oO])([ .\-_*/|,]{1,2}|\ufe0f?\u20e3 ?)8\1[1-9](?:\1\d){6,10}(?!\w)(?:\ufe0f?\u20e3)?"
    r"|(?<!\w)[0oO][ .\-_*/|,]{1,3}8(?:[ .\-_*/|,]{1,3}\d){8,11}(?!\w)"
    r"|(?<!\w)08([ .\-_*])[1-9]\d(?:\2\d\d){3,5}(?!\w)"
    r"|(?<!\w)(?:\+62|62|0)[ .\-]?8[1-9]\d{1,2}(?:[ ]?[_*/,~—–|:=][ ]?\d{2,5}){2,3}(?!\w)"
)
_LETTERED = re.compile(r"(?<!\w)[0oO][ .\-]?8(?:[ .\-]{0,2}[\doOIl]){8,11}(?!\w)")
_GLUED = re.compile(r"(?:(?<!\w)(?:\+?62|0)8[1-9]\d{7,10}(?=[A-Za-z])|(?<=[a-z.:])08[1-9]\d{7,10}(?!\w))")
_NAMED = re.compile(
    r"\b(?:no\.?\s?)?(?:telp|tlp|tlpn|telpon|telepon|telfon|hp|wa|whats?app|handphone|hubungi|hub|kontak|contact|cp|sms|call"
    r"|nope?|ponsel|n(?:o|mr|omor)\.?\s+saya)(?![a-z])[^\n\d+]{0,15}?(\+?\(?\d(?:[ .\-()]{0,2}\d){6,13})(?!\d)",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"1(?:[ .\-]?\d){2,7}|0\s?800.*|0\s?80[49].*")
"""Short codes, call centres, toll-free numbers: nobody's own."""
_BIG_CITY = re.compile(r"(?<![\w./\-])0(?:21|22|24|31|61)[ .\-]?\d{7,8}(?!\w)")
_SPELLED = re.compile(
    r"(?<!\w)(?:nol|kosong)(?:[ \t,.\-]{1,3}(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan"
    r"|sebelas|belas|puluh|\d{1,4})(?!\w)){4,13}",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\d{1,2}[ .\-/]\d{1,2}[ .\-/](?:19|20)\d\d|(?:[01]?\d|2[0-4])[.:][0-5]\d[ \-]+(?:[01]?\d|2[0-4])[.:][0-5]\d"
)

# A vehicle's plate: area letters of the police's own list, one to four digits, one to three letters.
_AREAS = word_set(
    """
a aa ab ad ae ag b ba bb bd be bg bh bk bl bm bn bp d da db dc dd de dg dh dk dl dm dn dp dr ds dt e ea eb ed f g h k kb
kh kt ku l m n p pa pb pg ps pt r s t w z
"""
)
_MAYBE_PLATE = re.compile(r"(?<![\w-])(([A-Za-z]{1,2})([ .-]?)(\d{1,4}))(?:[ .-]?([A-Za-z]{1,3}))?(?![\w-])")
_CALLED_PLATE = re.compile(
    r"\b(?:plat|pelat|nopol|no\.?\s?pol(?:isi)?|nomor\s+polisi)(?:nya)?\b[^\n\d]{0,25}$", re.IGNORECASE
)
_VEHICLE = re.compile(
    r"\b(?:motor|mobil|truk|angkot|bus|pick\s?up|avanza|xenia|kendaraan)\b[^\n\d]{0,25}$", re.IGNORECASE
)
# What stands after "L 300", "B 12" and is no series.
_NOT_A_SERIES = word_set(
    """
rt rw no km jl jln kel kec kk ds dsn wib wit am pm rp m cm mm hp wa tv dan di ke ya yg dr th thn hr jam org
pcs kva kv kw gb mb rb jt ha bln ada ini itu mau tdk gak dgn utk sd smp sma ac pk cc ml kg gr lt bks tlg blm
sdh pak bu lg dg an nya se per ato atau pas dll hal sk kpu tni asn pns
"""
)
_BEFORE_A_BLOCK = re.compile(
    r"\b(?:blok|block|gang|gg|no|nomor|kav|kavling|lantai|lt|tower|rt|rw|km|kelas|unit|jalur|koridor|rute|kwk|jak|dinas|surat)\.?\s*$",
    re.IGNORECASE,
)


def find_phones(sought: Sought) -> None:
    """Take what is somebody's telephone."""
    for start, end in list(phone_spans(sought.text)):
        if not _is_price(sought, start, end):
            sought.take(start, end, "telepon")
    for pattern in (_ONE_BY_ONE, _GLUED, _BIG_CITY):
        for match in pattern.finditer(sought.text):
            sought.take(*match.span(), "telepon")
    for match in _LETTERED.finditer(sought.text):
        if sum(map(str.isdigit, match[0])) >= 5 and not _WHEN.search(match[0]):
            sought.take(*match.span(), "telepon")
    for match in _NAMED.finditer(sought.text):
        if not _PUBLIC.fullmatch(match[1]) and not _WHEN.search(match[1]) and not is_amount(sought, *match.span(1)):
            sought.take(*match.span(1), "telepon")


def find_spelled_phones(sought: Sought) -> None:
    """Take numbers written in words: "nol delapan satu satu …"."""
    for match in _SPELLED.finditer(sought.text):
        said = re.findall(r"\d|[a-z]+", match[0].casefold())
        if len(said) - said.count("belas") - said.count("puluh") >= 9:
            sought.take(*match.span(), "telepon")


def find_plates(sought: Sought) -> None:
    """Take what is a vehicle's plate, not the letter of a block or the number of a bus."""
    for match in _MAYBE_PLATE.finditer(sought.text):
        if match[2].lower() in _AREAS:
            _decide_plate(sought, match)


def _decide_plate(sought: Sought, match: re.Match[str]) -> None:
    area, sign, digits, series = match[2], match[3], match[4], match[5] or ""
    before = sought.line_before(match.start(), 40)
    is_word = series.lower() in _NOT_A_SERIES
    if _CALLED_PLATE.search(before):
        # Somebody says that it is a plate: what follows may still be a word.
        if len(digits) > 2 or (series and not is_word):
            sought.take(match.start(), match.end(1) if is_word else match.end(), "pelat")
    elif not series or is_word or (len(digits) < 3 and len(area) == 1):
        return
    elif _VEHICLE.search(before) and len(digits) > 2:
        sought.take(match.start(), match.end(), "pelat")
    elif not (_BEFORE_A_BLOCK.search(before) and len(digits) + len(series) < 5):
        # In small letters: only with the same sign on both sides.
        is_even = match.string[match.end(1) : match.start(5)] == sign
        if (area + series).isupper() or (len(digits) > 2 and len(series) > 1 and is_even):
            sought.take(match.start(), match.end(), "pelat")


def _is_price(sought: Sought, start: int, end: int) -> bool:
    """A number that begins like a mobile phone's without its zero may be an amount."""
    number = sought.text[start:end]
    return number.startswith("8") and (number.endswith("00000") or is_amount(sought, start, end))
