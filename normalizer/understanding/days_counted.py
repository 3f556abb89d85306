"""Days that are counted from the day of the message: `kemarin`, `3 hari yg lalu`, `sejak senin`."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from normalizer.understanding.dates_written import MONTH, MONTHS
from normalizer.understanding.day_range import OLDEST, ONE_DAY, Day, midnight, night_from, whole_day
from normalizer.understanding.guarded import Guarded

_NUMBERS = {
    "se": 1, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10, "setengah": 1,
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
_YESTERDAY = r"kemarin|kmrn|kmrin|kemaren|kmren|kmaren|kmarin"
_AGO = rf"(?:(?:yang|yg|y)\s*)?(?:lalu|lampau|{_YESTERDAY}|belakangan|terakhir|silam)\b|\byll\b"
_COUNT = (
    r"(?:(?P<digits>\d{1,3})\s?|(?P<word>satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh)\s+|(?P<one>se))"
)
_UNIT = r"(?P<unit>menit|mnt|jam|hari|hr|minggu|mggu|mgg|bulan|bln|tahun|thn|th)\b"
_FOR_LONG = (
    r"\b(?:sudah|sdh|udah|udh|dah|selama|sejak|semenjak|hampir|kurang lebih|lebih dari|sekitar|dari|mau)\s+"
    r"(?:hampir\s+|kurang lebih\s+|lebih dari\s+|lebih\s+|sekitar\s+|ada\s+)?"
)
_AGO_WORDS = "lalu lampau belakangan terakhir silam yll " + _YESTERDAY.replace("|", " ")
_LONG_WORDS = "sudah sdh udah udh dah selama sejak semenjak hampir kurang lebih sekitar dari mau"
_SOME_AGO = Guarded(rf"(?<![\w.,/-]){_COUNT}{_UNIT}\s*(?:ini\s+)?(?:{_AGO})", _AGO_WORDS)
_SINCE = Guarded(rf"{_FOR_LONG}{_COUNT}{_UNIT}(?!\s*(?:lagi|sekali|kerja|ke\s*depan|lebih dulu))", _LONG_WORDS)
_SO_FAR = re.compile(r"sudah|sdh|udah|udh|dah|sejak|semenjak", re.IGNORECASE)
_LAST_UNIT = Guarded(rf"(?<!hari )(?<!\w)(?P<unit>minggu|bulan|tahun|mgg|bln|thn)\s+(?:{_AGO})", _AGO_WORDS)
_FEW = Guarded(
    r"\b(?:beberapa|bbrp|brp)\s+(?P<unit>hari|hr|minggu|mgg|bulan|bln)"
    r"\s*(?:ini\b|terakhir\b|belakangan\b|(?:yang|yg)?\s*lalu\b)"
    r"|\bber(?P<many>hari|minggu|bulan)(?:[- ](?P=many)|2)",
    "beberapa bbrp brp berhari berminggu berbulan",
)
_MONTH_SAID = Guarded(
    rf"(?:(?P<since>\b(?:sejak|semenjak|dari|mulai)\s+)(?:bulan\s+|bln\s+)?|\b(?:bulan|bln)\s+)(?P<name>{MONTH})\b"
    rf"(?!\s*\d\d?\b(?!\d))(?:\s+(?P<year>20\d\d))?(?P<ago>\s+(?:{_AGO}))?",
    MONTHS,
)
_YEAR_SAID = Guarded(
    r"\b(?:sejak|semenjak|dari|mulai)\s+(?:tahun|thn|th)?\s*(?P<year>20\d\d)\b(?![-/.]\d)", "sejak semenjak dari mulai"
)
_OF_MONTH = Guarded(
    rf"\b(?P<part>awal|pertengahan|tengah|akhir)\s+(?:bulan|bln)\s+(?:(?P<this>ini)\b|(?:{_AGO}))",
    "awal pertengahan tengah akhir",
)
_WEEKDAY = Guarded(
    r"(?:\b(?P<lead>hari|sejak|semenjak|pada|tadi|dari|malam|malem|mlm)\s+(?:hari\s+)?)?"
    r"\b(?P<name>senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad)\b"
    rf"(?:\s+(?P<part>pagi|siang|sore|malam|malem|mlm))?(?:\s+(?P<ago>{_AGO}))?(?!\s+(?:depan|besok|nanti))",
    "senin selasa rabu kamis jum jumat sabtu minggu ahad",
)
_EVERY = re.compile(
    r"\b(?:setiap|tiap|tiap-tiap|besok|jalan|jl|jln|pasar|sampai|hingga|s/d|sd|-|dan|jadwal)\s*$", re.IGNORECASE
)
_OPENING = re.compile(r"\b(?:jam buka|buka|jadwal|libur|pelayanan|layanan)\b[^.\n]*$", re.IGNORECASE)
_DAY_BEFORE_LAST = Guarded(rf"\b(?:{_YESTERDAY})\s+(?:lusa|dulu)\b", "lusa dulu")
_LAST_NIGHT = Guarded(
    r"\b(?:semalam|smalam|semalem|smlm|(?:tadi|td)\s+(?:malam|mlm|malem)|(?:malam|mlm)\s+(?:tadi|td))\b",
    "semalam smalam semalem smlm tadi td",
)
_LAST_DAY = Guarded(rf"\b(?:{_YESTERDAY})\b(?!\s*-\s*kemarin)", _YESTERDAY.replace("|", " "))
_NOW = Guarded(r"\b(?:barusan|baru saja|baru aja|baru sj)\b", "barusan baru")
_TODAY = Guarded(
    r"\b(?:hari ini|hr ini|(?:tadi|td)\s+(?:pagi|pg|siang|sore|subuh|dini hari|jam|pukul|jm|pkl)"
    r"|(?:pagi|pg|siang|sore|subuh|dini hari)\s+(?:ini|tadi|td)|malam ini"
    r"|(?:jam|pukul|pkl)\.?\s*\d{1,2}(?:[.:]\d\d)?\s*(?:pagi|pg|siang|sore|subuh|malam)?\s*(?:tadi|td)\b"
    r"|(?:dari|sejak|semenjak|mulai)\s+tadi\b|(?:sejak|semenjak)\s+(?:jam|pukul|pkl)\s*\d)",
    "ini tadi td dari sejak semenjak mulai",
)


def counted(text: str, local: datetime, said: frozenset[str]) -> Day | None:
    """The first words that count from today: `kemarin`, `3 hari yg lalu`, `sejak senin`. `said`: its `letters_in`."""
    found = list(_counted(text, local, said))
    if not found:  # "3 hari kemarin" is no "kemarin"
        found = list(_near(text, local, said))
    return min(found, key=lambda each: each.start) if found else None


def _counted(text: str, local: datetime, said: frozenset[str]) -> Iterator[Day]:
    today = local.date()
    for pattern in (_SOME_AGO, _SINCE):
        for match in pattern.finditer(text, said):
            count = int(match["digits"]) if match["digits"] else _NUMBERS[(match["word"] or match["one"]).lower()]
            unit = match["unit"].lower()
            if pattern is _SINCE and unit[:2] in {"ja", "me", "mn"} and not _SO_FAR.match(match[0]):
                continue  # "lebih dari 12 jam" a day
            day = _back(match, local, unit, count)
            if day:
                yield day
                break
    for match in _LAST_UNIT.finditer(text, said):
        unit = match["unit"].lower()
        day = _back(match, local, unit, 1)
        if day:
            first, last = _unit_before(today, unit)
            yield Day(match.start(), match.end(), midnight(first), midnight(last), day.day, 0.5)
            break
    for match in _WEEKDAY.finditer(text, said):
        day_of_week = _weekday(match, today)
        if day_of_week:
            is_eve = (match["lead"] or "").lower() in {"malam", "malem", "mlm"}
            yield (
                night_from(match.span(), day_of_week - ONE_DAY)
                if is_eve
                else whole_day(match.span(), day_of_week, 0.85)
            )
            break
    if (night := _LAST_NIGHT.search(text, said)) is not None:
        yield night_from(night.span(), today - ONE_DAY if local.hour < 18 else today)
    if (few := _FEW.search(text, said)) is not None:
        days = {"h": 4, "m": 21, "b": 60}[(few["unit"] or few["many"]).lower()[0]]
        first, last = today - timedelta(days=days * 2), today - timedelta(days=1 if days == 4 else days // 3)
        yield Day(few.start(), few.end(), midnight(first), midnight(last), today - timedelta(days=days), 0.25)
    yield from _months(text, today, said)


def _months(text: str, today: date, said: frozenset[str]) -> Iterator[Day]:
    for match in _OF_MONTH.finditer(text, said):
        first, last = (today.replace(day=1), today + ONE_DAY) if match["this"] else _unit_before(today, "bulan")
        begin = {"awal": 0, "akhir": 20}.get(match["part"].lower(), 10)
        start = first + timedelta(days=begin)
        if start <= today:
            yield Day(
                match.start(), match.end(), midnight(start), midnight(min(start + timedelta(days=10), last)), start, 0.4
            )
    for match in _MONTH_SAID.finditer(text, said):
        if not (match["since"] or match["ago"]):
            continue  # "tagihan bulan oktober"
        month = MONTHS[match["name"].lower()]
        year = int(match["year"]) if match["year"] else today.year - (month > today.month)
        if date(year, month, 1) <= today and today.year - year <= 10:
            first = date(year, month, 1)
            yield Day(match.start(), match.end(), midnight(first), midnight(_month_after(first)), first, 0.5)
    for match in _YEAR_SAID.finditer(text, said):
        year = int(match["year"])
        if today.year - 10 <= year <= today.year:
            first = date(year, 1, 1)
            yield Day(match.start(), match.end(), midnight(first), midnight(date(year + 1, 1, 1)), first, 0.3)


def _near(text: str, local: datetime, said: frozenset[str]) -> Iterator[Day]:
    today = local.date()
    moment = local.replace(tzinfo=None)
    for pattern, back in ((_DAY_BEFORE_LAST, 2), (_LAST_DAY, 1)):
        if (match := pattern.search(text, said)) is not None:
            yield whole_day(match.span(), today - timedelta(days=back), 0.9)
            return
    if (match := _NOW.search(text, said)) is not None:
        yield Day(match.start(), match.end(), moment - timedelta(hours=1), moment, today, 0.9)
    elif (match := _TODAY.search(text, said)) is not None:
        yield whole_day(match.span(), today, 0.9)


def _back(match: re.Match[str], local: datetime, unit: str, count: int) -> Day | None:
    """So many units before the message; the more of them, the less exactly they were counted."""
    today, moment = local.date(), local.replace(tzinfo=None)
    where = match.start(), match.end()
    if unit[0] == "j" or unit.startswith(("me", "mn")):
        hours = unit[0] == "j"
        then = moment - (timedelta(hours=count) if hours else timedelta(minutes=count))
        slack = timedelta(minutes=10 if not hours else 30 if count <= 3 else 60)
        return Day(*where, then - slack, min(then + slack, moment), then.date(), 0.85)
    if unit.startswith("h"):
        day, off, sure = today - timedelta(days=count), 0 if count <= 3 else 1, 0.85 if count <= 3 else 0.7
    elif unit.startswith("m"):
        day, off, sure = today - timedelta(weeks=count), 2 if count == 1 else 3, 0.6
    else:
        months = today.year * 12 + today.month - 1 - count * (1 if unit.startswith("b") else 12)
        year, month = divmod(months, 12)
        if year < 1:
            return None
        day = date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
        off, sure = ((7 if count == 1 else 15), 0.5) if unit.startswith("b") else (180, 0.35)
    if day < today - OLDEST:
        return None
    last = min(day + timedelta(days=off + 1), today + ONE_DAY)
    return Day(*where, midnight(day - timedelta(days=off)), midnight(last), day, sure)


def _unit_before(today: date, unit: str) -> tuple[date, date]:
    """Last week, month or year, as the calendar has them."""
    if unit.startswith("m"):
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(weeks=1), monday
    if unit.startswith("b"):
        first = today.replace(day=1)
        return (first - ONE_DAY).replace(day=1), first
    return date(today.year - 1, 1, 1), date(today.year, 1, 1)


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _weekday(match: re.Match[str], today: date) -> date | None:
    name = match["name"].lower()
    lead = (match["lead"] or "").lower()
    if not (lead or match["ago"] or match["part"]):
        return None  # "Jumat Berkah"
    if name == "minggu" and "hari" not in match[0].lower() and not (lead.startswith("m") and match["ago"]):
        return None  # "pasar minggu", "minggu lalu"
    if lead.startswith("m") and not match["ago"]:
        return None  # "malam minggu" is any
    if _EVERY.search(match.string, max(0, match.start() - 15), match.start()):
        return None
    if not match["ago"] and _OPENING.search(match.string, max(0, match.start() - 40), match.start()):
        return None  # "jam buka puskesmas hari sabtu"
    back = (today.weekday() - _WEEKDAYS[name]) % 7
    return today - timedelta(days=back or (7 if match["ago"] else 0))
