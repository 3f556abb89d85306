"""When it happened, as far as the citizen says so; relative words count from the day the message was sent."""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_MONTH_NAMES = (
    "januari|jan", "februari|pebruari|feb|peb", "maret|mrt|mar", "april|apr", "mei", "juni|jun", "juli|jul",
    "agustus|agust|agt|ags|agu", "september|sept|sep", "oktober|okt", "november|nopember|nov|nop", "desember|des",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split("|")}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMBERS = {
    "se": 1, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10,
}  # fmt: skip
_WEEKDAYS = {
    "senin": 0,
    "selasa": 1,
    "rabu": 2,
    "kamis": 3,
    "jumat": 4,
    "jum'at": 4,
    "sabtu": 5,
    "minggu": 6,
    "ahad": 6,
}
_AGO = r"(?:(?:yang|yg|y)\s*)?(?:lalu|lampau|kemarin|kmrn|kemaren|belakangan|terakhir|silam)\b|\byll\b"
_COUNT = (
    r"(?:(?P<digits>\d{1,3})\s?|(?P<word>satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh)\s+|(?P<one>se))"
)
_UNIT = r"(?P<unit>jam|hari|hr|minggu|mggu|mgg|bulan|bln|tahun|thn|th)\b"
_FOR_LONG = r"\b(?:sudah|sdh|udah|udh|dah|selama|sejak|semenjak|hampir|kurang lebih|lebih dari|sekitar|dari)\s+"
_NOT_AN_INCIDENT = re.compile(
    r"(?:\b(?:jl|jln|jalan|gang|gg|lapangan|stadion|sd|sdn|smp|smpn|sma|universitas|lahir|ttl|hut|sebelum|paling lambat"
    r"|deadline|sampai|s/d|hingga|besok|hari kemerdekaan)\.?\s*(?:tanggal|tgl)?\.?|\blahir\b[^\n]{0,25})\s*$",
    re.IGNORECASE,
)

_FULL = re.compile(
    rf"(?<![\d/.-])(?:(?P<y1>20\d\d)-(?P<m1>\d\d?)-(?P<d1>\d\d?)|(?P<d2>\d\d?)(?P<sep>[/.-])(?P<m2>\d\d?)(?P=sep)(?P<y2>20\d\d|\d\d)"
    rf"|(?P<d3>\d\d?)(?:\s+|-)(?P<m3>{_MONTH})\b\.?(?:(?:\s+|-)(?P<y3>20\d\d))?)(?![\d/])",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"\b(?:tgl|tanggal|tggl)\.?\s*(?:[:=]\s*)?(?P<day>\d\d?)(?:\s*[/.-]\s*(?P<month>\d\d?))?(?![\d/:])(?!\s*%)",
    re.IGNORECASE,
)
_SOME_AGO = re.compile(rf"(?<![\w.,/-]){_COUNT}{_UNIT}\s*(?:ini\s+)?(?:{_AGO})", re.IGNORECASE)
_SINCE = re.compile(rf"{_FOR_LONG}{_COUNT}{_UNIT}(?!\s*(?:lagi|sekali|kerja|ke\s*depan|lebih dulu))", re.IGNORECASE)
_LAST_UNIT = re.compile(rf"(?<!hari )(?<!\w)(?P<unit>minggu|bulan|tahun|bln|thn)\s+(?:{_AGO})", re.IGNORECASE)
_WEEKDAY = re.compile(
    rf"(?:\b(?P<lead>hari|sejak|pada|tadi)\s+(?:hari\s+)?)?\b(?P<name>senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad)\b"
    rf"(?:\s+(?P<part>pagi|siang|sore|malam))?(?:\s+(?P<ago>{_AGO}))?(?!\s+(?:depan|besok|nanti))",
    re.IGNORECASE,
)
_EVERY = re.compile(r"\b(?:setiap|tiap|tiap-tiap|besok|jalan|jl|jln|pasar|sampai|hingga|s/d|sd|-)\s*$", re.IGNORECASE)
_DAYS_BACK = (
    (re.compile(r"\b(?:kemarin|kmrn|kemaren)\s+(?:lusa|dulu)\b", re.IGNORECASE), 2),
    (re.compile(r"\b(?:semalam|smalam|kemarin|kmrn|kmrin|kemaren|kmren)\b(?!\s*-\s*kemarin)", re.IGNORECASE), 1),
    (
        re.compile(
            r"\b(?:hari ini|hr ini|barusan|baru saja|baru aja|tadi\s+(?:pagi|pg|siang|sore|subuh|dini hari|jam|pukul)"
            r"|(?:pagi|siang|sore|subuh)\s+(?:ini|tadi)|malam ini)\b",
            re.IGNORECASE,
        ),
        0,
    ),
)
_LAST_NIGHT = re.compile(r"\b(?:tadi\s+(?:malam|mlm|malem)|(?:malam|mlm)\s+tadi)\b", re.IGNORECASE)
_OLDEST = timedelta(days=3660)


