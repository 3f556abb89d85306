"""How a person's register changes a plain sentence: abbreviations, home language, stretched letters, typing errors.

Place names, numbers and acronyms are left alone, since a word with a capital or a digit is never touched (case aside).
"""

import random
import re
from collections.abc import Callable

from sandbox.city.people import Citizen, Register, Tint

_SHORT: dict[str, tuple[str, ...]] = {
    "yang": ("yg",), "dengan": ("dgn", "dg"), "sudah": ("sdh", "udah", "udh"), "tidak": ("gak", "tdk", "ga", "nggak"),
    "tolong": ("tlg", "tlong"), "mohon": ("mhn", "mohon"), "karena": ("krn",), "untuk": ("utk", "u/"),
    "kalau": ("klo", "kl"), "saya": ("sy", "sya"), "belum": ("blm",), "orang": ("org",), "banyak": ("byk", "bnyk"),
    "depan": ("dpn",), "rumah": ("rmh",), "warga": ("wrg", "warga"), "sampai": ("smp", "sampe"), "segera": ("sgr",),
    "anak": ("ank", "anak"), "hampir": ("hmpr", "ampir"), "kami": ("kmi", "kami"), "sekali": ("bgt", "sekali"),
    "dari": ("dr",), "pada": ("pd",), "bisa": ("bs", "bisa"), "dan": ("dn", "dan", "&"), "sangat": ("sgt",),
    "terus": ("trs",), "malam": ("mlm",), "hari": ("hr", "hari"), "sering": ("srg",), "besar": ("bsr", "gede"),
    "terima": ("trm",), "kasih": ("ksh",), "bapak": ("bpk",), "laporan": ("lap.", "laporan"), "petugas": ("ptgs",),
}  # fmt: skip
_CASUAL: dict[str, tuple[str, ...]] = {
    "tidak": ("gak", "nggak", "ga", "tidak"), "sudah": ("udah", "sudah"), "saja": ("aja",),
    "segera": ("cepetan", "segera"),
    "sekali": ("banget", "sekali"), "sampai": ("sampe",), "kalau": ("kalo",), "besar": ("gede", "besar"),
    "harap": ("tolong", "harap"), "hanya": ("cuma",), "sangat": ("parah",), "mengganggu": ("ganggu",),
}  # fmt: skip
_HOME: dict[Tint, dict[str, tuple[str, ...]]] = {
    Tint.NONE: {},
    Tint.JAVANESE: {
        "tidak": ("ora", "mboten"), "sudah": ("wis", "sampun"), "sekali": ("tenan",), "mohon": ("nyuwun", "mohon"),
        "besar": ("gedhe",), "banyak": ("akeh",), "anak": ("bocah",), "malam": ("bengi",), "rumah": ("omah", "rumah"),
    },
    Tint.SUNDANESE: {
        "tidak": ("teu", "henteu"), "sudah": ("tos", "atos"), "sekali": ("pisan",), "mohon": ("punten mohon", "mohon"),
        "besar": ("ageung",), "banyak": ("seueur",), "anak": ("budak", "barudak"), "malam": ("wengi", "peuting"),
    },
}  # fmt: skip
_STRETCH = frozenset({"parah", "lama", "tolong", "sekali", "banget", "mati", "rusak", "bau", "terus", "macet", "gelap"})
_NAMED = re.compile(r"[A-Z0-9@]|\.\S")
_LOCATING = frozenset({"jalan", "jln", "jl", "rt", "rw", "kelurahan", "kecamatan", "dekat", "rumah"})
_WORD = re.compile(r"[a-z]+")
_VOWEL = re.compile(r"[aiueo](?!.*[aiueo])")


def colour(text: str, citizen: Citizen, rng: random.Random) -> str:
    """The text as this citizen types it."""
    register, home = citizen.register, _HOME[citizen.tint]
    table = {Register.SHORTENED: _SHORT, Register.TERSE: _SHORT, Register.CASUAL: _CASUAL}.get(register, {})
    # Only the abbreviators shorten nearly everything; others do so now and then.
    chance = 0.85 if register is Register.SHORTENED else 0.45
    typos, stretched = citizen.typos, register is Register.STRETCHED

    def one(match: re.Match[str]) -> str:
        word = match[0]
        if home and word in home and rng.random() < 0.5:
            return rng.choice(home[word])
        if word in table and rng.random() < chance:
            return rng.choice(table[word])
        if stretched and word in _STRETCH:
            return _VOWEL.sub(lambda vowel: vowel[0] * rng.randint(3, 5), word, count=1)
        if typos and len(word) > 4 and rng.random() < typos:
            return mistype(word, rng)
        return word

    if home or table or typos or stretched:
        text = _sparing_names(text, one)
    if register is Register.SHOUTING:
        return text.upper() + rng.choice(("!!!", "!!", ""))
    if register is Register.CASUAL and rng.random() < 0.5:
        return text.lower()
    return text


def mistype(word: str, rng: random.Random) -> str:
    """The word with two letters swapped, one lost or one doubled; the first letter stays."""
    at = rng.randint(1, len(word) - 2)
    match rng.randint(0, 2):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case _:
            return word[:at] + word[at] + word[at:]


def _sparing_names(text: str, one: Callable[[re.Match[str]], str]) -> str:
    """Applies `one` to each whole lower-case word that has no capital, digit, dot or at sign attached."""
    return " ".join(
        token if _NAMED.search(token) or token in _LOCATING else _WORD.sub(one, token, count=1)
        for token in text.split(" ")
    )
