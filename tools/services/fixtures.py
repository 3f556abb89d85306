"""A pytest plugin: one real broker and one real database server for the whole run, started when first asked for.

With several workers (pytest-xdist) these two serve all of them; a server that tests may kill is each worker's own.

In this order: what the environment names (`MUARA_TEST_KAFKA=kafka://host:port`,
`MUARA_TEST_POSTGRES=postgresql://…`), what `make services` has running, else servers of this run alone, which are
stopped at its end. A part that cannot be had leaves its tests out, and the last lines of the run say which part, why
and how to get it; with CI=true each such test fails.
"""

import fcntl
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest

from tools.services.dovecot import DovecotServer
from tools.services.kafka import KafkaCluster
from tools.services.mariadb import MariadbServer
from tools.services.missing import PartMissing
from tools.services.places import HOME
from tools.services.postgres import PostgresServer
from tools.services.processes import Server
from tools.services.prometheus import Promtool
from tools.services.s3 import S3Server
from tools.services.state import State, sweep

_Part = TypeVar("_Part")


@dataclass
class _Run:
    """What this process of a run has started, and what it could not have."""

    owner: Server
    """The process whose end is the end of the run."""
    stack: ExitStack = field(default_factory=ExitStack)
    missing: dict[str, PartMissing] = field(default_factory=dict)
    shared: State | None = None
    """Kept, so that what this process started is not taken for abandoned."""
    kafka: KafkaCluster | None = None
    s3: S3Server | None = None
    dovecot: DovecotServer | None = None
    mariadb: MariadbServer | None = None


_RUN = pytest.StashKey[_Run]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what is started."""
    given = getattr(config, "workerinput", None)
    run = config.stash[_RUN] = _Run(Server(*given["owner"]) if given else Server.myself())
    if given is None:
        run.stack.callback(lambda: State(_shared_place(run)).end())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 pytest-xdist's
    """Tell a worker whose run it is."""
    owner = node.config.stash[_RUN].owner
    node.workerinput["owner"] = (owner.pid, owner.born)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let whoever gathers the workers' results know what was missing."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        missing = session.config.stash[_RUN].missing
        output["missing"] = {name: (part.part, part.why, part.how) for name, part in missing.items()}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 pytest-xdist's
    """Hear from a worker what it missed; one that died says nothing."""
    told = getattr(node, "workeroutput", {}).get("missing", {})
    node.config.stash[_RUN].missing.update({name: PartMissing(*part) for name, part in told.items()})


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started, and say last what was missing."""
    run = config.stash[_RUN]
    run.stack.close()
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if run.missing and reporter is not None:
        reporter.write_line("")
        for part in {part.part: part for part in run.missing.values()}.values():
            reporter.write_line(f"not tested, since {part.part} is missing: {part.why}", yellow=True)
            reporter.write_line(f"  {part.how}", yellow=True)


def _provide(request: pytest.FixtureRequest, start: Callable[[_Run], _Part]) -> _Part:
    run = request.config.stash[_RUN]
    name = start.__name__
    try:
        if name in run.missing:
            raise run.missing[name]
        with _alone(run):
            return start(run)
    except PartMissing as part:
        run.missing[name] = part
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            pytest.fail(str(part), pytrace=False)
        pytest.skip(str(part))


