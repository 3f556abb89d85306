"""The towns of the pipeline's tests, on both sizes."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.stores import Templates

from .sizes import NAMES, Size
from .town import Person, Town, open_town

_numbers = itertools.count(1000)


@pytest.fixture(scope="module", params=NAMES)
def size(request: pytest.FixtureRequest, templates: Templates) -> Size:
    """The size of a module's towns."""
    if request.param == "embedded":
        return Size("embedded", templates)
    return Size("kafka", templates, request.getfixturevalue("kafka"), request.getfixturevalue("postgres_server"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    """A town of each size, shared by the tests of a module: each brings its own people and its own places."""
    async with AsyncExitStack() as stack:
        yield await open_town(stack, tmp_path_factory.mktemp("town"), size)


@pytest.fixture
def person() -> Callable[[str], Person]:
    """Makes people, each with a number of their own."""
    return lambda name: Person(name, next(_numbers))
