"""For all tests: the services and the stores that some of them need, and what is read once a run."""

from collections.abc import Iterator

import pytest

from tests.once import read_once

pytest_plugins = ["tools.services.fixtures", "tests.stores"]


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    with read_once():
        yield
