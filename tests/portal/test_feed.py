"""The feed as its readers have it."""

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from portal.cursors import Cursor
from portal.feed import Choice, Feed
from portal.projection import Projection, Written
from portal.service import Portal
from runtime.bus.protocol import Received, Record
from runtime.store.positions import PositionMoved
from schemas.topics import COMPLAINTS

from .conftest import NOW, House, complaint, identity

Seen = list[tuple[str, int]]


def seen(page: dict[str, Any]) -> Seen:
    return [(item["complaint_id"], item["revision"]) for item in page["items"]]


def named(*wanted: tuple[int, int]) -> Seen:
    return [(str(identity(name)), revision) for name, revision in wanted]


async def read_on(house: House, cursor: str | None, limit: int, **query: Any) -> tuple[Seen, str]:  # noqa: ANN401
    """Everything after a cursor, page by page."""
    found: Seen = []
    while True:
        page = await house.page(limit=limit, **({"after": cursor} if cursor else {}), **query)
        assert len(page["items"]) <= limit
        found += seen(page)
        cursor = str(page["next"])
        if not page["more"]:
            return found, cursor


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 1000])
async def test_pages_of_any_size_show_everything_once_and_in_order(house: House, limit: int) -> None:
    for number in range(8):
        await house.show(complaint(number))
    found, cursor = await read_on(house, None, limit)
    assert found == named(*((number, 1) for number in range(8)))
    again, same = await read_on(house, cursor, limit)
    assert (again, same) == ([], cursor)
    await house.show(complaint(8))
    assert (await read_on(house, cursor, limit))[0] == named((8, 1))


async def test_an_empty_feed_gives_a_cursor_that_misses_nothing(house: House) -> None:
    page = await house.page()
    assert (page["items"], page["more"]) == ([], False)
    await house.show(complaint(1))
    assert seen(await house.page(after=page["next"])) == named((1, 1))


async def test_a_newer_revision_comes_again_and_replaces_the_old_one(house: House) -> None:
    await house.show(complaint(1), complaint(2))
    cursor = (await house.page())["next"]
    await house.show(complaint(1, 2, text="Sudah diperbaiki sebagian."))
    later = await house.page(after=cursor)
    assert seen(later) == named((1, 2))
    assert later["items"][0]["text"] == "Sudah diperbaiki sebagian."
    assert seen(await house.page()) == named((2, 1), (1, 2))


async def test_what_is_not_newer_changes_nothing(house: House) -> None:
    await house.show(complaint(1, 3, text="yang terbaru"))
    before = await house.page()
    await house.show(complaint(1, 3, text="sama"), complaint(1, 2, text="lama"))
    await house.show(complaint(1, 1, text="paling lama"))
    assert await house.page() == before
    counts = (await house.portal.ledger()).counts
    assert (counts["events"], counts["feed"], counts["revisions"]) == (4, 1, 3)


async def test_several_revisions_in_one_batch_appear_as_the_newest(house: House) -> None:
    await house.show(*(complaint(1, revision) for revision in (1, 3, 2)), complaint(2))
    assert sorted(seen(await house.page())) == sorted(named((1, 3), (2, 1)))


async def test_a_reader_beside_the_writer_skips_nothing_and_repeats_nothing(house: House) -> None:
    chance = random.Random(7)
    revisions = dict.fromkeys(range(40), 0)
    done, met = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        for turn in range(60):
            batch = []
            for number in chance.sample(sorted(revisions), 5):
                revisions[number] += 1
                batch.append(complaint(number, revisions[number]))
            met.clear()
            await house.publish(*batch)
            if turn % 10 == 9:
                # The reader has met the writer at least this often, however fast either of them is.
                await met.wait()
        await house.settle()
        done.set()

    writing = asyncio.create_task(write())
    found: Seen = []
    cursor: str | None = None
    while True:
        last_turn = done.is_set()
        more, cursor = await read_on(house, cursor, 7)
        found += more
        if more:
            met.set()
        if last_turn:
            break
    await writing

    assert len(set(found)) == len(found)
    newest: dict[str, int] = {}
    for name, revision in found:
        assert newest.get(name, 0) < revision
        newest[name] = revision
    assert newest == {str(identity(number)): revision for number, revision in revisions.items() if revision}
    assert all(check.holds for check in (await house.portal.ledger()).checks)


async def test_a_restart_loses_nothing_and_cursors_stay_good(house: House) -> None:
    await house.show(complaint(1))
    cursor = (await house.page())["next"]
    await house.stop()
    await house.publish(complaint(2), complaint(1, 2))
    await house.start()
    await house.settle()
    assert sorted(seen(await house.page(after=cursor))) == sorted(named((2, 1), (1, 2)))
    assert all(check.holds for check in (await house.portal.ledger()).checks)


async def test_two_portals_on_one_database_number_without_gap_or_double(house: House) -> None:
    second = Portal(house.bus, house.store, keys=[], registry=CollectorRegistry(), clock=lambda: NOW)
    await second.start()
    try:
        for number in range(30):
            await house.publish(complaint(number), complaint(number, 2))
        await house.settle()
    finally:
        await second.stop()
    found, _ = await read_on(house, None, 10)
    assert sorted(found) == sorted(named(*((number, 2) for number in range(30))))
    assert all(check.holds for check in (await house.portal.ledger()).checks)
    assert not second.health.problems


async def records(house: House) -> list[Received]:
    """All that is on the log."""
    return [r for p in await house.bus.ends(COMPLAINTS.name) for r in await house.bus.fetch(p, 0, 1000)]


async def test_the_same_records_twice_are_refused_as_a_whole(house: House) -> None:
    await house.show(complaint(1))
    with pytest.raises(PositionMoved):
        await Projection(house.store, lambda: NOW).write(await records(house))
    assert seen(await house.page()) == named((1, 1))
    assert all(check.holds for check in (await house.portal.ledger()).checks)


