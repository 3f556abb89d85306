import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from schemas import complaint, events, parts, raw
from schemas.base import Model
from schemas.export import DIALECT, PUBLISHED, Published, export, schema
from tools import schemas as tool

COPIES = Path(raw.__file__).parent
EVERY_MODEL = sorted(
    {
        value
        for module in (complaint, events, parts, raw)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Model)
    },
    key=lambda model: model.__name__,
)


def nodes(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from nodes(each)
    elif isinstance(node, list):
        for each in node:
            yield from nodes(each)


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """The committed copies, where a test may spoil them."""
    shutil.copytree(COPIES, tmp_path / "copies", ignore=lambda _, names: [n for n in names if n.startswith("__")])
    return tmp_path / "copies"


def test_the_contract_is_published() -> None:
    names = {published.model.__name__ for published in PUBLISHED}
    events = {"ComplaintEvent", "StatusEvent", "DeadlineEvent", "MediaWanted", "MediaEvent", "Command", "DeadLetter"}
    assert names == {"RawComplaint", "Complaint", *events}


def test_the_committed_copies_are_what_the_models_say(tmp_path: Path) -> None:
    for file in export(tmp_path / "new" / "folder"):
        copy = COPIES / file.relative_to(tmp_path / "new" / "folder")
        assert copy.read_text(encoding="utf-8") == file.read_text(encoding="utf-8"), "run `make schemas`"


def test_no_consumer_of_the_committed_version_breaks() -> None:
    assert tool.broken(COPIES) == []


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.name)
def test_a_schema_stands_by_itself(published: Published) -> None:
    document = schema(published)
    assert document["$schema"] == DIALECT
    assert document["$id"] == f"urn:muara:schemas:v{published.version}:{published.name}"
    for node in nodes(document):
        reference = node.get("$ref", "")
        assert not reference or reference.removeprefix("#/$defs/") in document["$defs"]
    words = json.dumps({key: value for key, value in document.items() if key != "$schema"})
    assert "://" not in words, "a schema names no host"


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.name)
def test_a_consumer_reads_what_every_field_means(published: Published) -> None:
    for node in nodes(schema(published)):
        if isinstance(node.get("properties"), dict) and "type" in node:
            assert node.get("title")
            assert node.get("description"), f"{node.get('title')} needs a docstring"
            for name, field in node["properties"].items():
                assert field.get("description"), f"{node['title']}.{name} needs a docstring"


@pytest.mark.parametrize("model", EVERY_MODEL, ids=lambda model: model.__name__)
def test_every_field_of_every_model_is_documented(model: type[BaseModel]) -> None:
    assert model.__doc__
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def spoil(copies: Path, name: str, change: str) -> Path:
    file = copies / "v1" / f"{name}.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    if change == "a field that the models lack":
        document["properties"]["gone"] = {"type": "string"}
    elif change == "other words":
        document["properties"]["agency"]["description"] = "Other words."
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_copy_with_other_words_is_reported_and_written_anew(copies: Path) -> None:
    file = spoil(copies, "complaint", "other words")
    assert tool.check(copies) == ["v1/complaint.json: not what the models say; run `make schemas`"]
    assert tool.write(copies) == []
    assert tool.check(copies) == []
    assert "Other words." not in file.read_text(encoding="utf-8")


def test_a_change_that_breaks_consumers_is_not_written(copies: Path) -> None:
    file = spoil(copies, "dead-letter", "a field that the models lack")
    before = file.read_bytes()
    problems = tool.write(copies)
    assert problems[0].startswith("v1/dead-letter.json: gone: the field is gone")
    assert "Raise SCHEMA_VERSION" in problems[-1]
    assert file.read_bytes() == before
    assert any("the field is gone" in problem for problem in tool.check(copies))


def test_a_missing_copy_is_reported(copies: Path) -> None:
    (copies / "v1" / "command.json").unlink()
    assert tool.check(copies) == ["v1/command.json: not what the models say; run `make schemas`"]


def test_the_tool_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main([]) == 2
    assert "check|write" in capsys.readouterr().err
    assert tool.main(["check"]) == 0
