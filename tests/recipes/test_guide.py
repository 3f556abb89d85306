"""The guide is true: its recipe works, its error is the one that people meet, and it names every function and key."""

import json
import re
from pathlib import Path

import pytest

from recipes.document import DocumentError, parse_text
from recipes.examples import run_examples
from recipes.forms import FORMS
from recipes.inbound import Inbound
from recipes.library import compile_document
from recipes.map_model import MessageMap
from recipes.models import Recipe
from recipes.receive_model import Receive
from recipes.view import item_view

GUIDE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", GUIDE, re.DOTALL)
RECIPE = next(text for kind, text in BLOCKS if kind == "yaml")


def test_the_recipe_of_the_tutorial_passes_its_own_examples() -> None:
    results = run_examples(compile_document(parse_text(RECIPE, "dishub.yaml")))
    assert len(results) == 4
    assert [str(result) for result in results if not result.passed] == []


def test_the_body_of_the_tutorial_is_what_its_recipe_reads() -> None:
    channel = compile_document(parse_text(RECIPE, "dishub.yaml"))
    body = next(text for kind, text in BLOCKS if kind == "json").encode()
    (item,) = channel.split(Inbound(body, "application/json"))
    view = item_view(channel, item, zone="Asia/Makassar")
    assert (view["outcome"], view["external_id"]) == ("accepted", "8841")
    assert len(view["complaint"]["attachments"]) == len(json.loads(body)["data"][0].keys() & {"foto1", "foto2"})


def test_the_mistake_that_the_guide_shows_is_told_as_it_shows() -> None:
    shown = next(text for kind, text in BLOCKS if kind == "text").strip()
    wrong = RECIPE.replace("phone: {phone:", "phone: {fone:")
    with pytest.raises(DocumentError) as caught:
        compile_document(parse_text(wrong, "channels/dishub.yaml"))
    assert re.sub(r":\d+:", ":", str(caught.value)) == re.sub(r":\d+:", ":", shown)


@pytest.mark.parametrize("name", [*FORMS, *MessageMap.model_fields, *Receive.model_fields, *Recipe.model_fields])
def test_the_reference_names_everything(name: str) -> None:
    assert re.search(rf"^\|.*`{name}[:`]", GUIDE, re.MULTILINE)
