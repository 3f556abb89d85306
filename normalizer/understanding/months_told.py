"""Months, years and their parts that are named: `sejak agustus`, `awal bulan ini`, `bulan lalu`, `sejak 2023`."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from normalizer.understanding.dates_written import MONTH, MONTHS
from normalizer.understanding.day_range import ONE_DAY, Day, midnight
from normalizer.understanding.guarded import Guarded
from normalizer.understanding.near_days import AGO

_MONTH_SAID = Guarded(
    rf"(?:(?P<since>\b(?:sejak|semenjak|dari|mulai)\s+)(?:bulan\s+|bln\s+)?|\b(?:bulan|bln)\s+"
    rf"|(?<!\d )(?<!\d-)\b)(?P<name>{MONTH})\b"
    rf"(?!\s*\d\d?\b(?!\d))(?:\s+(?P<year>20\d\d))?(?P<ago>\s+(?:{AGO}))?",
    MONTHS,
)
_BILL = re.compile(
    r"\b(?:tagihan|rekening|rek|periode|angsuran|iuran|gaji|invoice|pajak|pbb|anggaran)\b[^.\n]*$", re.IGNORECASE
)
_YEAR_SAID = Guarded(
    r"\b(?:sejak|semenjak|dari|mulai)\s+(?:tahun|thn|th)?\s*(?P<year>20\d\d)\b(?![-/.]\d)", "sejak semenjak dari mulai"
)
_OF_MONTH = Guarded(
    rf"\b(?P<part>awal|pertengahan|tengah|akhir)\s+(?:(?:bulan|bln)\s+)?"
    rf"(?:(?<=bulan )(?P<this>ini)\b|(?<=bln )ini\b|(?<=bulan )(?:{AGO})|(?P<name>{MONTH})\b(?:\s+(?P<year>20\d\d))?)",
    "awal pertengahan tengah akhir",
)


def months(text: str, today: date, said: frozenset[str]) -> Iterator[Day]:
    """All of them that lie in the past. `said`: the text's `letters_in`."""
    for match in _OF_MONTH.finditer(text, said):
        first, last = (today.replace(day=1), today + ONE_DAY) if match["this"] else unit_before(today, "bulan")
        if match["name"]:
            first = _latest_month(match, today)
            last = _month_after(first)
        begin = {"awal": 0, "akhir": 20}.get(match["part"].lower(), 10)
        start = first + timedelta(days=begin)
        if start <= today:
            yield Day(
                match.start(), match.end(), midnight(start), midnight(min(start + timedelta(days=10), last)), start, 0.4
            )
    for match in _MONTH_SAID.finditer(text, said):
        if not (match["since"] or match["ago"] or (match["year"] and not _BILL.search(text, 0, match.start()))):
            continue  # "tagihan bulan oktober"
        first = _latest_month(match, today)
        if first <= today and today.year - first.year <= 10:
            yield Day(match.start(), match.end(), midnight(first), midnight(_month_after(first)), first, 0.5)
    for match in _YEAR_SAID.finditer(text, said):
        year = int(match["year"])
        if today.year - 10 <= year <= today.year:
            first = date(year, 1, 1)
            yield Day(match.start(), match.end(), midnight(first), midnight(date(year + 1, 1, 1)), first, 0.3)


def _latest_month(match: re.Match[str], today: date) -> date:
    """The first day of the month that is named, the latest one unless a year is said."""
    month = MONTHS[match["name"].lower()]
    return date(int(match["year"]) if match["year"] else today.year - (month > today.month), month, 1)


def unit_before(today: date, unit: str) -> tuple[date, date]:
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
