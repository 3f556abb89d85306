"""The words of one set of pairs: troubles, places, names, and how people frame what they say. Data, read from YAML."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from ruamel.yaml import YAML

SetName = Literal["tuning", "held-back"]
SETS: tuple[SetName, ...] = get_args(SetName)
Tint = Literal[
    "javanese",
    "sundanese",
    "betawi",
    "palembang",
    "makassar",
    "banjar",
    "minang",
    "balinese",
    "medan",
    "manado",
    "sasak",
]


def _lines(text: object) -> object:
    return [line.strip() for line in text.splitlines() if line.strip()] if isinstance(text, str) else text


def _facts(text: object) -> object:
    lines = _lines(text)
    return [line.split(" / ") if isinstance(line, str) else line for line in lines] if isinstance(lines, list) else text


def _words(text: object) -> object:
    return text.split() if isinstance(text, str) else text


Phrases = Annotated[list[str], BeforeValidator(_lines), Field(min_length=1)]
"""Phrases of the grammar, one a line."""
Facts = Annotated[list[list[str]], BeforeValidator(_facts), Field(min_length=1)]
"""Facts, one a line; each in several phrasings."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Trouble(_Strict):
    """Something that goes wrong, in the words of several people."""

    kind: str
    scope: Literal["street", "area", "facility", "person"]
    """Whose it is: of one street, of a neighbourhood, of a building, or one household's own affair."""
    facility: Literal["clinic", "school", "office", "market", "shop", "terminal"] | None = None
    window: float
    """Days within which two people may speak of one incident; 0 where nobody shares it."""
    directed: bool = False
    """Whether one direction of the road may suffer alone."""
    numbered: bool = False
    """Whether people name the house that it is in front of."""
    kilometre: bool = False
    """Whether it happens along highways too."""
    problem: Phrases
    facts: Facts
    effect: Phrases
    wish: Phrases


class City(_Strict):
    """A city whose kelurahan lend their names."""

    code: str
    name: str
    tint: Tint
    latitude: float
    longitude: float


class Places(_Strict):
    """`places.yaml`."""

    cities: list[City] = Field(min_length=2)
    near: Phrases
    """Where one thing stands by another: `depan {}`."""
    streets: Phrases
    highways: Phrases
    lanes: Phrases
    estates: Phrases
    landmarks: Phrases
    towards: Phrases
    clinic: Phrases
    school: Phrases
    office: Phrases
    market: Phrases
    shop: Phrases
    terminal: Phrases
    names: Phrases


class Frames(_Strict):
    """`speech.yaml` of a set."""

    openings: Phrases
    closings: Phrases
    signatures: Phrases
    since: Phrases
    today: Phrases
    spoken: Phrases
    layouts: Phrases
    short_layouts: Phrases
    forwards: Phrases
    reminders: Phrases
    corrections: Phrases
    additions: Phrases
    forms: list[str]
    tickets: list[str]
    chains: list[str]
    aid_requests: list[str]


class Typing(_Strict):
    """`speech.yaml` of the language: spellings of any writer."""

    short: dict[str, Annotated[list[str], BeforeValidator(_words)]]
    home: dict[Tint, dict[str, str]]
    emoji: list[str]
    topics: dict[str, str]
    """What forms call a kind of trouble."""


class Vocabulary(_Strict):
    """All words of one set."""

    troubles: dict[str, Trouble]
    places: Places
    frames: Frames
    typing: Typing

    def of_scope(self, *scopes: str) -> list[Trouble]:
        """The troubles of these scopes, in the order of the file."""
        return [trouble for trouble in self.troubles.values() if trouble.scope in scopes]

    @property
    def shared(self) -> list[Trouble]:
        """The troubles that several people may report."""
        return [trouble for trouble in self.troubles.values() if trouble.window > 0]


@cache
def load(name: SetName) -> Vocabulary:
    """The words of a set.

    Raises:
        pydantic.ValidationError: a file lacks something; the message says what.
    """
    here = Path(__file__).parent
    own = here / name.replace("-", "_")
    yaml = YAML(typ="safe")
    return Vocabulary.model_validate(
        {
            "troubles": yaml.load(own / "troubles.yaml"),
            "places": yaml.load(own / "places.yaml"),
            "frames": yaml.load(own / "speech.yaml"),
            "typing": yaml.load(here / "speech.yaml"),
        }
    )
