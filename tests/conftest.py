"""For all tests: the services and the stores that some of them need, and what is read once a run."""

import functools
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from normalizer.understanding.places_index import RegionIndex

pytest_plugins = ["tools.services.fixtures", "tests.stores"]


@pytest.fixture(scope="session", autouse=True)
def _regions_are_indexed_once() -> Iterator[None]:
    """The index of all regions is only read once it is built, and building it takes seconds while lines are counted."""
    with patch("normalizer.understanding.places_index.RegionIndex", functools.cache(RegionIndex)):
        yield
