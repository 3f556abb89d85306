"""The demonstration on Kafka and PostgreSQL, each service in processes of its own: the same books, and nothing left."""

import asyncio
import json
import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg  # type: ignore[import-untyped]
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]

from muara.demonstration.company import MANY
from runtime.bus.kafka_settings import KafkaSettings

ROOT = Path(__file__).parents[2]


async def demo(*arguments: str, **variables: str) -> tuple[int, str, str]:
    """`muara demo --size kafka …` to its end: exit code, output, errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MUARA_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "muara", "demo", "--size", "kafka", *arguments,
        cwd=ROOT, env=kept | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"} | variables,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 240)
    return process.returncode or 0, out.decode(), err.decode()


async def test_three_normalizers_and_two_dispatchers_end_with_balanced_books(kafka: str, postgres: str) -> None:
    server = urlsplit(postgres)
    bus = f"{kafka}/?replication=1"
    store = f"postgresql+asyncpg://{server.username}@{server.hostname}:{server.port}{server.path}"
    secret = unquote(server.password or "")
    code, out, err = await demo(
        "--messages", "60", "--seed", "3", "--json", MUARA_BUS=bus, MUARA_STORE=store, PGPASSWORD=secret
    )
    assert code == 0, err
    told = json.loads(out)
    ledger, hub = told["ledger"], told["hub"]
    assert (told["wrong"], ledger["balanced"], ledger["in_flight"]) == ([], True, 0)
    assert ledger["complaints"] == ledger["delivered"] == hub["reports"] == hub["distinct_references"] > 20
    assert (ledger["doubled"], hub["doubled"], told["truth"]["missing"]) == (0, 0, 0)
    assert told["files"]["named"] == told["files"]["fetched"] > 0, "the connectors fetch, three normalizers attach"
    services = [each["service"] for each in told["work"]]
    assert {service: services.count(service) for service in services} == MANY
    assert len({each["process"] for each in told["work"]}) == len(services)
    worked = [each for each in told["work"] if each["service"] == "normalizer" and each["number"]]
    assert len(worked) > 1, "one normalizer did everything"

    connection = await asyncpg.connect(postgres)
    left = await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'muara\\_demo\\_%'")
    await connection.close()
    admin = AIOKafkaAdminClient(**KafkaSettings.from_url(bus).client())
    await admin.start()
    topics = [name for name in await admin.list_topics() if "muara_demo_" in name]
    await admin.close()
    assert (left, topics) == ([], [])

    code, out, err = await demo("--json", MUARA_BUS=bus, MUARA_STORE=store, PGPASSWORD="another")
    assert (code, out) == (2, "")
    assert "password authentication failed" in err
    assert "Traceback" not in err


async def test_without_addresses_it_says_what_it_needs() -> None:
    code, out, err = await demo()
    assert (code, out) == (2, "")
    assert "--bus kafka://" in err
    assert "make demo SIZE=kafka" in err
