"""`muara lag`: who is behind, by how much, since when, and who has the partition."""

import json
import platform
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from muara.commanding import command
from muara.context import find
from muara.demonstration.scene import make_secrets
from muara.ground import Ground, open_ground
from muara.housekeeping import Housekeeping
from muara.parts import build_sources
from recipes.library import load_channels
from runtime.bus.protocol import Partition
from runtime.telemetry.health import Health
from sandbox.hub.server import HubSimulation
from schemas.topics import COMMANDS, COMPLAINTS
from tests.cli.conftest import Run, query
from tests.outside import make_place, muara, refused, start, until, whatsapp


def told(found: dict[str, Any], service: str, topic: str) -> list[dict[str, Any]]:
    return [each for each in found["partitions"] if (each["service"], each["topic"]) == (service, topic)]


def test_a_home_at_rest_is_not_behind(cli: Run, played: Path) -> None:
    done = cli("lag", "--home", played, "--json")
    assert (done.returncode, done.err) == (0, "")
    found = json.loads(done.out)
    assert {(each["service"], each["topic"]) for each in found["partitions"]} == {
        ("connectors", "complaints.commands"),
        ("connectors.media", "complaints.media.wanted"),
        ("connectors.media", "complaints"),
        ("normalizer", "complaints.raw"),
        ("normalizer", "complaints.statuses"),
        ("normalizer", "complaints.commands"),
        ("normalizer", "complaints.media"),
        ("dispatcher", "complaints"),
        ("dispatcher", "complaints.commands"),
        ("portal", "complaints"),
    }
    for each in found["partitions"]:
        assert (each["behind"], each["position"], each["oldest_seconds"]) == (0, each["end"], None)
    (raw,) = told(found, "normalizer", "complaints.raw")
    assert raw["end"] >= 50
    assert found["spool"] == {"records": 0, "oldest_seconds": None, "faults": []}


def test_what_is_unread_has_an_age(cli: Run, home: Path) -> None:
    query(home, "UPDATE portal_positions SET position = position - 3")
    query(home, "DELETE FROM dispatcher_positions WHERE topic = 'complaints'")
    found = json.loads(cli("lag", "--home", home, "--json").out)
    (portal,) = told(found, "portal", "complaints")
    assert portal["behind"] == 3
    sql = "SELECT published_at FROM records WHERE topic = 'complaints' AND offset = ?"
    ((published,),) = query(home, sql, portal["position"], database="log.db")
    assert portal["oldest_seconds"] == pytest.approx(time.time() - published, abs=5)
    (dispatcher,) = told(found, "dispatcher", "complaints")
    assert (dispatcher["behind"], dispatcher["position"]) == (dispatcher["end"], 0)
    shown = cli("lag", "--home", home).out
    assert f"behind: {3 + dispatcher['end']} records; spool: 0 records" in shown
    assert "member" not in shown


def test_connectors_that_have_stopped_are_behind(cli: Run, home: Path) -> None:
    assert cli("sources", "pause", "kecamatan", "--home", home).returncode == 0
    query(home, "UPDATE connectors_media_positions SET position = position - 2 WHERE topic = 'complaints'")
    found = json.loads(cli("lag", "--home", home, "--json").out)
    assert [each["behind"] for each in told(found, "connectors", "complaints.commands")] == [1]
    assert [each["behind"] for each in told(found, "connectors.media", "complaints")] == [2]
    file = home / "muara.yaml"
    head, _, rest = file.read_text(encoding="utf-8").partition("\nsources:")
    file.write_text(head + rest[rest.index("\nhubs:") :], encoding="utf-8")
    found = json.loads(cli("lag", "--home", home, "--json").out)
    assert told(found, "connectors.media", "complaints") == [], "without sources there is nothing to fetch"
    assert told(found, "connectors", "complaints.commands") != []


