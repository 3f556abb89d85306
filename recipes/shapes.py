"""Which keys a model knows at a place, for the question "did you mean…?"."""

from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel


def known_keys(model: type[BaseModel], where: tuple[str | int, ...]) -> list[str]:
    """The keys that are allowed at a place of a document; empty when any key is, or the place is unknown."""
    shapes: list[object] = [model]
    for step in where:
        # A place inside a union carries the member's own name or tag; it is no step of the document.
        shapes = [inner for shape in shapes for inner in _inside(shape, step)] or shapes
    keys = [key for shape in shapes for key in _keys(shape)]
    return list(dict.fromkeys(keys))


def _models(shape: object) -> list[type[BaseModel]]:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return [shape]
    if get_origin(shape) in {Union, UnionType}:
        return [model for member in get_args(shape) for model in _models(member)]
    if get_origin(shape) is Annotated:
        return _models(get_args(shape)[0])
    return []


def _keys(shape: object) -> list[str]:
    return [field.alias or name for model in _models(shape) for name, field in model.model_fields.items()]


def _inside(shape: object, step: str | int) -> list[object]:
    origin = get_origin(shape)
    if origin is Annotated:
        return _inside(get_args(shape)[0], step)
    if origin in {Union, UnionType}:
        return [inner for member in get_args(shape) for inner in _inside(member, step)]
    if origin in {list, tuple, set, frozenset}:
        return [get_args(shape)[0]] if isinstance(step, int) else []
    if origin is not None:
        arguments = get_args(shape)
        return [arguments[1]] if len(arguments) == 2 else []
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        for name, field in shape.model_fields.items():
            if step in {name, field.alias}:
                return [field.annotation]
    return []
