"""What a place is described by: `depan Masjid Al-Huda`, `simpang lima`."""

import re

from normalizer.understanding.guarded import letters_in
from normalizer.understanding.place_words import ENDS_LANDMARK
from normalizer.understanding.words import word_set

_WHERE = (
    "depan|dpn|dekat|deket|dkt|samping|smping|sebelah|belakang|blkg|blakang|seberang|sebrang|sekitar|area|kawasan"
    "|simpang(?:an)?|perempatan|prapatan|pertigaan|bundaran|jembatan|di"
)
_WHAT = (
    r"masjid|mesjid|mushol+a|musala|surau|langgar|gereja|pura|vihara|klenteng|pasar|sd|sdn|smp|smpn|sma|sman|smk|smkn"
    r"|mts|mtsn|min|man|tk|paud|sekolah|kampus|universitas|puskesmas|pustu|rs|rsud|rumah sakit|klinik|apotek|kantor"
    r"|terminal|stasiun|bandara|pelabuhan|taman|lapangan|stadion|gor|jembatan|indomaret|alfamart|spbu|pom bensin"
    r"|pertamina|polsek|polres|koramil|kodim|hotel|mall|mal|toko|warung|rumah makan|rm|pabrik|gudang|bank|atm|tpu|tps"
    r"|pemakaman|makam|kuburan|balai|posyandu|perumahan|komplek|kompleks|ruko|alun[- ]alun|tugu|pos|gardu|bengkel"
    r"|waduk|danau|sungai|kali|pantai|simpang|pertigaan|perempatan|bundaran|flyover|underpass|asrama|pondok pesantren"
    r"|ponpes|pesantren|pln|pdam|telkom|samsat|dprd|dinas|kejaksaan|pengadilan|kua|bpjs|lampu merah"
    r"|lapas|pegadaian|monumen|patung"
)
WHERE = word_set(
    _WHERE.replace("(?:an)?", "").replace("|", " ")
    + " simpangan pasar terminal stasiun alun tugu bandara pelabuhan lampu flyover underpass"
)
"""One of these words stands in every text that names a landmark."""
_LANDMARK = re.compile(rf"\b(?P<where>{_WHERE})\s+(?P<what>(?:{_WHAT})\b)", re.IGNORECASE)
# What is known by a name of its own needs no word before it.
_NAMED = re.compile(
    r"\b(?P<what>pasar|terminal|stasiun|bundaran|simpang|perempatan|pertigaan|alun[- ]alun|tugu|bandara|pelabuhan"
    r"|lampu merah|flyover|underpass|jembatan)\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
_NAMED_WORDS = word_set(
    "pasar terminal stasiun bundaran simpang perempatan pertigaan alun tugu bandara pelabuhan lampu flyover underpass"
    " jembatan"
)
_WHAT_WORDS = word_set(_WHAT.replace("mushol+a", "").replace("[- ]", " ").replace("|", " "))
_PRAYER_HOUSE = "mushol"
_BRANCHES = frozenset(
    {"indomaret", "alfamart", "spbu", "pom bensin", "pertamina", "atm", "bank", "pln", "pdam", "telkom"}
)
"""They are known by the place where they are: what follows may be a region."""
_SELF_NAMED = frozenset({"simpang", "simpangan", "perempatan", "prapatan", "pertigaan", "bundaran", "jembatan"})
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*\.?")
_GOES_ON = re.compile(r"(?:me[mnlryw]|di|ber|ter|pe[mn])[a-z]{4,}|[a-z]{2,}nya")
"""Lower-case words that speak of what happened, not of where."""


def landmark(text: str) -> tuple[str | None, tuple[int, int] | None, float]:
    """As written, where its name stands in the text, and how sure it is; Nones where there is none."""
    said = letters_in(text)
    is_likely = not said.isdisjoint(_WHAT_WORDS) or _PRAYER_HOUSE in text.lower()
    for match in _LANDMARK.finditer(text) if is_likely else ():
        end = name_end(text, match.end())
        where = match["where"].lower()
        if where == "di" or where in _SELF_NAMED or end > match.end() or len(match["what"]) > 3:
            begin = match.start("what") if where == "di" else match.start("where")
            spent = match.end() if match["what"].lower() in _BRANCHES else end
            return text[begin:end], (match.start("what"), spent), _sureness(where, named=end > match.end())
    for match in _NAMED.finditer(text) if not said.isdisjoint(_NAMED_WORDS) else ():
        end = name_end(text, match.end("what"))
        if end > match.end("what"):
            return text[match.start() : end], (match.start(), end), 0.6
    return None, None, 0.0


def _sureness(where: str, *, named: bool) -> float:
    if named:
        return 0.8
    return 0.4 if where == "di" else 0.6  # "di sungai" is one of many


def name_end(text: str, at: int) -> int:
    """Where a name that begins there ends, of four words at most."""
    end = at
    for _ in range(4):
        start = end
        while start < end + 3 and text[start : start + 1] in {" ", "\t"}:
            start += 1
        token = _TOKEN.match(text, start)
        if not token:
            break
        word = token[0].rstrip(".")
        if word.lower() in ENDS_LANDMARK or _GOES_ON.fullmatch(word):
            break
        end = token.end() - token[0].endswith(".")
        if token[0].endswith(".") and len(word) > 2:
            break
    return end
