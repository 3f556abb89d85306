"""`muara check` where the log is Kafka and the store PostgreSQL: each finding, one clear sentence for each trouble."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]

from runtime.bus.kafka_settings import KafkaSettings
from tests.cli.conftest import rewrite
from tests.outside import free_ports, muara
from tools.services.kafka import KafkaCluster

Found = dict[str, list[tuple[bool, str]]]


@pytest.fixture
def well(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    assert muara("init", home).returncode == 0
    rewrite(home, "port: 8400", f"port: {free_ports(1)[0]}")
    return home


def check(home: Path, *options: str, code: int, env: dict[str, str] | None = None) -> Found:
    done = muara("check", "--home", home, "--json", *options, env=env)
    assert (done.returncode, done.err) == (code, ""), done.said
    assert "Traceback" not in done.said
    found: Found = {}
    for each in done.json():
        found.setdefault(each["what"], []).append((each["ok"], each["words"]))
    return found


def bad(found: Found, what: str) -> str:
    """The one thing that is wrong, and that it is one sentence for people."""
    ((where, words),) = [(where, words) for where, each in found.items() for ok, words in each if not ok]
    assert where == what
    assert "\n" not in words
    return words


def store_url(postgres: str) -> str:
    return postgres.replace("postgresql://", "postgresql+asyncpg://")


async def test_all_is_well_and_nothing_is_made(well: Path, kafka: str, kafka_prefix: str, postgres: str) -> None:
    env = {"MUARA_BUS": f"{kafka}/{kafka_prefix}?replication=1", "MUARA_STORE": store_url(postgres)}
    found = check(well, code=0, env=env)
    said = " / ".join(words for _, words in found["log"])
    assert "speaks as Kafka" in said
    assert "8 topics are not there yet; `muara up` may make them" in said
    assert found["spool"] == [(True, "nothing waits")]
    assert "differ by 0." in found["clock"][0][1]
    stores = [words for _, words in found["store"]]
    assert "PostgreSQL" in stores[0]
    assert "may make tables in the schema public" in stores[1]
    assert sum("at no revision" in words for words in stores) == 5
    server = KafkaSettings.from_url(kafka).servers[0]
    admin = AIOKafkaAdminClient(bootstrap_servers=[server])
    await admin.start()
    assert not [name for name in await admin.list_topics() if name.startswith(kafka_prefix)]
    await admin.create_topics(
        [NewTopic(f"{kafka_prefix}complaints.raw", 2, 1, topic_configs={"retention.ms": "3600000"})]
    )
    await admin.close()
    connection = await asyncpg.connect(postgres)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.execute("CREATE TABLE portal_version (version_num varchar(32) PRIMARY KEY)")
    await connection.execute("INSERT INTO portal_version VALUES ('9999')")
    await connection.close()
    assert not (well / "data").exists()
    # The options outrank the environment, and differences are told.
    options = ["--bus", f"{kafka}/{kafka_prefix}?replication=1&partitions=3"]
    found = check(well, *options, code=1, env=env | {"MUARA_BUS": "kafka://127.0.0.1:1"})
    logs = {words: ok for ok, words in found["log"]}
    assert any("retention.ms is 3600000, shorter than 7 days" in words and not ok for words, ok in logs.items())
    assert any("it has 2 partitions, 3 are configured" in words and ok for words, ok in logs.items())
    assert any("7 topics are not there yet" in words for words in logs)
    assert any("portal are at revision 9999, newer than the code" in words for _, words in found["store"])


@pytest.fixture
def secure(own_kafka: KafkaCluster) -> dict[str, str]:
    """The pieces of addresses of one broker."""
    listener = own_kafka.secure
    return {
        "PLAIN": own_kafka.bootstrap,
        "TLS": listener.bootstrap,
        "LOGIN": f"{listener.user}:{listener.password}",
        "CA": str(listener.ca_file),
        "FREE": f"127.0.0.1:{free_ports(1)[0]}",
    }


def test_troubles_with_kafka(well: Path, secure: dict[str, str]) -> None:
    fine = "kafka+tls://LOGIN@TLS/x.?ca=CA&replication=1"
    troubles = {
        "kafka://TLS": "does it speak TLS there (then write kafka+tls://)",
        "kafka+tls://LOGIN@PLAIN?ca=CA": "does not speak TLS there: write kafka://",
        "kafka+tls://muara:wrong-secret@TLS?ca=CA": "the user or the password is wrong",
        "kafka+tls://TLS?ca=CA": "wants to know who we are: write USER:PASSWORD@",
        "kafka://muara:wrong-secret@PLAIN": "leave USER:PASSWORD@ out",
        "kafka+tls://LOGIN@TLS": "name the authority's file with ?ca=FILE",
        "kafka+tls://LOGIN@TLS?ca=/no/file": "cannot be read (/no/file)",
        "kafka://FREE": "nobody listens there: is the broker running",
        "kafka+tls://muara:wrong-secret@TLS?sasl=x": "sasl: Extra inputs are not permitted",
        "kafka://PLAIN/x.?replication=3": "or set replication=1 for a trial",
    }

    def filled(url: str) -> str:
        for name, value in secure.items():
            url = url.replace(name, value)
        return url

    assert all(ok for ok, _ in check(well, "--bus", filled(fine), code=0)["log"])
    for url, words in troubles.items():
        said = bad(check(well, "--bus", filled(url), code=1), "log")
        assert words in said, (url, said)
        assert "wrong-secret" not in said
        assert secure["LOGIN"].partition(":")[2] not in said


@pytest.fixture
async def stranger(postgres: str) -> AsyncIterator[str]:
    """A user who may connect and do nothing else."""
    name = f"stranger_{uuid.uuid4().hex[:8]}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'their-secret'")
    await connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    yield name
    await connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
    await connection.close()


def test_troubles_with_postgresql(well: Path, postgres: str, stranger: str) -> None:
    place = urlsplit(store_url(postgres))
    server = f"{place.hostname}:{place.port}"
    login, database = f"{place.username}:{place.password}", place.path
    prefix = "postgresql+asyncpg://"
    troubles = {
        f"{prefix}{place.username}:wrong-secret@{server}{database}": "the user or the password is wrong",
        f"{prefix}{login}@{server}/nowhere": "no such database on the server: create it",
        f"{prefix}{login}@{server}{database}?ssl=require": "does not speak TLS: leave ssl=… out",
        f"{prefix}{login}@127.0.0.1:{free_ports(1)[0]}{database}": "is it running, and is the address right?",
        f"{prefix}{login}@{server}x{database}": "the address does not fit",
        f"{prefix}{stranger}:their-secret@{server}{database}": f"GRANT CREATE, USAGE ON SCHEMA public TO {stranger}",
    }
    for url, words in troubles.items():
        said = bad(check(well, "--store", url, code=1), "store")
        assert words in said, (url, said)
        for secret in ("wrong-secret", "their-secret", place.password or "?"):
            assert secret not in said


def test_a_log_that_is_no_address(well: Path) -> None:
    done = muara("check", "--home", well, "--bus", "localhost:9092")
    assert (done.returncode, done.out) == (2, "")
    assert "the log is named as kafka://host:9092" in done.err
    assert "Traceback" not in done.err
