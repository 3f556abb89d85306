"""Every mistake in a file is told with its line and what to do about it."""

from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from recipes.document import DocumentError, load_document, parse_document, parse_text


class Source(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str
    port: int = Field(default=1, ge=1)
    mode: str = "shadow"


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    home: str
    sources: list[Source] = []
    hub: Source | None = None
    labels: dict[str, int] = {}


WRONG = {
    "unknown key": (
        "home: x\nsources:\n  - channel: a\n    prot: 5\n",
        'f.yaml:4: sources[0].prot: unknown key "prot"; did you mean "port"?',
    ),
    "unknown key in an optional part": (
        "home: x\nhub:\n  chanel: a\n",
        """f.yaml:2: hub: the key "channel" is missing; add `channel:`
f.yaml:3: hub.chanel: unknown key "chanel"; did you mean "channel"?""",
    ),
    "unknown key that is near nothing": (
        "home: x\nzzz: 1\n",
        'f.yaml:2: zzz: unknown key "zzz"; known here: home, sources, hub, labels',
    ),
    "missing key": ("sources: []\n", 'f.yaml:1: the key "home" is missing; add `home:`'),
    "missing key in an element": (
        "home: x\nsources:\n  - port: 2\n",
        'f.yaml:3: sources[0]: the key "channel" is missing; add `channel:`',
    ),
    "number for a text": ("home: 5\n", "f.yaml:1: home: expected a text, found 5; put it in quotes"),
    "text for a list": (
        "home: x\nsources: a\n",
        "f.yaml:2: sources: expected a list, found 'a'; write each element on a line that begins with `- `",
    ),
    "list for keys": (
        "home: x\nsources:\n  - [a]\n",
        "f.yaml:3: sources[0]: expected keys with values, found a list; write one `key: value` a line, indented",
    ),
    "out of range": (
        "home: x\nsources:\n- channel: a\n  port: 0\n",
        "f.yaml:4: sources[0].port: input should be greater than or equal to 1",
    ),
    "key twice": ("home: x\nhome: y\n", 'f.yaml:2: home: the key "home" stands here twice; keep one of the two'),
    "tab": ("home: x\nhub:\n\tchannel: a\n", "f.yaml:3: a tab indents this line; indent with spaces"),
    "colon in a value": (
        "home: a: b\n",
        "f.yaml:1: a second colon stands in this value; put the value in quotes, or break the line",
    ),
    "open bracket": (
        "home: x\nsources: [a\n",
        "f.yaml:3: a bracket that was opened is not closed; close { with } and [ with ]",
    ),
    "open quote": (
        "home: 'x\n",
        "f.yaml:2: a quotation mark that was opened is not closed; close it, or write the mark twice inside",
    ),
    "special character": ("home: @x\n", "f.yaml:1: a value begins with a special character; put the value in quotes"),
    "alias from nowhere": (
        "home: *x\n",
        "f.yaml:1: the name after * was not defined before; define it with &, or put the text in quotes",
    ),
    "wrong indentation": (
        "home: x\n labels: {}\n",
        "f.yaml:2: a second colon stands in this value; put the value in quotes, or break the line",
    ),
    "empty": ("", "f.yaml: the file is empty; write one `key: value` a line"),
    "only a comment": ("# nothing\n", "f.yaml: the file is empty; write one `key: value` a line"),
    "a list": ("- a\n", "f.yaml:1: the file holds no keys with values; write one `key: value` a line"),
    "a word": ("home\n", "f.yaml:1: the file holds no keys with values; write one `key: value` a line"),
    "foreign tag": ("home: !secret x\n", 'f.yaml:1: the tag "!secret" is not allowed; remove it'),
    "key that is a list": ("? [a]\n: b\n", "f.yaml:1: a key must be a word; put it in quotes"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_told_with_line_and_remedy(name: str) -> None:
    text, expected = WRONG[name]
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "f.yaml", Settings)
    assert str(caught.value) == expected


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document("hom: x\nsources:\n- channel: a\n  mod: b\n- port: x\n", "f.yaml", Settings)
    assert [problem.line for problem in caught.value.problems] == [1, 1, 4, 5, 5]


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [{f'*{a},' * 8}]\n" for a, b in pairwise("abcdefg")),
        "a: " + "[" * 3_000,
        "a: &a {b: *a}\n",
        "a: " + "x" * 3_000_000,
        "a: [" + "1," * 40_000 + "1]",
    ],
    ids=["anchors", "depth", "self", "size", "width"],
)
def test_bombs_are_refused(bomb: str) -> None:
    with pytest.raises(DocumentError):
        parse_document(bomb, "f.yaml", Settings)


def test_phone_numbers_and_dates_stay_as_they_are_written() -> None:
    data = parse_text("phone: 081100000001\nlong: 6281100000001\nday: 2026-11-24\nyes: ya\non: true\n", "f").tree.data
    assert data == {"phone": "081100000001", "long": 6281100000001, "day": "2026-11-24", "yes": "ya", "on": True}


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "muara.yaml"
    path.write_bytes(b"\xef\xbb\xbfhome: x\nlabels: {a: 1}\n")
    assert load_document(path, Settings) == Settings(home="x", labels={"a": 1})
    path.write_bytes(b"home: x\nlabels: \xe9\n")
    with pytest.raises(DocumentError, match=r"muara\.yaml:2: the file is not UTF-8; save it as UTF-8"):
        load_document(path, Settings)
    with pytest.raises(DocumentError, match="there is no such file; check the path"):
        load_document(tmp_path / "other.yaml", Settings)
    with pytest.raises(DocumentError, match="cannot be read"):
        load_document(tmp_path, Settings)


@given(st.text(alphabet=st.characters(codec=None), max_size=60) | st.text("ab:-[]{}&*!'\"\n\t #,?|>%@", max_size=40))
def test_any_text_gives_data_or_a_document_error(text: str) -> None:
    with suppress(DocumentError):
        assert parse_document(text, "f.yaml", Settings).home is not None
