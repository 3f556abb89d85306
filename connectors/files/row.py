"""One row of a file, as every kind of file gives it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    line: int
    """Where it begins, from 1."""
    payload: bytes
    """A JSON object of its columns, or the text of a row with a defect."""
    defect: str | None = None
