"""Invented reports, made short."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from normalizer.dedup.report import Report

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class MakeReport(Protocol):
    """Makes a report with what a test cares for; the rest is unknown."""

    def __call__(
        self,
        name: str,
        text: str = "",
        *,
        who: Sequence[str] = (),
        known: bool | None = None,
        agency: str = "kota",
        region: str | None = None,
        street: str | None = None,
        number: str | None = None,
        rt: str | None = None,
        rw: str | None = None,
        km: float | None = None,
        at: Sequence[float] | None = None,
        category: str | None = None,
        hours: float = 0.0,
        pictures: Sequence[str] = (),
        landmark: str | None = None,
    ) -> Report: ...


def identity(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"muara-test:{name}")


def _make(
    name: str,
    text: str = "",
    *,
    who: Sequence[str] = (),
    known: bool | None = None,
    agency: str = "kota",
    region: str | None = None,
    street: str | None = None,
    number: str | None = None,
    rt: str | None = None,
    rw: str | None = None,
    km: float | None = None,
    at: Sequence[float] | None = None,
    category: str | None = None,
    hours: float = 0.0,
    pictures: Sequence[str] = (),
    landmark: str | None = None,
) -> Report:
    return Report(
        complaint_id=identity(name),
        agency=agency,
        identities=frozenset(who),
        reporter_known=bool(who) if known is None else known,
        comparable=text,
        region_code=region,
        street=street,
        number=number,
        rt=rt,
        rw=rw,
        kilometre=km,
        latitude=at[0] if at else None,
        longitude=at[1] if at else None,
        category=category,
        sent_at=START + timedelta(hours=hours),
        attachments=frozenset(pictures),
        landmark=landmark,
    )


@pytest.fixture
def make() -> MakeReport:
    return _make
