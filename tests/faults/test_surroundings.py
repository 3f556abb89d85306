"""A hub that is away, a wrong key, a missing secret, a port that is taken, a second Muara, no home at all."""

import asyncio
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import House
from tests.outside import Done, free_ports, muara, refused, start, until, whatsapp

WORDS = "Lampu jalan di Jalan Melati padam sejak Senin"


def _up(house: House, *, without: str = "", env: dict[str, str] | None = None) -> Done:
    secrets = {name: value for name, value in house.place.scene.secrets.items() if name != without}
    return muara("up", "--home", house.place.home, env=secrets | (env or {}))


async def test_the_hub_is_away_for_a_whole_life_and_comes_back(house: House) -> None:
    await house.hub.stop()
    with start(house.place) as running:
        await running.ready()
        assert await whatsapp(house.place.url, house.place.secret, WORDS) == 200

        async def tried() -> str:
            found = await house.place.audit()
            return "" if found.terms["complaints"] and found.terms["in_flight"] == 1 else found.line()

        await until(tried, "it never got as far as the hub")
        found = await house.place.audit()
        assert found.balanced
        assert await running.stop() == 0
    checked = await asyncio.to_thread(muara, "check", "--home", house.place.home, env=house.place.scene.secrets)
    assert checked.returncode == 1
    assert f"no  hub sp4n: {house.hub.url} does not answer" in checked.out
    await house.hub.start()
    with start(house.place):
        found = await house.place.rest(1)
    assert found.terms["delivered"] == 1
    assert await house.reports() == 1


async def test_the_key_is_another(lived: House) -> None:
    key = lived.place.home / "master.key"
    right = key.read_text(encoding="ascii")
    key.write_text("ab" * 32 + "\n", encoding="ascii")
    refused(await asyncio.to_thread(_up, lived), "was sealed with", "from its backup")
    assert (await lived.place.audit()).balanced, "the audit needs no key"
    key.write_text("no key\n", encoding="ascii")
    refused(await asyncio.to_thread(_up, lived), "master.key", "hex digits")
    key.unlink()
    refused(await asyncio.to_thread(_up, lived), "no master key", "from its backup")
    another = {"MUARA_MASTER_KEY": "cd" * 32}
    refused(await asyncio.to_thread(_up, lived, env=another), "was sealed with", "MUARA_MASTER_KEY")
    with start(lived.place, env={"MUARA_MASTER_KEY": right.strip()}) as running:
        await running.ready()
        assert await whatsapp(lived.place.url, lived.place.secret, "Pohon tumbang di Jalan Anggrek") == 200
        assert (await lived.place.rest(2)).balanced


async def test_a_source_without_its_secret_refuses_and_the_others_work(house: House) -> None:
    del house.place.scene.secrets["DEMO_RSUD_API_KEY"]
    with start(house.place) as running:
        await running.ready()
        assert await whatsapp(house.place.url, house.place.secret, WORDS) == 200
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{house.place.url}/in/rsud", json={"nomor": "1"}, headers={"X-Api-Key": ""})
            ready = await client.get(f"{house.place.url}/readyz")
        await house.place.rest(1)
    assert answer.status_code in (401, 503)
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert '\\"rsud\\"' in ready.text
    assert "the environment variable DEMO_RSUD_API_KEY" in running.said()


async def test_a_hub_without_its_secret_is_not_served_and_its_complaints_wait(house: House) -> None:
    token = house.place.scene.secrets.pop("DEMO_HUB_TOKEN")
    with start(house.place) as running:
        await running.ready()
        assert await whatsapp(house.place.url, house.place.secret, WORDS) == 200

        async def routed() -> str:
            found = await house.place.audit()
            return "" if found.terms["complaints"] and found.terms["in_flight"] == 1 else found.line()

        await until(routed, "it never got as far as the hub")
        assert (await house.place.audit()).balanced
        async with httpx.AsyncClient(trust_env=False) as client:
            ready = await client.get(f"{house.place.url}/readyz")
            metrics = (await client.get(f"{house.place.url}/metrics")).text
        assert ready.status_code == 200
        (told,) = ready.json()["problems"]["dispatcher"]
        assert "muara.yaml:" in told
        assert "DEMO_HUB_TOKEN is not set" in told
        assert 'muara_hub_stopped{hub="sp4n",why="configuration"} 1.0' in metrics
        said = running.said()
        assert "hub_not_served" in said
        assert "no hub can be served" in said
    checked = await asyncio.to_thread(muara, "check", "--home", house.place.home, env=house.place.scene.secrets)
    assert checked.returncode == 1
    assert "DEMO_HUB_TOKEN is not set" in checked.out
    assert "until then its complaints wait" in checked.out
    assert await house.reports() == 0
    house.place.scene.secrets["DEMO_HUB_TOKEN"] = token
    with start(house.place):
        found = await house.place.rest(1)
    assert found.terms["delivered"] == 1
    assert await house.reports() == 1


@pytest.mark.parametrize("which", ["http", "smtp"])
async def test_the_port_is_taken(house: House, which: str) -> None:
    port = house.place.port if which == "http" else house.place.smtp_port
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert "another" in refused(await asyncio.to_thread(_up, house), f"127.0.0.1:{port}")
        checked = await asyncio.to_thread(muara, "check", "--home", house.place.home, env=house.place.scene.secrets)
        assert checked.returncode == 1
        assert f"no  {which} port" in checked.out
    with start(house.place) as running:
        await running.ready()


async def test_another_port_can_be_named(house: House) -> None:
    (port,) = free_ports(1)
    with start(house.place, "up", "--port", str(port), url=f"http://127.0.0.1:{port}") as running:
        await running.ready()
        await until(lambda: "Ctrl-C stops" not in running.said(), "it does not tell where it is")
        assert f"http://127.0.0.1:{port}" in running.said()
        assert f"mail at 127.0.0.1:{house.place.smtp_port}" in running.said()


async def test_a_second_muara_on_one_home(house: House) -> None:
    with start(house.place) as running:
        await running.ready()
        for command in (["up"], ["run", "normalizer"]):
            done = await asyncio.to_thread(
                muara, *command, "--home", house.place.home, "--port", "0", env=house.place.scene.secrets
            )
            refused(done, "is running already", str(running.process.pid), "stop that one first")
        assert await whatsapp(house.place.url, house.place.secret, WORDS) == 200
        assert (await house.place.rest(1)).balanced


@pytest.mark.parametrize("command", [["up"], ["audit"], ["check"], ["dead", "list"], ["run", "portal"]])
def test_outside_any_home(tmp_path: Path, command: list[str]) -> None:
    done = muara(*command, folder=tmp_path)
    assert done.returncode in (1, 2)
    assert "muara init" in done.said
    assert "Traceback" not in done.said
    assert list(tmp_path.iterdir()) == []


async def test_tables_that_another_version_wrote(lived: House) -> None:
    with closing(sqlite3.connect(lived.place.home / "data" / "store.db", isolation_level=None)) as connection:
        before = connection.execute("SELECT version_num FROM normalizer_version").fetchone()[0]
        connection.execute("UPDATE normalizer_version SET version_num = 'from-the-future'")
        refused(await asyncio.to_thread(_up, lived), "tables of the normalizer", "run the version that wrote them")
        found = await lived.place.audit()
        assert any("revision from-the-future" in fault for fault in found.faults)
        connection.execute("UPDATE normalizer_version SET version_num = ?", (before,))
    with start(lived.place) as running:
        await running.ready()
