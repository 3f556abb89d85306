"""The weights of the judge: versioned data, read from `weights.yaml` and validated before they judge."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[float, Field(ge=0, le=366)]


def _split(words: object) -> object:
    return frozenset(words.split()) if isinstance(words, str) else words


WordList = Annotated[frozenset[str], BeforeValidator(_split)]
"""Words in one string, apart by spaces."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlaceLimits(_Strict):
    """From where on places agree or conflict."""

    close_metres: Annotated[float, Field(gt=0, le=200)]
    """At most 200: the candidate index sees no farther."""
    far_metres: Annotated[float, Field(gt=0)]
    kilometre_tolerance: Annotated[float, Field(ge=0)]
    alike: Share
    place_markers: WordList
    generic_places: WordList


class SamePerson(_Strict):
    """When two texts of one person are one report."""

    days: Days
    words: Share
    words_when_places_agree: Share
    words_when_category_differs: Share
    shared_words: Annotated[int, Field(ge=1)]


class ShortTexts(_Strict):
    """When two very short texts of one person are one report."""

    days: Days
    token_set: Share


class UnknownPerson(_Strict):
    """When two texts are one report although one of the reporters is unknown."""

    days: Days
    words: Share
    shared_words: Annotated[int, Field(ge=1)]


class MergeRules(_Strict):
    """The rules of the same report."""

    same_person: SamePerson
    short: ShortTexts
    unknown_person: UnknownPerson


class LinkRules(_Strict):
    """The rules of the same incident."""

    places: Annotated[int, Field(ge=1)]
    words_when_street_agrees: Share
    words_when_region_agrees: Share
    words_when_landmark_agrees: Share
    words_when_category_unknown: Share
    words_when_category_differs: Share
    shared_words: Annotated[int, Field(ge=1)]
    default_days: Days
    days_by_category: dict[str, Days]
    personal_categories: frozenset[str]

    def days(self, category: str | None) -> float:
        """How far apart two complaints on one incident of this category may be sent."""
        return self.days_by_category.get(category or "", self.default_days)


class ScoreWeights(_Strict):
    """Addends of a score, each for one fact, before the logistic."""

    bias: float
    words: float
    token_set: float
    same_person: float
    different_person: float
    place: float
    conflict: float
    category_agrees: float
    category_conflicts: float
    torn: float
    picture: float
    days: float


class Scores(_Strict):
    """The two scores."""

    merge: ScoreWeights
    link: ScoreWeights


class Weights(_Strict):
    """All that the judge goes by."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    limits: PlaceLimits
    merge: MergeRules
    link: LinkRules
    scores: Scores
    unclear_from: Share
    rare_from: Share
    common_words: WordList

    @property
    def longest_window(self) -> float:
        """Days: farther apart, two reports are never duplicates. The candidate index needs to look no farther."""
        merge = (self.merge.same_person.days, self.merge.short.days, self.merge.unknown_person.days)
        return max(*merge, self.link.default_days, *self.link.days_by_category.values())


class WeightsError(ValueError):
    """The file of weights cannot be used; the message says where and why."""


def load_weights(path: Path | None = None) -> Weights:
    """Reads the weights from a file, by default those shipped.

    Raises:
        WeightsError: the file is missing, is not YAML, or does not hold valid weights.
    """
    source = path if path is not None else Path(__file__).with_name("weights.yaml")
    try:
        return Weights.model_validate(YAML(typ="safe").load(source.read_text(encoding="utf-8")))
    except OSError as error:
        raise WeightsError(
            f"{source}: cannot be read ({error.strerror}); give the path of a file of weights"
        ) from error
    except YAMLError as error:
        raise WeightsError(f"{source}: not YAML; {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise WeightsError(f"{source}: {faults}. The shipped weights.yaml shows every entry") from error
