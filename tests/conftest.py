"""For all tests: the services and the stores that some of them need, and what is read once a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.once import read_once

pytest_plugins = ["tools.services.fixtures", "tests.stores"]

_WHOLE = {"pipeline", "chaos", "crash", "faults", "deploy"}
"""Folders of tests that play with whole processes. Their lines are covered by the tests of the parts; to trace these,
too, would double their time and say nothing."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave coverage out where it costs most."""
    if not config.pluginmanager.hasplugin("_cov"):
        return
    tests = Path(__file__).parent
    for item in items:
        if item.path.relative_to(tests).parts[0] in _WHOLE:
            item.add_marker("no_cover")


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    with read_once():
        yield
