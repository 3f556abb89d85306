"""The weights of the judge: versioned data, read from `weights.yaml` and validated before they judge."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from normalizer.dedup.vocabulary import Vocabulary

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
    streets: WordList
    region_markers: WordList
    spans: WordList
    houses: WordList
    blocks: WordList
    explaining: WordList
    direction_markers: WordList
    side_markers: WordList
    positions: WordList
    direction_particles: WordList
    qualifiers: WordList
    cities: WordList
    generic_places: WordList
    all_around: Annotated[frozenset[str], BeforeValidator(_split)]
    """Kinds of trouble, of `concepts`, that a whole neighbourhood has."""
    rare_from: Share
    history: Annotated[int, Field(ge=0)]
    """Documents of the stream from which a rare word is known to be one."""
    corrections: WordList


class WordPrior(_Strict):
    """What is expected of words before the stream has a history of its own."""

    documents: Annotated[int, Field(ge=10)]
    """As many documents as this expectation counts for, beside those of the stream."""
    frequent_share: Share
    """In what share of complaints a frequent word stands."""
    frequent: WordList


class MergeRules(_Strict):
    """When two reports are the same report."""

    threshold: Share
    threshold_unknown: Share
    """When one of the reporters is unknown."""
    days: Days
    days_unknown: Days
    """When one of the reporters is unknown."""
    shared_words_unknown: Annotated[int, Field(ge=1)]
    """When one of the reporters is unknown."""
    shared_words: Annotated[int, Field(ge=1)]
    """At least; fewer prove nothing, but for the very same short text."""
    short_days: Days
    """In which the very same short text is a repeat, or a person corrects what they said."""
    exact_days: Days
    """In which a person who says the same and more tells it more exactly."""
    corrected_words: Share
    """What the two must share when a person corrects what they said, so that another RT is no other place."""


class LinkRules(_Strict):
    """When two reports tell the same incident."""

    threshold: Share
    doubt_from: Share
    """Score of a copy from which a pair with an unknown reporter that is no merge is no link either, but unclear."""
    places: Annotated[int, Field(ge=1)]
    """So many specifics of place that agree, with the category, are one incident whatever the words."""
    matter_at_a_name: Share
    """Where nothing of the place agrees but a name that both say: how far the words on what happened must agree in
    `categories_of_houses`. Much happens at one hospital, and all of it is told in a hospital's words."""
    categories_of_houses: frozenset[str]
    default_days: Days
    days_by_category: dict[str, Days]
    personal_categories: frozenset[str]
    common_matters: frozenset[str]
    """Kinds of trouble of which several may complain even in these categories."""

    def days(self, category: str | None) -> float:
        """How far apart two complaints on one incident of this category may be sent."""
        return self.days_by_category.get(category or "", self.default_days)


class ScoreWeights(_Strict):
    """What each piece of evidence adds to a score, before the logistic. `evidence.NAMES` tells what they are."""

    bias: float
    containment: Annotated[float, Field(ge=0)]
    phrases: Annotated[float, Field(ge=0)]
    matter: Annotated[float, Field(ge=0)]
    matter_shared: Annotated[float, Field(ge=0)]
    topic: Annotated[float, Field(ge=0)]
    same_kind: Annotated[float, Field(ge=0)]
    place_shared: Annotated[float, Field(ge=0)]
    together: Annotated[float, Field(ge=0)]
    street: Annotated[float, Field(ge=0)]
    house: Annotated[float, Field(ge=0)]
    rt_rw: Annotated[float, Field(ge=0)]
    kilometre: Annotated[float, Field(ge=0)]
    close: Annotated[float, Field(ge=0)]
    region: Annotated[float, Field(ge=0)]
    all_around: Annotated[float, Field(ge=0)]
    landmark: Annotated[float, Field(ge=0)]
    category_agrees: Annotated[float, Field(ge=0)]
    reminds: Annotated[float, Field(ge=0)]
    picture: Annotated[float, Field(ge=0)]
    less_alone: Annotated[float, Field(le=0)]
    topic_differs: Annotated[float, Field(le=0)]
    other_kind: Annotated[float, Field(le=0)]
    names_apart: Annotated[float, Field(le=0)]
    refilled: Annotated[float, Field(le=0)]
    elsewhere: Annotated[float, Field(le=0)]
    numbers_differ: Annotated[float, Field(le=0)]
    figures_differ: Annotated[float, Field(le=0)]
    other_street: Annotated[float, Field(le=0)]
    category_differs: Annotated[float, Field(le=0)]
    days: Annotated[float, Field(le=0)]


class Scores(_Strict):
    """The scores."""

    repeat: ScoreWeights
    """That one person tells again what they told."""
    copy_: ScoreWeights = Field(alias="copy")
    """That two texts are one report, when a reporter is unknown."""
    incident: ScoreWeights
    """That both tell of one incident."""


class Weights(_Strict):
    """All that the judge goes by."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    limits: PlaceLimits
    merge: MergeRules
    link: LinkRules
    scores: Scores
    unclear_from: Share
    words: WordPrior
    common_words: WordList
    concepts: dict[str, WordList]
    dialect: dict[str, WordList]
    everyday: WordList
    reminders: WordList
    resolved: WordList
    thanks: WordList

    def vocabulary(self) -> Vocabulary:
        """What these weights know of words."""
        return Vocabulary(
            common=self.common_words,
            markers=self.limits.place_markers | self.limits.region_markers,
            regions=self.limits.region_markers,
            streets=self.limits.streets,
            spans=self.limits.spans,
            houses=self.limits.houses,
            blocks=self.limits.blocks,
            explaining=self.limits.explaining,
            directions=self.limits.direction_markers,
            sides=self.limits.side_markers,
            positions=self.limits.positions,
            particles=self.limits.direction_particles,
            qualifiers=self.limits.qualifiers,
            cities=self.limits.cities,
            generic=self.limits.generic_places,
            frequent=self.words.frequent,
            concepts=self.concepts,
            dialect=self.dialect,
            everyday=self.everyday,
            reminders=self.reminders,
            resolved=self.resolved,
            thanks=self.thanks,
        )

    @property
    def longest_window(self) -> float:
        """Days: farther apart, two reports are never duplicates. The candidate index needs to look no farther."""
        merge = self.merge.days, self.merge.days_unknown, self.merge.short_days
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
