"""What never changes while tests run and costs seconds to read: each process reads it once, for all that is begun."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from normalizer.understanding.language import LanguageDetector
from normalizer.understanding.places_index import RegionIndex
from normalizer.understanding.tables import RULES, AnyTable, load_table
from recipes.yaml_tree import read_tree

the_detector = functools.cache(LanguageDetector)


@contextmanager
def read_once() -> Iterator[None]:
    """Keep the index of all regions, the model of languages, the tables of rules, and YAML by its whole text."""
    with (
        patch("normalizer.understanding.places_index.RegionIndex", functools.cache(RegionIndex)),
        patch("normalizer.settling.drafting.LanguageDetector", the_detector),
        patch("normalizer.understanding.categories.load_table", _load_table),
        patch("normalizer.understanding.classification.load_table", _load_table),
        patch("normalizer.understanding.spam.load_table", _load_table),
        patch("recipes.document.read_tree", functools.lru_cache(maxsize=200)(read_tree)),
    ):
        yield


_load_shipped = functools.cache(load_table)


def _load_table(path: Path, model: type[AnyTable]) -> AnyTable:
    """A table of somebody's own is read anew."""
    return _load_shipped(path, model) if path.parent == RULES else load_table(path, model)
