"""Keeps the committed JSON Schemas to the models: `python -m tools.schemas check|write`."""

import json
import sys
from pathlib import Path

from schemas.compatibility import breaks
from schemas.export import PUBLISHED, export, schema, written

FOLDER = Path(__file__).parent.parent / "schemas"


def broken(folder: Path) -> list[str]:
    """What the models break for a consumer of the copies in the folder."""
    found = []
    for published in PUBLISHED:
        copy = folder / published.path
        if copy.exists():
            last = json.loads(copy.read_text(encoding="utf-8"))
            found += [f"{published.path}: {what}" for what in breaks(last, schema(published))]
    return found


def outdated(folder: Path) -> list[Path]:
    """The copies that are missing or differ from the models."""
    copies = {published.path: folder / published.path for published in PUBLISHED}
    return [
        published.path
        for published in PUBLISHED
        if not copies[published.path].exists()
        or copies[published.path].read_text(encoding="utf-8") != written(schema(published))
    ]


def check(folder: Path) -> list[str]:
    """What is wrong with the copies, in sentences; empty when nothing is."""
    return [*broken(folder), *(f"{path}: not what the models say; run `make schemas`" for path in outdated(folder))]


def write(folder: Path) -> list[str]:
    """Writes the copies, unless that would break a consumer; returns what stands against it."""
    problems = broken(folder)
    if problems:
        return [
            *problems,
            (
                "Nothing was written. Raise SCHEMA_VERSION (schemas/events.py, schemas/raw.py) and run `make schemas`:"
                " the old copies stay beside the new. If that version was never released, delete its copy first."
            ),
        ]
    export(folder)
    return []


def main(arguments: list[str]) -> int:
    """Runs one of the two; the exit code is 0 when all is well."""
    actions = {"check": check, "write": write}
    if len(arguments) != 1 or arguments[0] not in actions:
        sys.stderr.write("usage: python -m tools.schemas check|write\n")
        return 2
    problems = actions[arguments[0]](FOLDER)
    for problem in problems:
        sys.stderr.write(f"schemas: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
