from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas.compatibility import breaks

LAST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid", "description": "Its name."},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "count": {"type": "integer", "minimum": 0, "default": 0},
        "where": {"$ref": "#/$defs/Where"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "default": []},
        "extra": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["id", "state", "where"],
    "$defs": {
        "Where": {
            "type": "object",
            "properties": {"street": {"type": "string", "pattern": "^J"}},
            "required": ["street"],
        },
        "Part": {
            "type": "object",
            "properties": {
                "size": {"type": "integer"},
                "within": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}], "default": None},
            },
            "required": ["size"],
        },
    },
}


Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> dict[str, Any]:
    new = deepcopy(LAST)
    change(new)
    return new


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: None, id="nothing"),
        pytest.param(lambda new: new["properties"]["id"].update(description="Other words."), id="words"),
        pytest.param(lambda new: new["properties"].update(more={"type": "string", "default": ""}), id="a field more"),
        pytest.param(
            lambda new: new["$defs"]["Part"]["properties"].update(more={"type": "string", "default": ""}),
            id="a field more, deep",
        ),
        pytest.param(lambda new: new["properties"]["state"].update(enum=["closed", "open"]), id="order of words"),
        pytest.param(
            lambda new: (
                new["$defs"].update(Place=new["$defs"].pop("Where")),
                new["properties"].update(where={"$ref": "#/$defs/Place"}),
            ),
            id="a definition is renamed",
        ),
        pytest.param(
            lambda new: new["properties"].update(where=new["$defs"]["Where"]), id="a definition is written out"
        ),
    ],
)
def test_what_a_consumer_can_take(change: Change) -> None:
    assert breaks(LAST, changed(change)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda new: new["properties"].pop("note"), "note: the field is gone"),
        (
            lambda new: new["properties"].update(remark=new["properties"].pop("note")),
            "note: the field is gone",
        ),
        (lambda new: new["$defs"]["Where"]["properties"].pop("street"), "where.street: the field is gone"),
        (lambda new: new["properties"]["count"].update(type="string"), "count: no longer integer"),
        (lambda new: new["properties"]["count"].update(type="string"), "count: may now be string"),
        (lambda new: new["properties"]["note"]["anyOf"].pop(), "note: no longer null"),
        (
            lambda new: new["properties"].update(id={"anyOf": [LAST["properties"]["id"], {"type": "null"}]}),
            "id: may now be null",
        ),
        (lambda new: new["required"].append("note"), "note: is now required"),
        (lambda new: new["required"].remove("id"), "id: may now be missing"),
        (
            lambda new: (new["properties"].update(more={"type": "string"}), new["required"].append("more")),
            "more: is new and required",
        ),
        (
            lambda new: (
                new["$defs"]["Part"]["properties"].update(more={"type": "string"}),
                new["$defs"]["Part"]["required"].append("more"),
            ),
            "parts[].more: is new and required",
        ),
        (lambda new: new["properties"]["state"]["enum"].append("lost"), "state: 'lost' is a new word"),
        (lambda new: new["properties"]["state"]["enum"].remove("open"), "state: 'open' is no longer allowed"),
        (lambda new: new["properties"]["state"].pop("enum"), "state: any word may stand here"),
        (lambda new: new["properties"]["note"]["anyOf"][0].update(enum=["a"]), "note: only certain words"),
        (lambda new: new["properties"]["count"].update(minimum=1), "count: minimum changed from 0 to 1"),
        (lambda new: new["properties"]["count"].pop("minimum"), "count: minimum changed from 0 to None"),
        (lambda new: new["properties"]["id"].pop("format"), "id: format changed"),
        (lambda new: new["$defs"]["Where"]["properties"]["street"].update(pattern="^K"), "where.street: pattern"),
        (lambda new: new["properties"]["count"].update(default=1), "count: the default changed"),
        (
            lambda new: new["$defs"]["Part"]["properties"]["size"].update(type="number"),
            "parts[].size: no longer integer",
        ),
        (
            lambda new: new["properties"]["extra"].update(additionalProperties={"type": "null"}),
            "extra.*: no longer string",
        ),
        (lambda new: new.update(additionalProperties=False), "what may stand there changed"),
        (lambda new: new.update(type="array"), "the whole: no longer object"),
    ],
)
def test_what_breaks_a_consumer(change: Change, said: str) -> None:
    found = breaks(LAST, changed(change))
    assert any(said in sentence for sentence in found), found
