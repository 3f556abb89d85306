"""What takes too long to be measured each time is kept beside the code, with the day on which it was measured."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks.quality.report import Part
from normalizer.dedup.keys import KeyMaker

FILE = Path(__file__).parent / "longest.json"
_LONG = 200_000
"""Histories longer than this are kept."""


def keep(part: Part, day: date) -> None:
    """Write the rows of the longest histories down."""
    table = part.tables[0]
    at = list(table.columns).index("stored")
    rows = [list(row) for row in table.rows if int(row[at].replace(",", "")) > _LONG]
    document = {"measured": day.isoformat(), "keys": KeyMaker().version, "columns": list(table.columns), "rows": rows}
    FILE.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def with_kept(part: Part) -> Part:
    """The part with those rows added; as it is where none were kept, or the columns have changed since."""
    table = part.tables[0]
    if not FILE.exists():
        return part
    document = json.loads(FILE.read_text(encoding="utf-8"))
    if document["columns"] != list(table.columns):
        return part
    rows: list[Sequence[str]] = [*table.rows, *document["rows"]]
    note = f"{table.note} Histories longer than {_LONG:,} were measured on {document['measured']} (`--million`)"
    now = KeyMaker().version
    note += "." if document["keys"] == now else f", with other keys (`{document['keys']}`) than now (`{now}`)."
    return replace(part, tables=[replace(table, rows=rows, note=note), *part.tables[1:]])
