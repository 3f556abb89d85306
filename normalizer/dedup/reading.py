"""A report's words: of its text, of its address field, of the street and the landmark that were found."""

from functools import lru_cache

from normalizer.dedup.report import Report
from normalizer.dedup.vocabulary import Vocabulary
from normalizer.dedup.words import Words, take_apart

_CITY = 2
"""Levels of a region's code up to the kabupaten or kota."""


def told(report: Report) -> tuple[str, str, str, str, str]:
    """All of a report that has words: what they are taken from is the same where this is the same."""
    # The names of the kelurahan and the kecamatan; that two lie in one city says nothing.
    finer = max(0, (report.region_code or "").count(".") + 1 - _CITY)
    region = ", ".join(report.region_name.split(", ")[:finer])
    return report.comparable, region, report.where, report.street or "", report.landmark or ""


@lru_cache(maxsize=8192)
def words_of(said: tuple[str, str, str, str, str], vocabulary: Vocabulary) -> Words:
    """The words of what `told` gave; remembered, since a report is keyed once and compared many times."""
    text, region, *elsewhere = said
    return take_apart(text, vocabulary, [part.casefold() for part in elsewhere if part], region)