async def test_housekeeping_waits_for_the_connectors(home: Path) -> None:
    found, config = find(home)
    async with open_ground(found, config) as ground:
        await command(ground.bus, "pause_source", "kecamatan", reason=None)
    query(home, "UPDATE connectors_media_positions SET position = 3 WHERE topic = 'complaints'")
    for table in ("normalizer_positions", "dispatcher_positions"):
        query(home, f"UPDATE {table} SET position = position + 1 WHERE topic = 'complaints.commands'")
    query(home, "UPDATE records SET published_at = 0", database="log.db")
    sources = build_sources(found, config, load_channels(found.channels)).values()
    complaints, commands = Partition(COMPLAINTS.name, 0), Partition(COMMANDS.name, 0)

    async def starts(ground: Ground) -> dict[Partition, int]:
        bounds = {**await ground.bus.bounds(COMPLAINTS.name), **await ground.bus.bounds(COMMANDS.name)}
        return {partition: start for partition, (start, _) in bounds.items()}

    async with open_ground(found, config) as ground:
        end = (await ground.bus.ends(COMMANDS.name))[commands]
        for present, kept in ((sources, 3), ((), None)):
            tidying = Housekeeping(ground, list(present), Health())
            tidying.start()

            async def tidied(kept: int | None = kept) -> str:
                stand = await starts(ground)
                return "" if (stand[complaints] == kept if kept is not None else stand[complaints] > 3) else str(stand)

            await until(tidied, "not tidied", pause=0.05)
            await tidying.stop()
            assert (await starts(ground))[commands] == end - 1, "the pause was not read by the connectors"


def test_a_home_without_data(cli: Run, fresh: Path) -> None:
    refused(cli("lag", "--home", fresh), "has no data yet", "muara up")
    refused(cli("lag", "--home", fresh, "--bus", "kafka://127.0.0.1:1"), "has no data yet", "muara up")
    refused(cli("lag", "--home", fresh, "--bus", "localhost:9092"), "the log is named as kafka://host:9092")


async def test_on_kafka_and_postgresql(tmp_path: Path, kafka: str, kafka_prefix: str, postgres: str) -> None:
    secrets = make_secrets()
    async with HubSimulation(
        tmp_path / "hub.db", token=secrets["DEMO_HUB_TOKEN"], admin_token=secrets["DEMO_HUB_ADMIN"]
    ) as hub:
        place = make_place(tmp_path / "home", hub.url)
        place.rewrite("partitions: 1", "partitions: 2")
        env = place.scene.secrets | {
            "MUARA_BUS": f"{kafka}/{kafka_prefix}?replication=1",
            "MUARA_STORE": postgres.replace("postgresql://", "postgresql+asyncpg://"),
        }

        def lag() -> dict[str, Any]:
            done = muara("lag", "--home", place.home, "--json", env=env)
            assert done.returncode == 0, done.said
            found: dict[str, Any] = done.json()
            return found

        with start(place, env=env) as running:
            await running.ready()
            for number in range(6):
                assert await whatsapp(place.url, place.secret, f"lampu jalan {number} mati") == 200
            found: dict[str, Any] = {}

            def read() -> str:
                found.update(lag())
                raw = told(found, "normalizer", "complaints.raw")
                if sum(each["position"] for each in raw) < 6 or any(each["behind"] for each in found["partitions"]):
                    return repr(raw)
                return ""

            await until(read, "not read", pause=0.3)
            members = {each["member"] for each in told(found, "normalizer", "complaints.raw")}
            assert members == {f"muara-{platform.node()}-{running.process.pid} at 127.0.0.1"}
            async with httpx.AsyncClient(trust_env=False) as client:
                metrics: list[str] = []

                async def exported() -> str:
                    metrics[:] = (await client.get(f"{place.url}/metrics")).text.splitlines()
                    wanted = 'muara_consumer_lag_records{partition="1",service="portal",topic="complaints"} 0.0'
                    return "" if wanted in metrics else "no lag"

                await until(exported, "not exported", pause=0.3)
            assert "muara_producer_recreated_total 0.0" in metrics
            assert 'muara_consumer_rebalances_total{group="muara.normalizer.complaints.raw"} 1.0' in metrics
            assert await running.stop() == 0
        assert muara("hubs", "pause", "sp4n", "--home", place.home, env=env).returncode == 0
        found = lag()
        for service in ("connectors", "normalizer", "dispatcher"):
            unread = [each for each in told(found, service, "complaints.commands") if each["behind"]]
            assert [(each["behind"], each["member"]) for each in unread] == [(1, None)]
            assert 0 <= unread[0]["oldest_seconds"] < 60
        raw = told(found, "normalizer", "complaints.raw")
        assert [each["committed"] or 0 for each in raw] == [each["position"] for each in raw]
        away = muara("lag", "--home", place.home, "--bus", "kafka://127.0.0.1:1", env=env)
        refused(away, "Kafka at 127.0.0.1:1 cannot be asked")
        shown = muara("lag", "--home", place.home, env=env)
        assert "nobody reads some of what the dispatcher should" in shown.out
