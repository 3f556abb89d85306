"""Editors that complete recipes by their schema must not be told that a good one is wrong, or a bad one right."""

from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from recipes.document import open_document
from recipes.editing import recipe_schema

SHIPPED = sorted((Path(__file__).parents[2] / "connectors" / "channels").glob("*.yaml"))
CHECK = jsonschema.Draft202012Validator(recipe_schema())
GOOD: dict[str, Any] = {
    "channel": "dinas",
    "title": "Dinas",
    "receive": {"transport": "webhook", "external_id": "id"},
    "map": {"text": ["isi", {"value": "-"}], "phone": {"phone": "hp", "region": "ID"}},
}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_recipe_fits_the_schema(path: Path) -> None:
    assert [error.message for error in CHECK.iter_errors(open_document(path).tree.data)] == []


@pytest.mark.parametrize(
    "map_",
    [{"txt": "isi"}, {"text": {"fone": "hp"}}, {"phone": {"phone": "hp", "regio": "ID"}}, {"text": []}, {"text": 5}],
)
def test_a_slip_is_underlined_while_it_is_written(map_: dict[str, Any]) -> None:
    assert CHECK.is_valid(GOOD)
    assert not CHECK.is_valid({**GOOD, "map": map_})
