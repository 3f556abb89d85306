"""Times of the day in a text: `jam 7 pagi`, `pukul 19.30 WIB`, `sore`."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

PARTS = {
    "dini": (0, 5), "subuh": (3, 6), "pagi": (4, 11), "siang": (10, 15), "sore": (15, 18), "malam": (18, 24),
    "dzuhur": (11, 15), "ashar": (15, 18), "maghrib": (17, 20), "isya": (18, 23),
}  # fmt: skip
"""From which hour until which: parts overlap, as people mean them. Hours of prayer move with the sun and the season,
and who says `habis maghrib` means some time after it."""
_SPELT = {
    "dini": "dini", "subuh": "subuh", "sbh": "subuh", "shubuh": "subuh", "pagi": "pagi", "pg": "pagi", "pgi": "pagi",
    "siang": "siang", "sing": "siang", "sore": "sore", "petang": "sore", "sre": "sore", "malam": "malam",
    "mlm": "malam", "malem": "malam", "mlam": "malam", "dzuhur": "dzuhur", "zuhur": "dzuhur", "dhuhur": "dzuhur",
    "lohor": "dzuhur", "jumatan": "dzuhur", "ashar": "ashar", "asar": "ashar", "maghrib": "maghrib",
    "magrib": "maghrib", "isya": "isya", "isyak": "isya", "tarawih": "isya", "taraweh": "isya",
}  # fmt: skip
PRAYER = "dzuhur|zuhur|dhuhur|lohor|jumatan|ashar|asar|maghrib|magrib|isyak?|tarawih|taraweh"
"""By which the day is told, as an alternative in a pattern."""
_PART = rf"(?:dini(?:\s+hari)?|subuh|shubuh|sbh|pagi|pgi|pg|siang|sore|sre|petang|malam|malem|mlam|mlm|{PRAYER})"
_ZONES = {"wib": ZoneInfo("Asia/Jakarta"), "wita": ZoneInfo("Asia/Makassar"), "wit": ZoneInfo("Asia/Jayapura")}
_CLOCK = re.compile(
    r"\b(?:jam|jm|pukul|pkul|pkl)\b\.?\s*(?:(?P<half>setengah|stgh|stengah)\s+)?"
    r"(?P<hour>[01]?\d|2[0-4])(?:\s?[.:]\s?(?P<minute>[0-5]\d))?(?![\d/])"
    rf"(?:\s*(?P<zone>wib|wita|wit)\b)?(?:\s*(?P<part>{_PART})\b)?"
    r"|(?<![\d.,:/-])(?P<bare>[01]\d|2[0-3])[.:](?P<minutes>[0-5]\d)(?![\d.,/])\s*(?P<of>wib|wita|wit|am|pm)?\b",
    re.IGNORECASE,
)
_PART_BEFORE = re.compile(rf"\b(?P<part>{_PART})\s+(?:sekitar\s+|kira-kira\s+|kira2\s+|sktr\s+)?$", re.IGNORECASE)
_PART_ALONE = re.compile(rf"\b(?P<part>{_PART})\b", re.IGNORECASE)
_NO_INCIDENT_BEFORE = re.compile(
    r"(?:\b(?:buka|tutup|operasional|operasi|kerja|layanan|pelayanan|jadwal|sampai|sampe|hingga|s/d|sd|s\.d\.?|masuk"
    r"|kelas|setiap|tiap|besok|nanti|ditutup|dibuka|paling lambat|sebelum|maksimal|batas)\b"
    r"\s*(?:dari|mulai|pada|jam|pukul)?"
    r"|\d\s*-)\s*$",
    re.IGNORECASE,
)
_UNTIL_AFTER = re.compile(r"\s*(?:-|–|s/d|sd|s\.d\.?|sampai|sampe|hingga)\s*(?:jam|pukul|pkl)?\.?\s*\d", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:setiap|tiap|tiap-tiap|besok|selamat|slamat|met|malam|nanti)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of the day, or a part of it."""

    start: int
    """Where it stands in the text."""
    end: int
    minute: int
    """Minutes from midnight; 24 hours and more are of the next day."""
    minutes: int
    """How long it lasts, as far as is said."""
    zone: ZoneInfo | None = None
    """Where it is said (`WITA`)."""
    is_exact: bool = False
    """The hour is said, not only the part of the day."""
    has_part: bool = True
    """It cannot be 7 in the evening where it says 7."""


def clocks(text: str) -> list[Clock]:
    """Hours that are said; not opening hours, not limits."""
    found: list[Clock] = []
    for match in _CLOCK.finditer(text):
        if _NO_INCIDENT_BEFORE.search(text, max(0, match.start() - 24), match.start()):
            continue
        if _UNTIL_AFTER.match(text, match.end()):
            continue
        hour = int(match["hour"] or match["bare"])
        before = None if match["part"] else _PART_BEFORE.search(text, max(0, match.start() - 24), match.start())
        part = part_of(before["part"] if before else match["part"])
        minute = int(match["minute"] or match["minutes"] or 0)
        zone = _ZONES.get((match["zone"] or match["of"] or "").lower())
        at = _of_day(hour, part) * 60 + minute
        if match["half"] and hour:
            at -= 30  # "setengah 8" is half past seven
        if (match["of"] or "").lower() == "pm" and hour < 12:
            at += 12 * 60
        found.append(
            Clock(match.start(), match.end(), at, 60, zone, is_exact=True, has_part=part is not None or hour > 12)
        )
    return found


def parts(text: str) -> list[Clock]:
    """Parts of the day that are said."""
    found: list[Clock] = []
    for match in _PART_ALONE.finditer(text):
        if not _EVERY.search(text, max(0, match.start() - 14), match.start()):
            first, last = PARTS[part_of(match["part"]) or "malam"]
            found.append(Clock(match.start(), match.end(), first * 60, (last - first) * 60))
    return found


def part_of(word: str | None) -> str | None:
    """Of the day: the one spelling of it."""
    return _SPELT.get(word.lower().split()[0]) if word else None


def _of_day(hour: int, part: str | None) -> int:
    """The hour of 24; beyond 24 it is of the night that follows (`jam 1 malam`)."""
    match part:
        case "siang":
            return hour if hour >= 10 else hour + 12
        case "sore":
            return hour + 12 if hour < 12 else hour
        case "malam":
            return hour + 12 if 5 < hour < 12 else 24 + hour % 12 if hour <= 5 or hour == 12 else hour
        case _:
            return hour