async def test_a_portal_goes_on_where_another_one_stopped_in_the_middle_of_its_batch(house: House) -> None:
    portal = house.portal
    await house.stop()
    await house.publish(complaint(1), complaint(1, 2))
    other = Portal(house.bus, house.store, keys=[], registry=CollectorRegistry(), clock=lambda: NOW)
    projection, first = other._projection, (await records(house))[:1]

    class Overtaken(Projection):
        async def write(self, records: Sequence[Received]) -> Written:
            await projection.write(first)
            return await projection.write(records)

    other._projection = Overtaken(house.store, lambda: NOW)
    await other._read()
    assert (await portal.ledger()).counts["positions_complaints"] == 1
    other._projection = projection
    await other._read()
    assert (await portal.ledger()).counts["positions_complaints"] == 2
    await other._reader.close()
    await house.start()
    assert seen(await house.page()) == named((1, 2))


async def test_trap_4_what_cannot_be_read_is_counted_and_the_rest_flows(house: House) -> None:
    key = str(identity(1))
    await house.bus.publish(COMPLAINTS.name, [Record(key, b"\x00{"), Record(key, b'{"complaint": {"text": "Siti"}}')])
    await house.show(complaint(1))
    assert seen(await house.page()) == named((1, 1))
    found = await house.portal.ledger()
    assert found.counts["unreadable"] == 2
    assert all(check.holds for check in found.checks)


async def test_records_that_the_log_dropped_are_counted_as_lost(house: House) -> None:
    await house.stop()
    await house.publish(complaint(1), complaint(1, 2))
    ends = await house.bus.ends(COMPLAINTS.name)
    assert await house.bus.prune(COMPLAINTS.name, 1e12, {p: min(end, 1) for p, end in ends.items()}) == 1
    await house.start()
    await house.settle()
    found = await house.portal.ledger()
    assert found.counts["lost"] == 1
    assert all(check.holds for check in found.checks)
    assert seen(await house.page()) == named((1, 2))


async def test_ndjson_has_a_complaint_a_line_and_the_cursor_in_a_header(house: House) -> None:
    await house.show(complaint(1, text="Dua\nbaris"), complaint(2))
    answer = await house.http.get("/v1/complaints?limit=1", headers={"Accept": "application/x-ndjson"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["muara-more"] == "true"
    plain = await house.http.get("/v1/complaints?limit=1")
    assert [json.loads(line) for line in answer.text.splitlines()] == plain.json()["items"]
    assert answer.headers["muara-next-cursor"] == plain.headers["muara-next-cursor"] == plain.json()["next"]
    rest = await house.http.get(
        "/v1/complaints", params={"after": plain.json()["next"]}, headers={"Accept": "application/x-ndjson"}
    )
    assert (rest.text.count("\n"), rest.headers["muara-more"]) == (1, "false")
    nothing = await house.http.get(
        "/v1/complaints",
        params={"after": rest.headers["muara-next-cursor"]},
        headers={"Accept": "application/x-ndjson"},
    )
    assert nothing.text == ""


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"agency": "dinas-air"}, [2]),
        ({"agency": ["dinas-air", "dinas-pu"]}, [1, 2, 3]),
        ({"channel": "email"}, [3]),
        ({"status": "closed"}, [2]),
        ({"status": ["closed", "received"], "channel": "whatsapp_cloud"}, [1, 2]),
        ({"agency": "tidak-ada"}, []),
    ],
)
async def test_filters(house: House, query: dict[str, Any], wanted: list[int]) -> None:
    await house.show(
        complaint(1), complaint(2, agency="dinas-air", status={"state": "closed"}), complaint(3, channel="email")
    )
    for limit in (1, 100):
        found, cursor = await read_on(house, None, limit, **query)
        assert sorted(found) == sorted(named(*((number, 1) for number in wanted)))
        await house.publish()
        assert (await read_on(house, cursor, limit, **query))[0] == []


async def test_a_filtered_reader_moves_past_what_it_does_not_want(house: House) -> None:
    await house.show(*(complaint(number) for number in range(5)))
    filtered, everything = await house.page(channel="email"), await house.page()
    assert filtered["next"] == everything["next"]


WRONG = (
    ("limit=0", "'limit': input should be greater than or equal to 1"),
    ("limit=1001", "'limit': input should be less than or equal to 1000"),
    ("limit=banyak", "'limit': input should be a valid integer"),
    ("afer=abc", "'afer': is not known here"),
    ("status=selesai", "'status': input should be 'received'"),
    ("agency=Dinas%20PU", "'agency': string should match"),
    ("after=", "'after': string should have at least 1 character"),
    ("after=rusak", "the cursor is damaged"),
    ("after=%F0%9F%98%80", "the cursor is damaged"),
    (f"after={Cursor('0', 1)}", "the cursor belongs to another feed"),
)


async def test_a_wrong_question_is_told_what_is_wrong(house: House) -> None:
    for query, words in WRONG:
        answer = await house.http.get(f"/v1/complaints?{query}")
        assert answer.status_code == 400, query
        assert set(answer.json()) == {"error", "remedy"}
        assert words in answer.json()["error"]
        assert answer.json()["remedy"]


async def test_a_cursor_from_before_a_restored_backup_is_refused_and_not_misread(house: House) -> None:
    await house.show(complaint(1))
    name = (await Feed(house.store).page(None, 1, Choice())).next.feed
    answer = await house.http.get("/v1/complaints", params={"after": str(Cursor(name, 2))})
    assert answer.status_code == 400
    assert "restored from a backup" in answer.json()["error"]
    assert "without `after`" in answer.json()["remedy"]
