"""One Kafka with a proxy before its broker, and one PostgreSQL, for all tests of this folder: they may kill both."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.chaos.scene import Scene
from tests.chaos.servers import Servers
from tools.services import fixtures


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Servers:
    """Ended with the run."""

    def chaos_servers(run: fixtures._Run) -> Servers:
        state = fixtures._place(run)
        made = Servers.make(state.home, brokers=1)
        state.kafka, state.postgres = made.kafka, made.postgres
        state.save()
        return made

    return fixtures._provide(request, chaos_servers)


@pytest.fixture
def whole(servers: Servers) -> Iterator[Servers]:
    """They run, and run again afterwards."""
    yield servers
    servers.resume_postgres()
    servers.kafka.resume(1)
    servers.kafka.start()
    servers.postgres.start()


class OpenScene(Protocol):
    """Begins a scene on the servers."""

    def __call__(self, *, partitions: int = 6, normalizers: int = 3) -> AbstractAsyncContextManager[Scene]: ...


@pytest.fixture
def scene(whole: Servers, tmp_path: Path) -> OpenScene:
    """A scene of a test's own, with topics and a database of its own."""

    @asynccontextmanager
    async def begin(*, partitions: int = 6, normalizers: int = 3) -> AsyncIterator[Scene]:
        async with Scene(tmp_path, whole, partitions=partitions, normalizers=normalizers) as begun:
            yield begun

    return begin
