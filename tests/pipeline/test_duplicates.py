"""The three kinds of duplicates, end to end: what the hub has, what the feed says of the reasons, and the way back."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from .town import Person, Town

pytestmark = pytest.mark.asyncio(loop_scope="module")
People = Callable[[str], Person]


async def decide(town: Town, complaint_id: str, *verdict: str) -> None:
    """What an operator types."""
    done = await town.muara("review", "decide", complaint_id, *verdict)
    assert done.exit_code == 0, done.output


async def merged_into(town: Town, complaint_id: str) -> dict[str, Any]:
    """The complaint that was merged into this one, as the feed shows it."""
    (found,) = [each for each in await town.feed() if each["merged_into"] == complaint_id]
    return found


async def test_a_redelivery_is_dropped_and_counted(town: Town, person: People) -> None:
    siti = person("Siti Contoh")
    for _ in range(3):
        await town.sms(siti, "Reklame roboh di Jalan Cendana", "SMd0")
    assert await town.rest(1) == {"received": 1, "complaints": 1, "redelivered": 2, "delivered": 1}
    report, shown = await town.report(siti)
    assert (report.revisi, shown["supporters"], shown["verdict"]["kind"]) == (1, [], "new")


async def test_the_same_report_over_another_channel_is_merged_and_can_be_undone(town: Town, person: People) -> None:
    siti = person("Siti Contoh")
    words = "Lampu jalan di Jalan Melati RT 3 depan SD 4 mati sudah seminggu"
    await town.whatsapp(town.text(siti, words), name=siti.name)
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    again = f"{words}, tolong diperbaiki. Salam, {siti.name}"
    await town.sms(siti, again, "SMd1")
    assert await town.rest(1) == {"received": 1, "merged": 1, "withheld": 1}

    report, head = await town.report(siti)
    assert report.formulir["jumlah_pendukung"] == 1
    assert [each["kanal"] for each in report.formulir["pendukung"]] == ["twilio_sms"]  # type: ignore[attr-defined]
    assert [(each["channel"], each["reason"]) for each in head["supporters"]] == [("twilio_sms", "same_report")]
    second = await merged_into(town, head["complaint_id"])
    assert (second["verdict"]["kind"], second["verdict"]["target"]) == ("merged", head["complaint_id"])
    assert {"same person", "same street: Jalan Melati"} <= set(second["verdict"]["reasons"])
    assert second["verdict"]["score"] > 0.9
    assert second["verdict"]["version"]
    # SMS knows no names; the other report of the same person told it.
    for shown in (head, second):
        assert shown["text"].endswith("tolong diperbaiki. Salam, [nama]")

    await decide(town, second["complaint_id"], "undo", "--reason", "dua tiang yang berbeda")
    assert await town.rest() == {"complaints": 1, "merged": -1, "delivered": 1, "withheld": -1}
    first, other = await town.reports(siti)
    assert (first.formulir["isi"], first.formulir["jumlah_pendukung"]) == (words, 0)
    assert other.formulir["isi"] == again
    alone = await town.shown(second["complaint_id"])
    assert (alone["merged_into"], alone["verdict"]["version"]) == (None, "operator")


async def test_the_same_incident_told_by_others_is_linked_and_can_be_undone(town: Town, person: People) -> None:
    ayu, budi = person("Ayu Contoh"), person("Budi Contoh")
    await town.whatsapp(town.text(ayu, "Jalan berlubang di Jalan Kenanga RT 5 RW 2, banyak motor jatuh"), name=ayu.name)
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    await town.sms(budi, "Pak, jalan di Jl. Kenanga RT 5 RW 2 berlubang besar, motor jatuh", "SMd2")
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}

    report, leader = await town.report(ayu)
    _, follower = await town.report(budi)
    assert report.formulir["jumlah_pendukung"] == 1
    assert [each["complaint_id"] for each in leader["followers"]] == [follower["complaint_id"]]
    assert follower["leader"] == leader["complaint_id"]
    assert (follower["verdict"]["kind"], follower["verdict"]["target"]) == ("linked", leader["complaint_id"])
    assert {"different persons", "same street: Jalan Kenanga"} <= set(follower["verdict"]["reasons"])

    await decide(town, follower["complaint_id"], "undo")
    assert await town.rest() == {}
    report, leader = await town.report(ayu)
    assert (report.formulir["jumlah_pendukung"], leader["followers"]) == (0, [])
    assert (await town.shown(follower["complaint_id"]))["leader"] is None


async def test_what_is_told_later_brings_together_and_takes_apart_and_the_hub_hears_of_it_once(
    town: Town, person: People
) -> None:
    made, putu = person("Made Tanjung"), person("Putu Tanjung")
    await town.whatsapp(town.text(made, "Selokan mampet meluap ke jalan, bau sekali"), name=made.name)
    await town.rest(1)
    await town.whatsapp(town.text(putu, "Selokan di Jalan Wijayakusuma mampet dan meluap ke jalan", 5), name=putu.name)
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    _, leader = await town.report(made)
    _, follower = await town.report(putu)
    before = leader["revision"]
    assert (leader["followers"], follower["leader"]) == ([], None)

    await town.whatsapp(town.text(made, "di Jalan Wijayakusuma", after=10), name=made.name)
    assert await town.rest(1) == {"received": 1, "merged": 1}
    report, leader = await town.report(made)
    assert [each["complaint_id"] for each in leader["followers"]] == [follower["complaint_id"]]
    assert report.formulir["jumlah_pendukung"] == 1
    assert report.revisi == before + 1
    assert (await town.shown(follower["complaint_id"]))["leader"] == leader["complaint_id"]
    # The same message again is a redelivery, and changes nothing.
    await town.whatsapp(town.text(made, "di Jalan Wijayakusuma", after=10), name=made.name)
    assert await town.rest() == {"redelivered": 1}
    assert (await town.shown(leader["complaint_id"]))["revision"] == leader["revision"]

    await town.whatsapp(town.text(made, "RT 4", after=20), name=made.name)
    assert await town.rest(1) == {"received": 1, "merged": 1}
    assert (await town.shown(follower["complaint_id"]))["leader"] == leader["complaint_id"]  # it conflicts with nothing
    await town.whatsapp(town.text(putu, "RT 9", after=30), name=putu.name)
    assert await town.rest(1) == {"received": 1, "merged": 1}
    alone = await town.shown(follower["complaint_id"])
    assert (alone["leader"], alone["verdict"]["kind"]) == (None, "new")
    assert alone["verdict"]["reasons"][0].startswith(f"parted from {leader['complaint_id']}")
    assert (await town.report(made))[0].formulir["jumlah_pendukung"] == 0
    told = await town.muara("trace", follower["complaint_id"], "--json")
    assert "what came later conflicts" in told.output


async def test_an_unclear_case_waits_for_a_person_who_decides(town: Town, person: People) -> None:
    gede, rai = person("Gede Contoh"), person("Rai Contoh")
    await town.whatsapp(town.text(gede, "Petugas loket tidak ramah, antrean panjang setiap pagi"), name=gede.name)
    await town.rest(1)
    await town.whatsapp(
        town.text(rai, "Petugas loket tidak ramah, antrean panjang setiap pagi, warga kecewa"), name=rai.name
    )
    assert await town.rest(1) == {"received": 1, "complaints": 1, "delivered": 1}
    _, first = await town.report(gede)
    _, unclear = await town.report(rai)
    assert (unclear["verdict"]["unclear"], unclear["verdict"]["kind"]) == (True, "new"), unclear["verdict"]
    assert unclear["leader"] is None

    listed = await town.muara("review", "list", "--json")
    (case,) = json.loads(listed.stdout)
    assert case["complaint_id"] == unclear["complaint_id"]
    assert case["verdict"]["target"] == first["complaint_id"]
    assert rai.phone not in listed.stdout
    await decide(town, unclear["complaint_id"], "link")
    assert await town.rest() == {}
    assert (await town.shown(unclear["complaint_id"]))["leader"] == first["complaint_id"]
    assert (await town.reports(gede))[0].formulir["jumlah_pendukung"] == 1
    assert json.loads((await town.muara("review", "list", "--json")).stdout) == []


async def test_a_message_is_split_out_of_a_delivered_complaint(town: Town, person: People) -> None:
    made = person("Made Contoh")
    await town.whatsapp(
        town.text(made, "Pohon tumbang di Jalan Seroja RT 4"),
        town.text(made, "Kabel telepon putus di Jalan Teratai RT 9"),
        name=made.name,
    )
    assert await town.rest(2) == {"received": 2, "complaints": 1, "merged": 1, "delivered": 1}
    report, shown = await town.report(made)
    ((message, reason),) = [(each["message_id"], each["reason"]) for each in shown["supporters"]]
    assert (reason, report.revisi) == ("conversation", 1)

    done = await town.muara("dedup", "split", message, "--reason", "dua kejadian")
    assert done.exit_code == 0, done.output
    assert await town.rest() == {"complaints": 1, "merged": -1, "delivered": 1}
    first, other = await town.reports(made)
    assert first.formulir["isi"] == "Pohon tumbang di Jalan Seroja RT 4"
    assert (other.formulir["isi"], other.revisi) == ("Kabel telepon putus di Jalan Teratai RT 9", 1)
    assert first.revisi > report.revisi
    again = await town.muara("dedup", "split", message)
    assert (again.exit_code, "founded complaint" in again.output) == (2, True)
    assert await town.rest() == {}

    # What it is about is a person's word, too: the hub is told of the same report.
    told = await town.muara("review", "category", shown["complaint_id"], "pohon_taman", "--reason", "ditelepon")
    assert told.exit_code == 0, told.output
    assert await town.rest() == {}
    now = await town.shown(shown["complaint_id"])
    assert (now["category"]["key"], now["category"]["version"]) == ("pohon_taman", "operator")
    assert len(await town.reports(made)) == 2
