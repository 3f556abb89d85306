"""How mail programs mark what somebody else wrote: attributions, copied headers, separators; Indonesian and English."""

import re
from typing import Final, NamedTuple

_FORMATS: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
_SPACES: Final = re.compile("[\u00a0\u202f\u2000-\u200a\t ]+")

QUOTED: Final = re.compile(r" ?(>|\|(?=\s*>))")
QUANTITY: Final = re.compile(
    r" ?>\s*=?\s*(Rp\.?\s*)?\d[\d.,]*\s*(%|x|(hari|minggu|bulan|bln|tahun|thn|jam|menit|kali|orang|kk|warga|rumah|meter"
    r"|m2?|km|cm|juta|jt|ribu|rb|ton|kg|liter|unit|titik|days?|weeks?|months?|years?|hours?|people)\b)",
    re.IGNORECASE,
)
"""`> 2 minggu`: more than, no quotation."""

_WROTE: Final = (
    r"(menulis|wrote|writes|tulis|said|mengatakan|schrieb|schreef|a écrit|escribió|写道)"
    r"( (sebagai )?berikut| the following)?\s*:?\s*-*"
)
_ENDS_ATTRIBUTION: Final = re.compile(rf"(^|.*[\s>\])\"'*,]){_WROTE}$", re.IGNORECASE)
_BEGINS_ATTRIBUTION: Final = re.compile(
    r"\W{0,3}(-{2,}\s*)?(pada|tanggal|tgl|hari|on|am|op|le|el)\b|.{0,80}[<@]|.{1,60}\b(menulis|wrote)\b pada"
    r"|.{1,60}\bwrote on\b"
    r"|\d{4}-\d\d-\d\d|\d{1,2}[/. -]",
    re.IGNORECASE,
)
_WROTE_ON: Final = re.compile(
    r".{1,100}\b(menulis|wrote)( pada| on)? .{0,20}\d{1,2}[/. -]\w+[/. -]+\d{2,4}.{0,40}:\s*$", re.IGNORECASE
)
_OLD_GMAIL: Final = re.compile(r"\d{4}[-/]\d\d?[-/]\d\d?,? .{0,30}<[^<>\s]+@[^<>\s]+>:?\s*$")
_DATED_FROM: Final = re.compile(
    r".{0,60}\d{1,2}[.:]\d{2}.{0,20}\b(from|dari)\b.{1,80}<[^<>\s]+@[^<>\s]+>\s*:\s*$", re.IGNORECASE
)
"""`Tuesday, 24 November 2026, 15:00 +07:00 from Dinas <dinas@kota.example>:`"""
_SAME_LINE: Final = re.compile(
    r".{10,250}?[^\s<>]{1,64}@[^\s<>]{1,255}>?\s{0,4}(menulis|wrote)\s{0,4}:\s+\S", re.IGNORECASE
)
"""Yahoo's telephone program puts what was written right behind the attribution."""
_CLOCK: Final = re.compile(r"\b\d{1,2}[.:]\d{2}\b")
_DATE: Final = re.compile(
    r"\d{1,2}[/. -]+(\d{1,2}|[^\W\d]{3,12})[/. ,-]+\d{2,4}|[^\W\d]{3,12} \d{1,2},? \d{4}|\d{4}-\d\d-\d\d"
)
_ADDRESS: Final = re.compile(r"[^\s<>\[\](),;:]{1,64}@[^\s<>\[\](),;:@]{1,255}\.[a-z]{2,20}", re.IGNORECASE)

FORWARD: Final = re.compile(
    r"\s*[-_=*—–]{0,20}\s*("
    r"forwarded (message|mail|by\b.{0,60})|begin forwarded message|fwd message|(awal|mulai) pesan (terusan"
    r"|yang diteruskan)"
    r"|pesan (terusan|yang diteruskan|diteruskan)|surel (terusan|yang diteruskan)|e-?mail (terusan|yang diteruskan)"
    r")\s*:?\s*[-_=*—–]{0,20}\s*",
    re.IGNORECASE,
)
ORIGINAL: Final = re.compile(
    r"\s*(?P<dashes>[-_=*—–]{0,20})\s*(pesan asli|pesan sebelumnya|pesan awal|surel asli|e-?mail asli|original message"
    r"|original e-?mail|original appointment|original(?=\s*[-_=]{3})|reply message|ursprüngliche nachricht"
    r"|message d'origine|oorspronkelijk bericht)"
    r"\s*:?\s*(?P<after>[-_=*—–]{0,20})\s*(?P<rest>(dari|from)\s*:.*)?",
    re.IGNORECASE,
)
RULE: Final = re.compile(r"\s*(_{10,}|-{10,}|={10,}|—{5,}|\*{10,})\s*")
ABOVE_THIS_LINE: Final = re.compile(
    r"\W*(please )?(reply|type your reply|write( your reply)?|balas|ketik(kan)? balasan( anda)?"
    r"|tulis(kan)? balasan( anda)?"
    r"|silakan (balas|ketik balasan|tulis balasan))( anda)? (above|di ?atas) (this|the|baris|garis)( line| ini)?\b.*",
    re.IGNORECASE,
)

