"""The page of figures: each part between two marks of its own, so that one can be measured again by itself."""

import re
from datetime import date
from pathlib import Path

from benchmarks.quality.report import Part, as_markdown

_HEAD = """# Quality: how often Muara is right

Made by `make bench-quality ARGS=--write`; do not edit by hand (`ARGS="--write --only dedup"` measures one part again).
Everything is drawn from seeds: on the same code the same command gives the same shares; times are the machine's.

The pairs come from a generator (`python -m sandbox.pairs`), whose held-back set shares no template, trouble, place or
name with the set that weights are tuned on. They are made to be hard, and they are made up: real pairs are other ones.
"""
_PARTS = ("understanding", "dedup", "candidates", "steps")
"""In the order in which they stand."""


def write(page: Path, name: str, part: Part, day: date) -> None:
    """Puts a part in its place; the others stay as they are."""
    sections = _sections(page.read_text(encoding="utf-8")) if page.exists() else {}
    sections[name] = f"Measured on {day.isoformat()}.\n\n{as_markdown(part.tables).strip()}"
    found = [f"<!-- {each} -->\n{sections[each]}\n<!-- /{each} -->" for each in _PARTS if each in sections]
    page.write_text("\n\n".join([_HEAD.rstrip(), *found]) + "\n", encoding="utf-8")


def _sections(text: str) -> dict[str, str]:
    found = re.findall(r"<!-- (\w+) -->\n(.*?)\n<!-- /\1 -->", text, flags=re.DOTALL)
    return {name: body for name, body in found if name in _PARTS}
