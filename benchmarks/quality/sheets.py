"""Reads sheets of cases that are no plain lists: sentences, spellings to be drawn into them, texts by what they are."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_CASES = Path(__file__).parent / "cases"

HALVES = (("", "to build by"), ("_held_back", "held back"))
"""The two halves of each sheet: how its file's name ends, and what scores call it."""


def sheet(name: str) -> Any:  # noqa: ANN401 each step has cases of its own form
    """The content of `cases/NAME.yaml`."""
    return YAML(typ="safe").load(_CASES / f"{name}.yaml")
