"""Days that are counted from the day of the message: `kemarin`, `3 hari yg lalu`, `sejak senin`."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from normalizer.understanding.day_range import OLDEST, ONE_DAY, Day, midnight, night_from, whole_day
from normalizer.understanding.guarded import Guarded
from normalizer.understanding.months_told import months, unit_before
from normalizer.understanding.near_days import AGO, YESTERDAY, near
from normalizer.understanding.words import word_set

_NUMBERS = {
    "se": 1, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10, "setengah": 0.5,
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
_COUNT = (
    r"(?:(?P<digits>\d{1,3}(?:[.,]5)?)\s?|(?P<one>se)(?!malam)"
    r"|(?P<word>satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|setengah)\s+)"
)
_UNIT = r"(?P<unit>menit|mnt|jam|hari|hr|malam|mlm|minggu|mggu|mgg|bulan|bln|tahun|thn|th)(?:an)?\b"
_FOR_LONG = (
    r"\b(?:sudah|sdh|udah|udh|dah|selama|sejak|semenjak|hampir|kurang lebih|kurleb|lebih dari|sekitar|dari|mau)\s+"
    r"(?:hampir\s+|kurang lebih\s+|kurleb\s+|±\s*|\+-\s*|lebih dari\s+|lebih\s+|sekitar\s+|ada\s+)?"
)
_UNITS = word_set("menit mnt jam hari hr malam mlm minggu mggu mgg bulan bln tahun thn th")
_UNIT_WORDS = frozenset(f"{one}{unit}{many}" for unit in _UNITS for one in ("", "se") for many in ("", "an"))
_AGO_WORDS = "lalu lampau belakangan terakhir silam yll " + YESTERDAY.replace("|", " ")
_LONG_WORDS = "sudah sdh udah udh dah selama sejak semenjak hampir kurang lebih kurleb sekitar dari mau"
_SOME_AGO = Guarded(
    rf"(?<![\w.,/-])(?<!jam )(?<!pukul )(?<!pkl )(?<!jm ){_COUNT}{_UNIT}"
    rf"\s*(?:(?:ini\s+)?(?:{AGO})|ini\b(?!\s+(?:juga|akan|mau))|berturut)",
    _AGO_WORDS + " ini berturut",
    _UNIT_WORDS,
)
_FAILED = (
    "mati padam rusak gelap menumpuk numpuk bocor keruh mampet banjir hilang kosong ambrol amblas jebol roboh putus"
    " berlubang tersumbat tergenang macet bau error offline"
)
_FAILED_FOR = Guarded(
    rf"\b(?:{_FAILED.replace(' ', '|')})(?:nya|\s+total)?\s+{_COUNT}"
    r"(?P<unit>hari|hr|malam|mlm|minggu|mggu|mgg|bulan|bln)\b(?!\s*(?:lagi|sekali|kerja|ke\s*depan))",
    _FAILED,
)
"""`lampu mati 4 hari`: it still is; hours are left out (`tadi malam padam 2 jam`)."""
_NTH_DAY = Guarded(r"\bhari\s+ke[- ]?(?P<nth>\d\d?)\b(?!\s*(?:lebaran|puasa|ramadh?an|kerja|raya|hajatan))", "hari")
_LIVED = re.compile(
    r"\b(?:tinggal|menetap|bermukim|menempati|bekerja|kerja|mengajar|mengabdi|langganan|berlangganan|menjadi|menikah"
    r"|pensiun|usia|umur|berusia|jualan|berjualan|dagang|berdagang)\b[^.,;\n]*$",
    re.IGNORECASE,
)
"""Before a number of years: how long the citizen has lived there says nothing of the incident."""
_SINCE = Guarded(
    rf"{_FOR_LONG}{_COUNT}{_UNIT}(?!\s*(?:lagi|sekali|kerja|ke\s*depan|lebih dulu))", _LONG_WORDS, _UNIT_WORDS
)
_SO_FAR = re.compile(r"sudah|sdh|udah|udh|dah|sejak|semenjak", re.IGNORECASE)
_LAST_UNIT = Guarded(rf"(?<!hari )(?<!\w)(?P<unit>minggu|bulan|tahun|mgg|bln|thn)\s+(?:{AGO})", _AGO_WORDS, _UNITS)
_FEW = Guarded(
    r"\b(?:beberapa|bbrp|brp)\s+(?P<unit>hari|hr|minggu|mgg|bulan|bln)"
    r"\s*(?:ini\b|terakhir\b|belakangan\b|(?:yang|yg)?\s*lalu\b)"
    r"|\bber(?P<many>hari|minggu|bulan)(?:[- ](?P=many)|2)",
    "beberapa bbrp brp berhari berminggu berbulan",
)
_WEEKDAY = Guarded(
    r"(?:\b(?P<lead>hari|sejak|semenjak|pada|tadi|dari|mulai|malam|malem|mlm)\s+(?:hari\s+)?)?"
    r"\b(?P<name>senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad)\b"
    rf"(?:\s+(?P<part>pagi|siang|sore|malam|malem|mlm))?"
    rf"(?:\s+(?P<week>(?:minggu|mgg)\s+(?:lalu|kemarin|kmrn|kemaren|ini)\b)|\s+(?P<ago>{AGO}))?(?!\s+(?:depan|besok|nanti))",
    "senin selasa rabu kamis jum jumat sabtu minggu ahad",
)
_EVERY = re.compile(
    r"\b(?:setiap|tiap|tiap-tiap|hanya|cuma|cuman|besok|jalan|jl|jln|pasar|sampai|hingga|s/d|sd|-|dan|jadwal|(?:hanya|cuma|cuman)\s+(?:ada|datang|buka|masuk))\s*$",
    re.IGNORECASE,
)
_OPENING = re.compile(r"\b(?:jam buka|buka|jadwal|libur|pelayanan|layanan)\b[^.\n]*$", re.IGNORECASE)
_LAST_NIGHT = Guarded(
    r"\b(?:semalam|smalam|semalem|smlm|(?:tadi|td)\s+(?:malam|mlm|malem)|(?:malam|mlm)\s+(?:tadi|td)|last night)\b",
    "night semalam smalam semalem smlm tadi td",
)


def counted(text: str, local: datetime, said: frozenset[str]) -> Day | None:
    """The first words that count from today: `kemarin`, `3 hari yg lalu`, `sejak senin`. `said`: its `letters_in`."""
    found = list(_counted(text, local, said))
    if not found:  # "3 hari kemarin" is no "kemarin"
        found = list(near(text, local, said))
    return min(found, key=lambda each: each.start) if found else None


def _counted(text: str, local: datetime, said: frozenset[str]) -> Iterator[Day]:
    today = local.date()
    for pattern in (_SOME_AGO, _SINCE, _FAILED_FOR):
        for match in pattern.finditer(text, said):
            number = match["digits"]
            count = float(number.replace(",", ".")) if number else _NUMBERS[(match["word"] or match["one"]).lower()]
            unit = match["unit"].lower()
            if pattern is _SINCE and unit[:2] in {"ja", "me", "mn"} and not _SO_FAR.match(match[0]):
                continue  # "lebih dari 12 jam" a day
            if unit[0] == "t" and _LIVED.search(text, max(0, match.start() - 40), match.start()):
                continue
            day = _back(match, local, unit, count)
            if day:
                yield day
                break
    for match in _LAST_UNIT.finditer(text, said):
        unit = match["unit"].lower()
        day = _back(match, local, unit, 1)
        if day:
            first, last = unit_before(today, unit)
            yield Day(match.start(), match.end(), midnight(first), midnight(last), day.day, 0.5)
            break
    if (nth := _NTH_DAY.search(text, said)) is not None and 1 < int(nth["nth"]) <= 60:
        yield whole_day(nth.span(), today - timedelta(days=int(nth["nth"]) - 1), 0.6)
    yield from _weekdays(text, today, said)
    if (night := _LAST_NIGHT.search(text, said)) is not None:
        yield night_from(night.span(), today - ONE_DAY if local.hour < 18 else today)
    if (few := _FEW.search(text, said)) is not None:
        days = {"h": 4, "m": 21, "b": 60}[(few["unit"] or few["many"]).lower()[0]]
        first, last = today - timedelta(days=days * 2), today - timedelta(days=1 if days == 4 else days // 3)
        yield Day(few.start(), few.end(), midnight(first), midnight(last), today - timedelta(days=days), 0.25)
    yield from months(text, today, said)


def _weekdays(text: str, today: date, said: frozenset[str]) -> Iterator[Day]:
    for match in _WEEKDAY.finditer(text, said):
        day = _in_week(match, today) if match["week"] else _weekday(match, today)
        if day:
            is_eve = (match["lead"] or "").lower() in {"malam", "malem", "mlm"}
            yield night_from(match.span(), day - ONE_DAY) if is_eve else whole_day(match.span(), day, 0.85)
            return


def _in_week(match: re.Match[str], today: date) -> date | None:
    """That day of this week or the last (`rabu minggu lalu`), unless it is still to come."""
    monday = today - timedelta(days=today.weekday())
    weeks_back = 0 if match["week"].lower().endswith("ini") else 1
    day = monday + timedelta(days=_WEEKDAYS[match["name"].lower()], weeks=-weeks_back)
    return day if day <= today else None


def _back(match: re.Match[str], local: datetime, unit: str, count: float) -> Day | None:
    """So many units before the message; the more of them, the less exactly they were counted."""
    today, moment = local.date(), local.replace(tzinfo=None)
    where = match.start(), match.end()
    if unit[0] == "j" or unit.startswith(("me", "mn")):
        hours = unit[0] == "j"
        then = moment - (timedelta(hours=count) if hours else timedelta(minutes=count))
        slack = timedelta(minutes=10 if not hours else 30 if count <= 3 else 60)
        return Day(*where, then - slack, min(then + slack, moment), then.date(), 0.85)
    if unit.startswith(("h", "mal", "mlm")):
        day, off, sure = today - timedelta(days=count), 0 if count <= 3 else 1, 0.85 if count <= 3 else 0.7
    elif unit.startswith("m"):
        day, off, sure = today - timedelta(weeks=count), 2 if count == 1 else 3, 0.6
    else:
        back = count * (1 if unit.startswith("b") else 12)
        year, month = divmod(today.year * 12 + today.month - 1 - int(back), 12)
        if year < 1:
            return None
        day = date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
        day -= timedelta(days=round((back - int(back)) * 30))
        off, sure = ((7 if count == 1 else 15), 0.5) if unit.startswith("b") else (180, 0.35)
    if day < today - OLDEST:
        return None
    last = min(day + timedelta(days=off + 1), today + ONE_DAY)
    return Day(*where, midnight(day - timedelta(days=off)), midnight(last), day, sure)


def _weekday(match: re.Match[str], today: date) -> date | None:
    name = match["name"].lower()
    lead = (match["lead"] or "").lower()
    if not (lead or match["ago"] or match["part"]):
        return None  # "Jumat Berkah"
    if name == "minggu" and "hari" not in match[0].lower() and not (lead.startswith(("mal", "mlm")) and match["ago"]):
        return None  # "pasar minggu", "minggu lalu"
    if lead.startswith(("mal", "mlm")) and not match["ago"] and name in {"minggu", "jumat", "jum'at"}:
        return None  # of any week
    if _EVERY.search(match.string, max(0, match.start() - 15), match.start()):
        return None
    if not match["ago"] and _OPENING.search(match.string, max(0, match.start() - 40), match.start()):
        return None  # "jam buka puskesmas hari sabtu"
    back = (today.weekday() - _WEEKDAYS[name]) % 7
    return today - timedelta(days=back or (7 if match["ago"] else 0))
