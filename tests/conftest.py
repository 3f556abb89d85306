"""For all tests: the services and the stores that some of them need, and what is read once a run."""

import functools
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from normalizer.understanding.places_index import RegionIndex
from recipes.yaml_tree import read_tree

pytest_plugins = ["tools.services.fixtures", "tests.stores"]


@pytest.fixture(scope="session", autouse=True)
def _regions_are_indexed_once() -> Iterator[None]:
    """The index of all regions is only read once it is built, and building it takes seconds while lines are counted."""
    with patch("normalizer.understanding.places_index.RegionIndex", functools.cache(RegionIndex)):
        yield


@pytest.fixture(scope="session", autouse=True)
def _the_same_yaml_is_parsed_once() -> Iterator[None]:
    """Reading what comes with Muara is most of what a command or a start costs. It is known by its whole text."""
    with patch("recipes.document.read_tree", functools.lru_cache(maxsize=200)(read_tree)):
        yield
