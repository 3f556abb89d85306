"""Dates that are written out: `5 Oktober 2026`, `05-10-26`, `tgl 5/10`."""

import calendar
import re
from datetime import date, timedelta

from normalizer.understanding.day_range import OLDEST, ONE_DAY, Day, midnight, whole_day
from normalizer.understanding.guarded import Guarded

_NAMES = (
    "januari|jan", "februari|pebruari|feb|peb", "maret|mrt|mar", "april|apr", "mei|may", "juni|jun", "juli|jul",
    "agustus|agust|agt|ags|agu|august|aug", "september|sept|sep", "oktober|okt|october|oct",
    "november|nopember|nov|nop", "desember|des|december|dec",
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split("|")}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
"""As an alternative in a pattern."""
_NOT_AN_INCIDENT = re.compile(
    r"(?:\b(?:jl|jln|jalan|gang|gg|lapangan|stadion|sd|sdn|smp|smpn|sma|universitas|lahir|ttl|hut|sebelum|paling lambat"
    r"|paling telat|paling lama|deadline|tenggat|jatuh tempo|batas(?:\s+(?:waktu|akhir))?|sampai|s/d|hingga|besok"
    r"|hari kemerdekaan|nomor|nmr|no|sk|periode|tagihan|berlaku|rapat|acara|undangan|jadwal)\.?"
    r"\s*(?:tanggal|tgl)?\.?|\blahir\b[^\n]{0,25})\s*$",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"(?<![\d/.-])(?:(?P<y1>20\d\d)(?P<dash>[-/])(?P<m1>\d\d?)(?P=dash)(?P<d1>\d\d?)"
    rf"|(?P<d2>\d\d?)(?P<sep>[/.-])(?P<m2>\d\d?)(?P=sep)(?P<y2>20\d\d|\d\d)"
    rf"|(?P<d3>\d\d?)(?:st|nd|rd|th)?(?:\s+|-)(?P<m3>{MONTH})\b\.?(?:(?:\s+|-)(?P<y3>20\d\d|'?2\d(?![\d:.])))?"
    r")(?![\d/])",
    re.IGNORECASE,
)
_MONTH_FIRST = Guarded(rf"\b(?P<m3>{MONTH})\s+(?P<d3>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y3>20\d\d)\b", MONTHS)
"""`October 16, 2026`."""
_SHORT = Guarded(
    r"\b(?:(?:tgl|tanggal|tggl)\.?\s*(?:[:=]\s*)?(?P<day>\d\d?)(?:\s*[/.-]\s*(?P<month>\d\d?))?"
    r"|(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu)\b[.,]?\s*\(?(?P<of_week>\d\d?)/(?P<of>\d\d?))(?![\d/:])(?!\s*%)",
    "tgl tanggal tggl senin selasa rabu kamis jum jumat sabtu minggu",
)
_SEVERAL = Guarded(
    r"(?<![\d/.,:-])(?P<first>\d\d?)(?:\s*[-–]\s*|\s+(?:sampai|sampe|hingga|s/d|sd|s\.d\.?)\s+(?:dengan\s+)?(?:tgl|tanggal)?\s*)"
    rf"(?P<last>\d\d?)\s+(?P<month>{MONTH})\b(?:\s+(?P<year>20\d\d))?",
    MONTHS,
)
"""`3-5 Oktober`: from the one day until the other."""
_MAY_BE_DATE = re.compile(r"\d[/.-]\d")
_MONTH_WORDS = frozenset(MONTHS)
_DIGIT = re.compile(r"\d")


def written(text: str, today: date, said: frozenset[str]) -> Day | None:
    """The first written date, not in the future and not a deadline, a birthday or a number.

    `said` are the text's `letters_in`.
    """
    if not _DIGIT.search(text):
        return None
    several = _several(text, today, said)
    if several:
        return several
    is_likely = _MAY_BE_DATE.search(text) or not said.isdisjoint(_MONTH_WORDS)
    for match in _FULL.finditer(text) if is_likely else ():
        if _NOT_AN_INCIDENT.search(text, max(0, match.start() - 60), match.start()):
            continue
        day = int(match["d1"] or match["d2"] or match["d3"])
        name = match["m3"]
        month = MONTHS[name.lower()] if name else int(match["m1"] or match["m2"])
        year = match["y1"] or match["y2"] or match["y3"]
        found = _latest(today, day, month, int(year.strip("'")) % 100 + 2000 if year else None)
        if found:
            return whole_day(match.span(), found, 0.95 if year else 0.9)
    for match in _SHORT.finditer(text, said):
        if not _NOT_AN_INCIDENT.search(text, max(0, match.start() - 60), match.start()):
            month_said = match["month"] or match["of"]
            day_said = int(match["day"] or match["of_week"])
            found = _latest(today, day_said, int(month_said) if month_said else None, None)
            if found:
                return whole_day(match.span(), found, 0.9 if month_said else 0.8)
    for match in _MONTH_FIRST.finditer(text, said):
        found = _latest(today, int(match["d3"]), MONTHS[match["m3"].lower()], int(match["y3"]))
        if found and not _NOT_AN_INCIDENT.search(text, max(0, match.start() - 60), match.start()):
            return whole_day(match.span(), found, 0.95)
    return None


def _several(text: str, today: date, said: frozenset[str]) -> Day | None:
    for match in _SEVERAL.finditer(text, said):
        if _NOT_AN_INCIDENT.search(text, max(0, match.start() - 60), match.start()):
            continue
        month = MONTHS[match["month"].lower()]
        first = _latest(today, int(match["first"]), month, int(match["year"]) if match["year"] else None)
        days = int(match["last"]) - int(match["first"])
        if first and 0 < days < 31:
            end = min(first + timedelta(days=days), today) + ONE_DAY
            return Day(*match.span(), midnight(first), midnight(end), first, 0.85)
    return None


def _latest(today: date, day: int, month: int | None, year: int | None) -> date | None:
    """The latest such day up to today, or None when there is no such day."""
    if not 1 <= day <= 31 or (month is not None and not 1 <= month <= 12):
        return None
    years = (year,) if year else (today.year, today.year - 1)
    months = (month,) if month else (today.month, today.month - 1 or 12)
    candidates = [
        date(each, number, day) for each in years for number in months if day <= calendar.monthrange(each, number)[1]
    ]
    return max((each for each in candidates if today - OLDEST <= each <= today), default=None)
