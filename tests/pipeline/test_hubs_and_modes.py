"""Hubs that are away, refuse, or are not to be sent to yet; a store that is locked; and what comes from the past."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from muara.commanding import command

from .sizes import Size, locked
from .town import HUB_AGENCIES, PATIENCE, Person, Town, open_town

pytestmark = pytest.mark.asyncio(loop_scope="module")
People = Callable[[str], Person]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    """A town with two desks more, whose agencies have a hub of their own that nothing is sent to yet."""
    key = {"api_key": "DEMO_RSUD_API_KEY"}
    async with AsyncExitStack() as stack:
        town = await open_town(
            stack,
            tmp_path_factory.mktemp("town"),
            size,
            sources={
                "meja-a": {"channel": "opd_webhook", "agency": "dinas-a", "secrets": key},
                "meja-b": {"channel": "opd_webhook", "agency": "dinas-b", "secrets": key},
            },
            hubs={
                "sp4n": {"agencies": HUB_AGENCIES},
                "bayangan": {"mode": "shadow", "agencies": ["dinas-a"]},
                "setuju": {"mode": "approve", "agencies": ["dinas-b"]},
            },
        )
        yield town


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + PATIENCE
    while not await met():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.1)


async def retries(town: Town) -> float:
    """How often something was tried again at the hub."""
    return await town.metric("muara_delivery_attempts_total", hub="sp4n", outcome="retry")


def ticket(number: str, person: Person, words: str) -> dict[str, object]:
    """A ticket of a desk."""
    who = {"nama": person.name, "kontak": person.phone}
    return {"nomor_tiket": number, "waktu": "24/11/2026 14:05", "pasien": who, "keluhan": {"isi": words}}


async def test_a_hub_that_is_away_for_the_whole_run_and_back(town: Town, person: People) -> None:
    people = [person(name) for name in ("Siti Contoh", "Budi Contoh", "Ayu Contoh", "Made Contoh")]
    siti, budi, ayu, made = people
    known, before = len(await town.feed()), await retries(town)
    await town.hub.stop()
    await town.whatsapp(town.text(siti, "Jembatan gantung di Dusun Ketapang putus"), name=siti.name)
    await town.sms(budi, "Pasar Ketapang becek sekali", "SMh1")
    await town.desk(ticket("RS-h1", ayu, "Kamar mandi poli gigi mampet"))
    await town.sms(budi, "Pasar Ketapang becek sekali", "SMh1")
    town.drop(
        "h.csv",
        "no;tanggal;nama;telepon;alamat;isi_laporan\r\n"
        f"1;24/11/2026;{made.name};{made.phone};Jl. Waru 1;Pipa pecah di Jalan Waru\r\n",
    )

    async def tried() -> bool:
        return await retries(town) >= before + 4 and (await town.audit()).terms["in_flight"] == 4

    await until(tried)
    ledger = await town.audit()
    assert ledger.balanced, ledger.line()
    assert [ledger.terms[name] - town.before[name] for name in ("complaints", "delivered")] == [4, 0]
    assert len(await town.feed()) == known + 4, "the feed does not wait for the hub"
    await town.hub.start()
    gained = await town.rest(4)
    assert gained == {"received": 4, "complaints": 4, "delivered": 4, "redelivered": 1}
    for someone in people:
        assert len(await town.reports(someone)) == 1


async def test_answers_that_get_lost_double_nothing(town: Town, person: People) -> None:
    people = [person("Gede Contoh") for _ in range(6)]
    town.hub.behave(next_n={"p_drop_after_accept": 2, "p_half_answer": 1, "p_wrong_json": 1, "p_5xx": 1})
    for number, someone in enumerate(people):
        await town.whatsapp(town.text(someone, f"Kanal irigasi nomor {number} jebol"), name=someone.name)
    assert await town.rest(6) == {"received": 6, "complaints": 6, "delivered": 6}
    town.hub.behave()
    for someone in people:
        assert len(await town.reports(someone)) == 1


async def test_trap_16_what_the_hub_refused_is_replayed_to_the_hub_and_nowhere_else(town: Town, person: People) -> None:
    rai = person("Rai Contoh")
    town.hub.behave(strict_tables=True)
    await town.desk(ticket("RS-h2", rai, "Lampu ruang tunggu laboratorium padam"))
    assert await town.rest(1) == {"received": 1, "complaints": 1, "rejected": 1}
    (letter,) = json.loads((await town.muara("dead", "list", "--json")).stdout)
    assert (letter["stage"], letter["source"]) == ("dispatcher", "sp4n")
    assert "422" in letter["reason"]
    town.hub.behave()
    read = await town.metric("muara_records_processed_total", stage="intake")
    for _ in range(2):
        await command(town.ground.bus, "replay", letter["id"])
    assert await town.rest() == {"rejected": -1, "delivered": 1}
    assert await town.metric("muara_records_processed_total", stage="intake") == read, "the message was read again"
    assert len(await town.reports(rai)) == 1


async def test_trap_14_a_store_that_is_locked_while_a_message_comes_twice(town: Town, person: People) -> None:
    wayan = person("Wayan Contoh")
    body = town.whatsapp_body(town.text(wayan, "Tiang listrik miring di Dusun Waringin"), name=wayan.name)
    async with locked(town.ground.store):
        answers = [await town.post_whatsapp(body) for _ in range(3)]
        await asyncio.sleep(0.3)
        # News of other complaints may be in flight as well: these three are, if they came in and none is decided yet.
        waiting = (await town.audit()).terms
        came = {name: waiting[name] - town.before.get(name, 0) for name in ("received", "complaints", "redelivered")}
        assert came == {"received": 3, "complaints": 0, "redelivered": 0}
        assert waiting["in_flight"] >= 3
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1, "redelivered": 2}
    assert len(await town.reports(wayan)) == 1


async def test_shadow_sends_nothing_and_approve_waits_for_a_person(town: Town, person: People) -> None:
    luh, nyoman = person("Luh Contoh"), person("Nyoman Contoh")
    await town.desk(ticket("A-1", luh, "Loket perizinan Dinas A tutup pada jam kerja"), "meja-a")
    await town.desk(ticket("B-1", nyoman, "Antrean loket Dinas B tidak teratur"), "meja-b")
    assert await town.rest(2) == {"received": 2, "complaints": 2, "withheld": 2}
    assert await town.reports(luh) == await town.reports(nyoman) == []
    (waiting,) = [each for each in await town.feed() if each["agency"] == "dinas-b"]
    listed = {each["hub"]: each for each in json.loads((await town.muara("hubs", "list", "--json")).stdout)}
    assert (listed["bayangan"]["mode"], listed["bayangan"]["deliveries"]) == ("shadow", {"withheld": 1})

    assert (await town.muara("hubs", "approve", waiting["complaint_id"])).exit_code == 0
    assert await town.rest() == {"withheld": -1, "delivered": 1}
    _, shown = await town.report(nyoman)
    assert [receipt["hub"] for receipt in shown["hub_receipts"]] == ["setuju"]
    assert await town.reports(luh) == []


async def test_what_is_imported_from_the_past_is_never_sent_and_has_no_deadline(town: Town, person: People) -> None:
    kadek = person("Kadek Contoh")
    file = town.scene.home / "arsip-2019.csv"
    file.write_text(
        "no;tanggal;nama;telepon;alamat;isi_laporan\r\n"
        f"1;24/11/2019;{kadek.name};{kadek.phone};Jl. Randu 1;Atap balai desa bocor\r\n",
        encoding="utf-8",
    )
    for gained in ({"received": 1, "complaints": 1}, {"redelivered": 1}):
        done = await town.muara("import", str(file), "--source", "kecamatan", "--historical", "--json")
        # Muara itself runs in this process, too, and may say something at the same moment.
        assert json.loads(done.stdout.splitlines()[-1])["historical"] is True
        assert await town.rest(gained.get("received", 0)) == gained
    assert await town.reports(kadek) == []
    (shown,) = [each for each in await town.feed() if "balai desa" in each["text"]]
    assert shown["historical"] is True
    assert shown["deadlines"] == {"forward_by": None, "follow_up_by": None, "resolve_by": None}
    assert shown["sent_at"] == "2019-11-23T17:00:00Z"