_LABEL: Final = re.compile(
    r"\s*[*_]{0,2}(?P<label>dari|from|de|von|dikirim|terkirim|sent|tanggal|tgl|date|waktu|kepada|untuk|ke|to|an|cc|bcc|tembusan"
    r"|perihal|subjek|subject|hal|judul|reply-to|balas ke|importance|prioritas|lampiran"
    r"|attachments?)[*_]{0,2}\s*:[*_]{0,2}"
    r"(?P<value>.*)",
    re.IGNORECASE,
)
_KINDS: Final = {
    "from": {"dari", "from", "de", "von"},
    "date": {"dikirim", "terkirim", "sent", "tanggal", "tgl", "date", "waktu"},
    "to": {"kepada", "untuk", "ke", "to", "an"},
    "subject": {"perihal", "subjek", "subject", "hal", "judul"},
}


class HeaderBlock(NamedTuple):
    """A copied header: `From: … Sent: … To: … Subject: …`."""

    end: int
    """Index of the first line after it."""
    kinds: frozenset[str]
    """Which of from, date, to, subject it holds."""
    certain: bool
    """Whether an address or a time of day shows that a mail program wrote it, and no citizen the head of a letter."""


def plain(line: str) -> str:
    """The line as patterns want it: no invisible characters, single spaces."""
    return _SPACES.sub(" ", _FORMATS.sub("", line)).rstrip()


def attribution_end(lines: list[str], start: int) -> int | None:
    """Index after the attribution that begins at `start` (`Pada … menulis:`, up to four lines), or None.

    Without an address or a time of day it counts only when a quoted line follows: a complaint may say that somebody
    wrote something.
    """
    first = lines[start].strip()
    if _is_whole_attribution(first):
        return start + 1
    if len(first) > 300 or not _BEGINS_ATTRIBUTION.match(first):
        return None
    joined = ""
    for end in range(start, min(start + 4, len(lines))):
        line = lines[end].strip()
        joined = f"{joined} {line}".strip()
        if (not line and end > start) or len(joined) > 400:
            return None
        if _ENDS_ATTRIBUTION.match(joined) or _WROTE_ON.match(joined):
            return end + 1 if _is_attribution(joined, lines, end + 1) else None
        if _is_foreign_attribution(joined) and _quoted_follows(lines, end + 1):
            return end + 1
    return None


def _is_whole_attribution(line: str) -> bool:
    """Whether the line is an attribution whatever follows: it holds an address, a date and a time."""
    joined = _SAME_LINE.match(line[:400])
    if joined and _DATE.search(joined.group()) and _CLOCK.search(joined.group()):
        return True
    if len(line) > 300:
        return False
    return bool(_OLD_GMAIL.match(line) or (_DATED_FROM.match(line) and _DATE.search(line)))


def _is_attribution(text: str, lines: list[str], following: int) -> bool:
    dated = bool(_DATE.search(text))
    if dated and (_CLOCK.search(text) or _ADDRESS.search(text)):
        return True
    return _quoted_follows(lines, following) and (dated or bool(_ADDRESS.search(text)) or len(text) < 80)


def _is_foreign_attribution(text: str) -> bool:
    """Whether a text is one in a language that is not known here: a date, a time and an address before a colon."""
    return bool(text.endswith(":") and _DATE.search(text) and _CLOCK.search(text) and _ADDRESS.search(text))


def _quoted_follows(lines: list[str], following: int) -> bool:
    return next((bool(QUOTED.match(line)) for line in lines[following:] if line.strip()), False)


def is_header_line(line: str) -> bool:
    """Whether a line looks like `Dari: …` or another line of a copied header."""
    return _LABEL.match(line) is not None


def header_block(lines: list[str], start: int) -> HeaderBlock | None:
    """The copied header that begins at `start`, its wrapped values included; None when there is none."""
    opening = _LABEL.match(lines[start])
    if opening is None:
        return None
    kinds: set[str] = set()
    text = ""
    wrapped = 0
    end = start
    while end < len(lines) and end - start < 24:
        line = lines[end]
        found = _LABEL.match(line)
        if found:
            kinds |= {kind for kind, labels in _KINDS.items() if found.group("label").lower() in labels}
            wrapped = 0
        elif not line.strip():
            following = lines[end + 1] if end + 1 < len(lines) else ""
            if len(kinds) > 2 or not _LABEL.match(following):
                break
        elif wrapped < 6 and (_ADDRESS.search(line[:400]) or line.strip().endswith((";", ",", ">"))):
            wrapped += 1
        else:
            break
        text += " " + line
        end += 1
    text = text[:4000]
    certain = bool(_ADDRESS.search(text)) or ("date" in kinds and bool(_CLOCK.search(text)))
    return HeaderBlock(end, frozenset(kinds), certain)
