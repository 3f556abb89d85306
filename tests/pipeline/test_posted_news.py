"""A hub that posts its changes and is not asked: backwards, twice, over a restart; the feed shows where each stands."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from .sizes import Size
from .town import HUB_AGENCIES, PATIENCE, PUBLIC, Person, Town, open_town

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW, OLD = "kunci-yang-baru", "kunci-yang-lama"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, size: Size) -> AsyncIterator[Town]:
    """A town that asks its hub nothing; the hub still signs with the old secret."""
    async with AsyncExitStack() as stack:
        monkey = pytest.MonkeyPatch()
        stack.callback(monkey.undo)
        monkey.setenv("DEMO_HUB_POSTS", NEW)
        monkey.setenv("DEMO_HUB_POSTS_OLD", OLD)
        secrets = {"webhook": ["DEMO_HUB_POSTS", "DEMO_HUB_POSTS_OLD"]}
        clock = {"forward": 0}  # to be forwarded on the day of the receipt
        hubs = {"sp4n": {"agencies": HUB_AGENCIES, "poll_every": 0, "secrets": secrets, "deadlines": clock}}
        yield await open_town(stack, tmp_path_factory.mktemp("town"), size, hubs=hubs)


async def test_each_complaint_ends_where_the_hub_has_it(town: Town, person: Callable[[str], Person]) -> None:
    people = [person(f"{name} Contoh") for name in ("Eka", "Fitri", "Galih")]
    for number, someone in enumerate(people):
        ticket = {"nomor_tiket": f"RS-p{number}", "waktu": "24/11/2026 14:05",
                  "pasien": {"nama": someone.name, "kontak": someone.phone},
                  "keluhan": {"isi": f"Pendingin ruang tunggu poli {number} rusak sejak kemarin"}}  # fmt: skip
        await town.desk(ticket)
    assert (await town.rest(3))["delivered"] == 3
    town.hub.behave(push_to=f"{town.url}/hubs/sp4n/changes", push_secret=OLD)
    await _agree(town, people)
    late_ones = json.loads((await town.muara("hubs", "deadlines", "--json")).stdout)
    assert {each["tracking_id"] for each in late_ones} == {each.tracking_id for each in await town.hub.reports()}
    assert {(each["step"], each["state"]) for each in late_ones} == {("forward", "received")}
    assert "3 deadlines near or missed" in (await town.muara("hubs", "deadlines", "--hub", "sp4n")).output
    refused = await town.muara("hubs", "deadlines", "--hub", "kabupaten")
    assert (refused.exit_code, "use one of sp4n" in refused.output) == (2, True)
    town.hub.behave()
    before = (await town.hub.summary()).changes
    for _ in range(12):
        await town.hub.advance()
        await asyncio.sleep(0.002)  # the hub's clock tells apart what is not in the same millisecond
    town.hub.behave(push_to=f"{town.url}/hubs/sp4n/changes", push_secret=OLD, push_twice=True, push_backwards=True)
    await _agree(town, people)
    changes = (await town.hub.summary()).changes
    assert await town.metric("muara_hub_changes_total", hub="sp4n", outcome="applied") == 2 * changes - before
    assert changes > 2 * len(people)

    await town.end()  # while Muara is away the hub posts in vain, and comes again with the other secret
    report = (await town.hub.reports())[0]
    town.hub.behave()
    await town.begin()
    town.hub.behave(push_to=f"{town.url}/hubs/sp4n/changes", push_secret=NEW)
    late = person("Hana Contoh")
    await town.sms(late, "Pohon tumbang menutup Jalan Cempaka di depan puskesmas", "SMp1")
    await town.rest(1)
    await town.hub.advance(40)
    await _agree(town, [*people, late])
    assert (await town.shown(report.referensi))["status"]["hub"] == "sp4n"
    town.hub.behave()

    page = await town.muara("check")
    assert f"{PUBLIC}/hubs/sp4n/changes" in page.output, page.output
    assert "it is not asked" in page.output


async def _agree(town: Town, people: list[Person]) -> None:
    """Wait until the feed says of everybody what the hub says."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [await town.report(someone) for someone in people]
        if all(shown["status"]["words"] == report.keterangan for report, shown in found):
            break
        assert time.monotonic() < deadline, [(r.keterangan, shown["status"]) for r, shown in found]
        await asyncio.sleep(0.1)
    await town.rest()
    for report, shown in [await town.report(someone) for someone in people]:
        assert shown["status"]["words"] == report.keterangan, "and so it stays"
