"""The JSON Schema of channel recipes, by which editors complete and check them while somebody writes."""

from typing import Any

from recipes.forms import FORMS
from recipes.models import Recipe

_EXPRESSION = {"$ref": "#/$defs/Expression"}
SCHEMA_NAME = ".recipe.schema.json"
"""What the file is called beside recipes, and how they name it in their first line."""
MODELINE = f"# yaml-language-server: $schema={SCHEMA_NAME}"
"""The first line of a recipe that wants to be completed."""


def recipe_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `channels/*.yaml`. It knows the functions and their options; paths it cannot check."""
    schema = Recipe.model_json_schema(by_alias=True)
    _expressions(schema)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "A channel recipe of Muara"
    schema["$defs"]["Expression"] = _expression()
    return schema


def _expressions(part: Any) -> None:  # noqa: ANN401 a part of a JSON Schema
    """Wherever a model says "anything", an expression stands, but for constants, settings and payloads."""
    if isinstance(part, list):
        for each in part:
            _expressions(each)
    elif isinstance(part, dict):
        for name, each in part.get("properties", {}).items():
            if name in ("payload", "settings", "details", "complaint"):
                continue
            if each.get("anyOf") == [{}, {"type": "null"}]:
                each["anyOf"] = [_EXPRESSION, {"type": "null"}]
            elif not {"type", "anyOf", "$ref", "enum", "const", "allOf"} & each.keys():
                each.update(_EXPRESSION)
        for each in part.values():
            _expressions(each)


def _expression() -> dict[str, Any]:
    forms = [
        {
            "type": "object",
            "required": [name],
            "properties": {name: {}, **{option: {} for option in options}},
            "additionalProperties": False,
        }
        for name, (options, _) in FORMS.items()
    ]
    return {
        "description": "A path into the message, a list of paths (the first that is filled in), or a function.",
        "anyOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "items": _EXPRESSION, "minItems": 1},
            *forms,
        ],
    }
