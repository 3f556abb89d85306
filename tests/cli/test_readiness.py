"""`/readyz`: what keeps a process from its own work makes it unready; everything else is only reported."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from muara.duty import WatchedBus
from runtime.bus.protocol import BusUnavailable, Record
from tests.outside import Place, Running, free_ports, make_place, muara, refused, start, until, whatsapp
from tests.stores import on_server
from tools.services.postgres import PostgresServer


class Moody:
    """A log that takes nothing while it is in the mood for it."""

    refuses = False

    async def publish(self, topic: str, records: Any) -> None:  # noqa: ANN401, ARG002
        if self.refuses:
            raise BusUnavailable("the disk is full")


async def test_a_refusal_counts_until_something_is_taken_or_it_is_old() -> None:
    log, now = Moody(), [0.0]
    bus = WatchedBus(log, now=lambda: now[0])  # type: ignore[arg-type]  # only what is used
    for _ in range(2):
        assert [bus.refusal] == [None]
        log.refuses = True
        with pytest.raises(BusUnavailable):
            await bus.publish("complaints.raw", [Record("k", b"v")])
        assert bus.refusal == "the disk is full"
        log.refuses = False
        await bus.publish("complaints.raw", [Record("k", b"v")])
    log.refuses = True
    with pytest.raises(BusUnavailable):
        await bus.publish("complaints.raw", [Record("k", b"v")])
    now[0] = 31.0
    assert bus.refusal is None  # else nobody would ever send again


async def ask(place: Place) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False, timeout=15) as client:
        answer = await client.get(f"{place.url}/readyz")
    return answer.status_code, answer.json()


async def told(place: Place, part: str, words: str, status: int) -> dict[str, Any]:
    """Wait until a part reports something; returns the whole answer."""
    found: dict[str, Any] = {}

    async def problem() -> str:
        code, answer = await ask(place)
        found.update(answer)
        return "" if words in str(answer["problems"].get(part)) and code == status else f"{code} {answer}"

    await until(problem, "not told", pause=0.1)
    return found


async def test_with_the_hub_away_it_is_ready_and_says_so(tmp_path: Path) -> None:
    place = make_place(tmp_path / "home", f"http://127.0.0.1:{free_ports(1)[0]}")
    with start(place) as running:
        await running.ready()
        assert await whatsapp(place.url, place.secret, "Lampu jalan mati di Jalan Melati") == 200
        found = await told(place, "dispatcher", "no news from the hub", 200)
        assert (found["status"], found["unready"]) == ("ready", [])


async def test_each_process_for_itself_while_kafka_is_away(tmp_path: Path, postgres: str) -> None:
    env = {
        "MUARA_BUS": f"kafka://127.0.0.1:{free_ports(1)[0]}",
        "MUARA_STORE": postgres.replace("postgresql://", "postgresql+asyncpg://"),
    }
    names = ("connectors", "normalizer", "dispatcher", "portal")
    places: dict[str, Place] = {}
    with ExitStack() as stack:
        ran: list[Running] = []
        for name in names:
            places[name] = make_place(tmp_path / name, f"http://127.0.0.1:{free_ports(1)[0]}")
            ran.append(stack.enter_context(start(places[name], "run", name, env=env)))
        for running in ran:
            await running.ready()
        # It reads the log and nothing else: without the log it has no work, and who asks shall know.
        found = await told(places["normalizer"], "normalizer", "Kafka at 127.0.0.1", 503)
        assert any(words.startswith("normalizer.intake: ") for words in found["unready"])
        found = await told(places["dispatcher"], "dispatcher", "no news from the hub", 503)
        assert any("Kafka at 127.0.0.1" in words for words in found["unready"])
        assert not any("hub" in words for words in found["unready"])
        # The feed is answered from the database, if with yesterday's news.
        found = await told(places["portal"], "portal", "Kafka at 127.0.0.1", 200)
        assert (found["status"], found["unready"]) == ("ready", [])
        # What comes is kept on this machine.
        door = places["connectors"]
        assert await whatsapp(door.url, door.secret, "Pohon tumbang di Jalan Anggrek") == 200
        code, found = await ask(door)
        assert (code, found["status"], found["unready"]) == (200, "ready", [])


async def test_a_database_that_is_away_at_the_start_is_waited_for(tmp_path: Path, own_postgres: PostgresServer) -> None:
    env = {
        "MUARA_BUS": f"kafka://127.0.0.1:{free_ports(1)[0]}",
        "MUARA_STORE": on_server(own_postgres.url, "postgres"),
    }
    own_postgres.kill()
    everything, portal = (make_place(tmp_path / name, "http://127.0.0.1:9") for name in ("all", "portal"))
    with start(everything, "up", env=env) as up, start(portal, "run", "portal", env=env) as run:
        for each in (up, run):
            await each.ready()
        found = await told(portal, "portal", "the server is not to be reached", 503)
        assert any(words.startswith("portal.tables: ") for words in found["unready"])
        # What comes is taken all the same.
        await told(everything, "normalizer", "normalizer.tables: ", 200)
        assert await whatsapp(everything.url, everything.secret, "Pohon tumbang di Jalan Anggrek") == 200
        await asyncio.to_thread(own_postgres.start)

        async def behind() -> str:
            said = [await ask(place) for place in (everything, portal)]
            words = [words for _, answer in said for each in answer["problems"].values() for words in each]
            return " ".join(each for each in words if ".tables: " in each) or ("" if said[1][0] == 200 else str(said))

        await until(behind, "not begun")
        assert "begin as soon as it does" in up.said()
        assert [await each.stop() for each in (up, run)] == [0, 0]
    # A server that refuses us is there: waiting for it would keep the mistake a secret.
    wrong = {"MUARA_STORE": on_server(own_postgres.url, "salah")}
    refused(muara("run", "portal", "--home", portal.home, env=env | wrong), "there is no such database", "salah")
