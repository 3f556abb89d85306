"""The towns of the pipeline's tests."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from .town import Person, Town, open_town

_numbers = itertools.count(1000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A town of the embedded size, shared by the tests of a module: each brings its own people and its own places."""
    async with AsyncExitStack() as stack:
        yield await open_town(stack, tmp_path_factory.mktemp("town"))


@pytest.fixture
def person() -> Callable[[str], Person]:
    """Makes people, each with a number of their own."""
    return lambda name: Person(name, next(_numbers))
