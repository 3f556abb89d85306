"""`muara trace`: what became of a message of each fate, on both sizes; it names nobody."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

import dispatcher.tables
from muara.config import load_config
from muara.ground import open_books
from muara.home import Home
from muara.story import tell
from muara.subjects import candidates
from normalizer import tables as t
from runtime.bus.protocol import Record
from schemas.raw import RawComplaint
from schemas.topics import RAW

from .town import Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def told(town: Town, subject: object) -> dict[str, Any]:
    """What the command says."""
    done = await town.muara("trace", str(subject), "--json")
    assert done.exit_code == 0, done.output
    # One line; the town, which lives in this process, may have logged before it.
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


async def by_state(town: Town) -> dict[str, list[UUID]]:
    """The messages of each state."""
    async with town.ground.store.reading() as connection:
        rows = await connection.execute(select(t.messages.c.state, t.messages.c.message_id))
        found: dict[str, list[UUID]] = {}
        for state, message in rows:
            found.setdefault(state, []).append(message)
    return found


def steps(story: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["service"], step["what"]) for step in story["steps"]]


def story_number(story: dict[str, Any]) -> str:
    found: str = story["fate"].rpartition(" as ")[2]
    return found


_SMALL = re.compile(r"dispatcher_hubs|_version|_positions|pg_catalog|sqlite_master")
"""Tables of a few rows, however many messages there are."""


async def row_by_row(connection: AsyncConnection, statement: str, parameters: Any) -> list[str]:  # noqa: ANN401 as given
    """What of a statement the database would do by looking at every row of a table."""
    if statement.split(maxsplit=1)[0] != "SELECT" or "pg_catalog" in statement:
        return []
    if connection.dialect.name == "sqlite":
        plan: list[Any] = list(await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
        lines = [str(row[3]) for row in plan if re.match("SCAN", str(row[3]))]
    else:
        # Small tables are read whole, unless nothing but that is possible.
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = list(await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))
        lines = [str(row[0]) for row in plan if "Seq Scan" in str(row[0])]
    return [line for line in lines if not _SMALL.search(line)]


async def test_a_message_of_each_fate_has_its_whole_story(town: Town, person: Callable[[str], Person]) -> None:
    ani, budi = person("Ani Contoh"), person("Budi Contoh")
    words = "Lampu jalan di Jalan Kenanga nomor 12 padam sudah seminggu, gelap sekali kalau malam"
    body = town.whatsapp_body(town.text(ani, words))
    for _ in range(2):
        assert (await town.post_whatsapp(body)).status_code == 200
    await town.sms(ani, words, "SM-trace-1")
    await town.whatsapp(town.text(budi, "tes"))
    await town.desk({"nomor_tiket": "RS-t1", "waktu": "bukan waktu", "keluhan": {"isi": "Kursi roda rusak"}})
    await town.rest(4)
    found = await by_state(town)
    (merged,), (ignored,), (dead,) = found["merged"], found["ignored"], found["dead"]
    (founder,) = found["complaint"]

    story = await told(town, founder)
    complaint, *rest = story["complaints"]
    assert rest == []
    assert story["fate"].startswith("complaint · sp4n: delivered as ")
    assert steps(story)[0] == ("connectors", "accepted")
    assert {
        ("normalizer", "known again"), ("normalizer", "complaint"), ("normalizer", "verdict: new"),
        ("portal", "revision 1"), ("dispatcher", "sp4n: routed"), ("dispatcher", "sp4n: create delivered"),
        ("normalizer", "sp4n: receipt"),
    } <= set(steps(story))  # fmt: skip
    moments = [step["at"] for step in story["steps"] if step["at"]]
    assert moments == sorted(moments)

    story = await told(town, merged)
    assert story["fate"].startswith(f"merged · lives on in {complaint} · ")
    assert ("normalizer", "verdict: merged") in steps(story)
    verdict = next(step["words"] for step in story["steps"] if step["what"] == "verdict: merged")
    assert complaint in verdict
    assert "same person" in verdict

    whole = await told(town, complaint)
    assert set(whole["messages"]) == {str(founder)}
    assert whole["complaints"] == [complaint]

    assert [step["words"] for step in (await told(town, ignored))["steps"]][1:] == ["test"]
    assert "bukan waktu" not in json.dumps(await told(town, dead))
    assert (await told(town, dead))["fate"] == "dead"
    assert ("normalizer", "dead letter") in steps(await told(town, dead))

    for each in (founder, merged, ignored, dead):
        said = json.dumps(await told(town, each))
        for secret in (ani.digits, budi.digits, ani.name, budi.name):
            assert secret not in said

    async with town.ground.store.writing() as connection:
        deliveries = dispatcher.tables.deliveries
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.subject_id == UUID(complaint), deliveries.c.kind == "create")
            .values(state="parked", reason="no answer after the request was written")
        )
    assert "sp4n: parked" in (await told(town, founder))["fate"]

    # Whatever stands on a desk leads there: the beginning of an id, a delivery, the number that the hub gave.
    number = story_number(whole)
    delivery = next(step["words"].rpartition("delivery ")[2] for step in whole["steps"] if "create" in step["what"])
    for named in (complaint[:13], complaint.replace("-", "").upper(), delivery, delivery[:9], number):
        assert (await told(town, named))["complaints"] == [complaint], named
    for named, words in {
        str(uuid4()): "another machine accepted",
        "nomor-tiket": "a hub's number",
        "5e1": "4 digits",
        "": "4 digits",
    }.items():
        done = await town.muara("trace", named)
        assert done.exit_code == 1
        assert words in " ".join(done.output.split())

    # In tables of any size: nothing is looked for row by row.
    async with open_books(Home(town.scene.home), load_config(town.scene.home)) as books:
        asked: list[tuple[str, Any]] = []
        engine = books.store._engine.sync_engine

        def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
            asked.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", note)
        assert await tell(books, UUID(complaint)) is not None
        assert len(await candidates(books, complaint[:13])) == 1
        assert len(await candidates(books, number)) == 1
        event.remove(engine, "before_cursor_execute", note)
        assert len(asked) > 15
        async with books.store.reading() as connection:
            for statement, parameters in asked:
                assert await row_by_row(connection, statement, parameters) == [], statement

    # What nobody has read yet is found on the log.
    await town.end()
    waiting = uuid4()
    raw = RawComplaint(
        message_id=waiting, agency="kominfo", channel="whatsapp_cloud", source="wa-kota", external_id="v1.k.x",
        conversation="c", received_at=datetime.now(UTC), media_type="application/json", payload="v1.k.x",
        recipe_hash="0" * 16,
    )  # fmt: skip
    home = Home(town.scene.home)
    async with open_books(home, load_config(home.folder)) as books:
        assert await tell(books, waiting) is None
        await books.bus.publish(RAW.name, [Record("c", raw.model_dump_json().encode())])
        unread = await tell(books, waiting)
    assert unread is not None
    assert (unread.fate, [step.what for step in unread.steps]) == ("in flight", ["accepted", "waits"])
    assert "on the log" in unread.steps[1].words
