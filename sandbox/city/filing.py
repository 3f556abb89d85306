"""How the sub-district office files its rows: a few dozen to a file, some files uploaded twice or broken off."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sandbox.city.drafts import Draft
from sandbox.city.shares import Shares
from sandbox.city.utterances import Utterance

Encoding = Literal["utf-8-sig", "cp1252"]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it is uploaded once."""

    name: str
    after: float
    """Seconds after the time of its last row."""
    encoding: Encoding
    rows: tuple[Utterance, ...]
    """In the order of their lines; a file that was broken off ends early, at the end of a line."""


def file_rows(drafts: Sequence[Draft], rng: random.Random, shares: Shares) -> tuple[Upload, ...]:
    """Puts rows into files, names each `<file>:<line>`, and counts what is sent again.

    `drafts` are in the order of time. The second upload has another name, the one after an abort the same.
    """
    uploads: list[Upload] = []
    at = number = 0
    while at < len(drafts):
        rows = drafts[at : at + rng.randint(12, 40)]
        at += len(rows)
        number += 1
        suffix = "ndjson" if rng.random() < shares.files_ndjson else "csv"
        stem = f"laporan_{rows[-1].said.at:%Y%m%d}_{number:03d}"
        header = 0 if suffix == "ndjson" else 1
        for line, draft in enumerate(rows, start=1 + header):
            draft.change(external_id=f"{stem}.{suffix}:{line}")
        said = tuple(draft.said for draft in rows)
        encoding: Encoding = "utf-8-sig" if rng.random() < 0.6 else "cp1252"
        fate = rng.random()
        hour = timedelta(hours=1).total_seconds()
        if fate < shares.files_aborted and len(rows) > 1:
            half = len(rows) // 2
            uploads.append(Upload(f"{stem}.{suffix}", hour, encoding, said[:half]))
            _count(rows[:half])
            hour += 600
        uploads.append(Upload(f"{stem}.{suffix}", hour, encoding, said))
        if shares.files_aborted <= fate < shares.files_aborted + shares.files_twice:
            uploads.append(Upload(f"{stem} (1).{suffix}", hour + 1800, encoding, said))
            _count(rows)
    return tuple(uploads)


def _count(rows: Sequence[Draft]) -> None:
    for draft in rows:
        draft.copies += 1