def incident_date(text: str, sent_at: datetime, zone: ZoneInfo) -> date | None:
    """The day that the text states, never after the day it was sent; None when it states none.

    A written date wins over relative words (`kemarin`, `3 hari yg lalu`, `sejak minggu lalu`); of several of a kind the
    first counts. A duration (`sudah 2 minggu`) gives the day it began, weeks and months give the same day back then.
    A date without a year is the latest that is not in the future.

    Raises:
        ValueError: `sent_at` has no time zone.
    """
    if sent_at.tzinfo is None:
        raise ValueError("sent_at needs a time zone: relative words count from the sender's own day")
    if len(text) > 4000:
        text = text[:4000]  # who has not said when by then, does not
    local = sent_at.astimezone(zone)
    return _written(text, local.date()) or _relative(text, local)


def _written(text: str, today: date) -> date | None:
    for match in _FULL.finditer(text):
        if _NOT_AN_INCIDENT.search(text, max(0, match.start() - 60), match.start()):
            continue
        day = int(match["d1"] or match["d2"] or match["d3"])
        month = _MONTHS[match["m3"].lower()] if match["m3"] else int(match["m1"] or match["m2"])
        year = match["y1"] or match["y2"] or match["y3"]
        found = _latest(today, day, month, int(year) % 100 + 2000 if year else None)
        if found:
            return found
    for match in _SHORT.finditer(text):
        if not _NOT_AN_INCIDENT.search(text, max(0, match.start() - 60), match.start()):
            found = _latest(today, int(match["day"]), int(match["month"]) if match["month"] else None, None)
            if found:
                return found
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
    return max((each for each in candidates if today - _OLDEST <= each <= today), default=None)


def _relative(text: str, local: datetime) -> date | None:
    today = local.date()
    found: list[tuple[int, date]] = []

    def note(pattern: re.Pattern[str], meaning: Callable[[re.Match[str]], date | None]) -> None:
        for match in pattern.finditer(text):
            day = meaning(match)
            if day is not None:
                found.append((match.start(), day))
                return

    note(_SOME_AGO, lambda match: _back(local, match["unit"], _count(match)))
    note(_SINCE, lambda match: _back(local, match["unit"], _count(match)))
    note(_LAST_UNIT, lambda match: _back(local, match["unit"], 1))
    note(_WEEKDAY, lambda match: _weekday(match, today))
    note(_LAST_NIGHT, lambda _: today - timedelta(days=1) if local.hour < 18 else today)
    if not found:  # "3 hari kemarin" is no "kemarin"
        for pattern, days in _DAYS_BACK:
            match = pattern.search(text)
            if match:
                found.append((match.start(), today - timedelta(days=days)))
                break
    return min(found)[1] if found else None


def _count(match: re.Match[str]) -> int:
    return int(match["digits"]) if match["digits"] else _NUMBERS[(match["word"] or match["one"]).lower()]


def _back(local: datetime, unit: str, count: int) -> date | None:
    today = local.date()
    match unit.lower()[0]:
        case "j":
            found = (local - timedelta(hours=count)).date()
        case "h":
            found = today - timedelta(days=count)
        case "m":
            found = today - timedelta(weeks=count)
        case kind:
            months = today.year * 12 + today.month - 1 - count * (1 if kind == "b" else 12)
            year, month = divmod(months, 12)
            if year < 1:
                return None
            found = date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    return found if found >= today - _OLDEST else None


def _weekday(match: re.Match[str], today: date) -> date | None:
    name = match["name"].lower()
    if not (match["lead"] or match["ago"] or match["part"]) or (name == "minggu" and "hari" not in match[0].lower()):
        return None  # "pasar minggu", "minggu lalu", "Jumat Berkah"
    if _EVERY.search(match.string, max(0, match.start() - 15), match.start()):
        return None
    back = (today.weekday() - _WEEKDAYS[name]) % 7
    return today - timedelta(days=back or (7 if match["ago"] else 0))
