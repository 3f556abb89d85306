"""`muara reconcile` beside a running town, against a hub that loses, doubles, and goes on without telling."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update

from dispatcher import tables as t

from .sizes import Size
from .town import HUB_AGENCIES, PATIENCE, Person, Town, amend, open_town

pytestmark = pytest.mark.asyncio(loop_scope="module")
AGO = datetime.now(UTC) - timedelta(hours=3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    """A town that does not hear of its hub's news."""
    async with AsyncExitStack() as stack:
        hubs = {"sp4n": {"agencies": HUB_AGENCIES, "poll_every": 3600}}
        yield await open_town(stack, tmp_path_factory.mktemp("town"), size, hubs=hubs)


async def compared(town: Town, *more: str) -> tuple[int, dict[str, Any]]:
    """What a comparison says, and its exit code."""
    done = await town.muara("reconcile", "--hub", "sp4n", "--json", *more)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    (hub,) = json.loads(done.stdout)["hubs"]
    return done.exit_code, hub


def kinds(hub: dict[str, Any]) -> dict[str, str]:
    """Kind → the hub's number."""
    assert len({each["kind"] for each in hub["differences"]}) == len(hub["differences"])
    return {each["kind"]: each["tracking_id"] for each in hub["differences"]}


async def test_all_that_can_differ_is_told_and_what_is_safe_is_mended(
    town: Town, person: Callable[[str], Person]
) -> None:
    *people, doubled = [person(f"{name} Contoh") for name in ("Ani", "Budi", "Citra", "Dewi")]
    for number, someone in enumerate(people):
        ticket = {"nomor_tiket": f"RS-r{number}", "waktu": "24/11/2026 14:05",
                  "pasien": {"nama": someone.name, "kontak": someone.phone},
                  "keluhan": {"isi": f"Lift gedung rawat inap nomor {number} macet sejak pagi"}}  # fmt: skip
        await town.desk(ticket)
    assert (await town.rest(3))["delivered"] == 3
    code, hub = await compared(town)
    assert (code, hub["listed"], hub["differences"], hub["fault"]) == (0, 3, [], None)

    reports = sorted([(await town.report(someone))[0] for someone in people], key=lambda each: int(each.tracking_id))
    tampered(town.scene.home.parent / "hub.db", reports[0].tracking_id, reports[1].tracking_id)
    d = t.deliveries.c
    async with town.ground.store.writing() as connection:
        await connection.execute(update(t.deliveries).values(created_at=AGO, finished_at=AGO))
        parked = {"state": "parked", "receipt": None, "reason": "no answer"}
        await connection.execute(update(t.deliveries).where(d.receipt == reports[2].tracking_id).values(parked))
    town.hub.behave(stores_twice=True)
    await town.sms(doubled, "Trotoar Jalan Flamboyan amblas di depan balai warga", "SMr1")
    twice: list[str] = []
    deadline = time.monotonic() + PATIENCE
    while len(twice) < 2 or (await town.audit()).terms["in_flight"] > 0:
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.1)
        twice = [each.tracking_id for each in await town.reports(doubled)]

    expected = {
        "missing": reports[0].tracking_id,
        "extra": twice[1],
        "different": reports[1].tracking_id,
        "stuck": reports[2].tracking_id,
    }
    for _ in range(2):
        code, hub = await compared(town)
        assert (code, kinds(hub), hub["ordered"]) == (1, expected, []), "nothing is mended unasked"
    shown = await town.muara("reconcile")
    assert (shown.exit_code, "1 missing, 1 extra, 1 different, 1 stuck" in shown.output) == (1, True), shown.output
    assert all(number in shown.output for number in expected.values())
    _, hub = await compared(town, "--since", f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}")
    assert hub["differences"] == []

    code, hub = await compared(town, "--repair")
    assert (code, len(hub["ordered"])) == (1, 2)
    while kinds(hub).keys() != {"missing", "extra"}:
        assert time.monotonic() < deadline + PATIENCE, hub
        await asyncio.sleep(0.2)
        code, hub = await compared(town)
    assert code == 1
    assert (await town.shown(reports[1].referensi))["status"]["state"] == "closed"
    (receipt,) = (await town.shown(reports[2].referensi))["hub_receipts"]
    assert (receipt["tracking_id"], receipt["adopted"]) == (reports[2].tracking_id, True)
    assert (await town.hub.summary()).reports == 4, "nothing was sent again"

    amend(town.scene.home, hubs={"lama": {"profile": "lapor_legacy", "url": town.hub.url}})
    silent = await town.muara("reconcile", "--hub", "lama")
    assert silent.exit_code == 0
    assert "no `listing:`" in silent.output
    assert "nothing stuck here" in silent.output
    await town.hub.stop()
    code, hub = await compared(town)
    assert (code, "cannot be reached" in hub["fault"]) == (2, True)
    unknown = await town.muara("reconcile", "--hub", "kabupaten")
    assert (unknown.exit_code, "use one of lama, sp4n" in unknown.output) == (2, True)


def tampered(database: Path, lost: str, moved: str) -> None:
    """The hub loses one report, and has closed another an hour ago."""
    with closing(sqlite3.connect(database)) as hub, hub:
        hub.execute("DELETE FROM changes WHERE tracking_id = ?", (int(lost),))
        hub.execute("DELETE FROM reports WHERE tracking_id = ?", (int(lost),))
        hub.execute("UPDATE reports SET status = 'selesai', words = 'Selesai' WHERE tracking_id = ?", (int(moved),))
        at = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds")
        hub.execute("UPDATE changes SET status = 'selesai', at = ? WHERE tracking_id = ?", (at, int(moved)))
