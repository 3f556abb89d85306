"""The labelled cases, from `cases/`: one half to build by, the other held back until something is measured."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter
from ruamel.yaml import YAML

_CASES = Path(__file__).parent / "cases"

Half = Literal["to build by", "held back"]
HALVES: tuple[Half, Half] = ("to build by", "held back")


class Case(BaseModel):
    """Base of all labelled cases: a text, and in derived classes what is to be found in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


AnyCase = TypeVar("AnyCase", bound=Case)


def cases(name: str, model: type[AnyCase], half: Half) -> list[AnyCase]:
    """The cases of `cases/NAME.yaml`, or of its half that is held back.

    Raises:
        ValueError: a case is not of its model.
    """
    path = _CASES / (f"{name}.yaml" if half == "to build by" else f"{name}_held_back.yaml")
    return TypeAdapter(list[model]).validate_python(YAML(typ="safe").load(path))  # type: ignore[valid-type]  # a variable