def _place(run: _Run) -> State:
    """A place for servers of this run, ended with it, or by a later run should this one be killed."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=HOME))
    folder.chmod(0o711)
    state = State(folder, Server.myself())
    state.save()
    run.stack.callback(state.end)
    return state


def _shared_place(run: _Run) -> Path:
    return HOME / f"run-{run.owner.pid}-shared"


def _shared(run: _Run) -> State:
    """The servers of all workers, as they are now."""
    known = State(_shared_place(run), run.owner)
    if run.shared is None:
        run.shared = known
    mine = run.shared
    mine.kafka, mine.postgres = mine.kafka or known.kafka, mine.postgres or known.postgres
    return mine


@contextmanager
def _alone(run: _Run) -> Iterator[None]:
    """One worker at a time installs and starts: package managers do not like company."""
    HOME.mkdir(parents=True, exist_ok=True)
    HOME.chmod(0o755)
    folder = _shared_place(run)
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start_kafka(run: _Run, brokers: int) -> KafkaCluster:
    state = _place(run)
    state.kafka = cluster = KafkaCluster.make(state.home / "kafka", brokers=brokers)
    state.save()
    cluster.start()
    return cluster


def _own_kafka(run: _Run) -> KafkaCluster:
    if run.kafka is None:
        run.kafka = _start_kafka(run, 1)
    return run.kafka


def _kafka_url(run: _Run) -> str:
    if given := os.environ.get("MUARA_TEST_KAFKA"):
        return given
    if (running := State().kafka) is not None and running.running:
        return f"kafka://{running.bootstrap}"
    state = _shared(run)
    if state.kafka is None:
        state.kafka = KafkaCluster.make(state.home / "kafka", brokers=1)
        state.save()
    state.kafka.start()  # does nothing where it runs
    return f"kafka://{state.kafka.bootstrap}"


def _postgres_url(run: _Run) -> str:
    if given := os.environ.get("MUARA_TEST_POSTGRES"):
        return given
    if (running := State().postgres) is not None and running.running:
        return running.url
    state = _shared(run)
    if state.postgres is None:
        state.postgres = PostgresServer.make(state.home / "postgres")
        state.save()
    state.postgres.start()
    return state.postgres.url


def _s3_server(run: _Run) -> S3Server:
    if run.s3 is None:
        state = _place(run)
        state.s3 = S3Server.make(state.home / "s3")
        state.save()
        state.s3.start()
        run.s3 = state.s3
    return run.s3


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> str:
    """A running Kafka, as `kafka://host:port`, without encryption. Shared: use a prefix of your own."""
    return _provide(request, _kafka_url)


@pytest.fixture
def kafka_prefix() -> str:
    """A prefix for the topics and groups of one test."""
    return f"test-{uuid.uuid4().hex[:12]}."


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """A running PostgreSQL, as `postgresql://user:password@host:port/database`. Shared: use `postgres`."""
    return _provide(request, _postgres_url)


@pytest.fixture
def own_kafka(request: pytest.FixtureRequest) -> Iterator[KafkaCluster]:
    """A broker that a test may kill; it runs again afterwards. With TLS and a password at `secure`."""
    cluster = _provide(request, _own_kafka)
    yield cluster
    cluster.resume(1)
    cluster.start()


@pytest.fixture
def three_brokers(request: pytest.FixtureRequest) -> Iterator[KafkaCluster]:
    """Three brokers for one test, which may kill them."""
    cluster = _provide(request, _three_brokers)
    yield cluster
    cluster.stop()


def _three_brokers(run: _Run) -> KafkaCluster:
    return _start_kafka(run, 3)


@pytest.fixture
def s3(request: pytest.FixtureRequest) -> Iterator[S3Server]:
    """A server that speaks S3, which a test may stop; it runs again afterwards. Use a bucket of your own."""
    server = _provide(request, _s3_server)
    yield server
    server.start()


def _dovecot_server(run: _Run) -> DovecotServer:
    if run.dovecot is None:
        run.dovecot = DovecotServer.make()
        run.stack.callback(run.dovecot.end)
        run.dovecot.start()
    return run.dovecot


@pytest.fixture
def dovecot(request: pytest.FixtureRequest) -> Iterator[DovecotServer]:
    """An IMAP server, which a test may kill; it runs again afterwards. Each user has a mailbox: invent one."""
    server = _provide(request, _dovecot_server)
    yield server
    server.start()


def _promtool(run: _Run) -> Promtool:
    del run
    return Promtool.find()


@pytest.fixture(scope="session")
def promtool(request: pytest.FixtureRequest) -> Promtool:
    """Prometheus' own tool for rules and configurations."""
    return _provide(request, _promtool)


def _mariadb_server(run: _Run) -> MariadbServer:
    if run.mariadb is None:
        run.mariadb = MariadbServer.make()
        run.stack.callback(run.mariadb.end)
        run.mariadb.start()
    return run.mariadb


@pytest.fixture
async def mariadb(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A new, empty database of one test, as `mariadb://user:password@host:port/name`; dropped afterwards."""
    import aiomysql  # type: ignore[import-untyped]  # noqa: PLC0415 only those who ask for it need it

    server = _provide(request, _mariadb_server)
    parts, name = urlsplit(server.url), f"test_{uuid.uuid4().hex[:12]}"
    connection = await aiomysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password
    )
    try:
        async with connection.cursor() as cursor:
            await cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            yield f"{server.url}/{name}"
            # What a failed test left open must not hold up the others.
            await cursor.execute("SET lock_wait_timeout = 5")
            await cursor.execute(f"DROP DATABASE {name}")
    finally:
        connection.close()


@pytest.fixture
async def postgres(postgres_server: str) -> AsyncIterator[str]:
    """A new, empty database of one test, as `postgresql://user:password@host:port/name`; dropped afterwards."""
    import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415 only those who ask for it need it

    name = f"test_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(postgres_server)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()
