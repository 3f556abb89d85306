"""A mailbox is read whole, once, in order, whatever happens in between; and stays as it was."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from connectors.imap.failures import MailboxUnavailable
from connectors.leases import LeaseLost, Leases
from connectors.rounds import rest
from runtime.bus.protocol import BusUnavailable

from .conftest import Box, mail
from .serving import Serving, at_least, until


async def test_thousands_of_mails_over_the_servers_death_and_ours(box: Box) -> None:
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(3000)))
    first = box.poller()
    async with Serving(first):
        await until(lambda: at_least(box, 500))
        box.dovecot.kill()
        await until(lambda: _true(first.problem is not None))
        assert first.problem is not None
        assert f"127.0.0.1:{box.dovecot.port}" in first.problem
        box.dovecot.start()
        await until(lambda: at_least(box, 1500))
    # Another process goes on where that one stood.
    taken = await box.poller().round()
    ids = await box.ids()
    assert list(dict.fromkeys(ids)) == [f"m{number}@contoh.example" for number in range(3000)]
    assert len(ids) < 3300, "most was read twice"
    assert taken is not None
    assert 0 < taken < 1600
    assert set(box.flags()) == {""}, "a mail was marked"


async def test_what_was_not_acknowledged_comes_again_under_the_same_ids(box: Box) -> None:
    box.deliver(mail("satu@contoh.example"), mail("", "tanpa nomor"))
    box.house.bus.away = True
    with pytest.raises(BusUnavailable):
        await box.poller().round()
    assert (await box.state())["uid"] == 0
    box.house.bus.away = False
    assert await box.poller().round() == 2
    first = {raw.message_id for raw in await box.house.raws()}
    box.renumber()
    later = box.poller()
    assert await later.round() == 2
    assert {raw.message_id for raw in await box.house.raws()} == first
    assert await later.round() == 0


async def test_a_folder_numbered_anew_is_read_anew(box: Box) -> None:
    poller = box.poller(since="now")
    box.deliver(mail("lama@contoh.example"), age=timedelta(days=2))
    assert await poller.round() == 0
    box.deliver(mail("baru@contoh.example"))
    assert await poller.round() == 1
    validity = box.renumber()
    box.deliver(mail("lagi@contoh.example"))
    assert await box.poller(since="now").round() == 2  # the old one lay there before anybody asked for mail
    assert (await box.state())["validity"] == validity
    assert await box.ids() == ["baru@contoh.example", "baru@contoh.example", "lagi@contoh.example"]


async def test_new_mail_is_heard_of_at_once(box: Box) -> None:
    box.deliver(mail("satu@contoh.example"))
    async with Serving(box.poller(interval=3600)):
        for number, name in enumerate(("dua", "tiga", "empat"), start=1):
            await until(lambda number=number: at_least(box, number))  # type: ignore[misc]  # bound early
            box.deliver(mail(f"{name}@contoh.example"))
        await until(lambda: at_least(box, 4))
    assert [each.partition("@")[0] for each in await box.ids()] == ["satu", "dua", "tiga", "empat"]


async def test_without_idle_it_is_asked_at_intervals(box: Box) -> None:
    async with Serving(box.poller(idle=False, interval=0.05)):
        box.deliver(mail("satu@contoh.example"))
        await until(lambda: at_least(box, 1))


async def test_the_connection_breaks_while_it_waits(box: Box) -> None:
    poller = box.poller(interval=3600)
    async with Serving(poller):
        box.deliver(mail("satu@contoh.example"))
        await until(lambda: at_least(box, 1))
        box.dovecot.kill()
        await until(lambda: _true(poller.problem is not None))
        box.deliver(mail("dua@contoh.example"))
        box.dovecot.start()
        await until(lambda: at_least(box, 2))
        await until(lambda: _true(poller.problem is None))


async def test_several_folders_with_names_of_any_script(box: Box) -> None:
    box.dovecot.mailbox(box.user, "Pengaduan &- Saran")  # `&` has a form of its own in these names
    box.deliver(mail("saran@contoh.example"), folder="Pengaduan &- Saran")
    box.deliver(mail("kotak@contoh.example"))
    box.deliver(mail("saran@contoh.example"), folder="&ZeVnLIqe-")
    poller = box.poller(folders=["INBOX", "Pengaduan & Saran", "日本語"])
    assert await poller.round() == 3
    raws = await box.house.raws()
    assert [raw.provenance for raw in raws] == [
        "INBOX, UID 1",
        "Pengaduan & Saran, UID 1",
        "日本語, UID 1",
    ]
    assert len({raw.message_id for raw in raws}) == 2, "one mail in two folders is one message"


async def test_a_missing_folder_does_not_stop_the_others(box: Box) -> None:
    box.deliver(mail("satu@contoh.example"))
    poller = box.poller(folders=["Aduan", "INBOX"])
    assert await poller.round() == 1
    assert poller.problem is not None
    assert 'there is no folder "Aduan"; there are: INBOX' in poller.problem


@pytest.mark.parametrize(
    ("settings", "live", "past"),
    [
        ({}, {"baru", "minggu"}, {"tahun"}),
        ({"recent_days": 2}, {"baru"}, {"minggu", "tahun"}),
        ({"historical": True}, set(), {"baru", "minggu", "tahun"}),
        ({"since": "now"}, set(), set()),
    ],
)
async def test_what_the_first_start_reads(box: Box, settings: dict[str, Any], live: set[str], past: set[str]) -> None:
    for name, days in (("tahun", 400), ("minggu", 7), ("baru", 0)):
        box.deliver(mail(f"{name}@contoh.example"), age=timedelta(days=days))
    await box.poller(**settings).round()
    box.clock.ahead = timedelta(days=90)  # an outage, after which everything is read
    box.deliver(mail("kemudian@contoh.example"))
    await box.poller(**settings).round()
    found = {box.house.external_id(raw).partition("@")[0]: raw.historical for raw in await box.house.raws()}
    assert found.pop("kemudian") == bool(settings.get("historical"))
    assert {name for name, historical in found.items() if not historical} == live
    assert {name for name, historical in found.items() if historical} == past


async def test_only_mails_from_a_day_on(box: Box) -> None:
    for name, days in (("tahun", 400), ("minggu", 7), ("baru", 0)):
        box.deliver(mail(f"{name}@contoh.example"), age=timedelta(days=days))
    since = (box.clock() - timedelta(days=30)).date()
    assert await box.poller(since=since).round() == 2
    assert await box.ids() == ["minggu@contoh.example", "baru@contoh.example"]


async def test_of_two_processes_one_reads(box: Box) -> None:
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(3)))
    leases, other = (Leases(box.store, box.clock, length=30) for _ in range(2))
    here = box.poller(leases=leases)
    assert await here.round() == 3
    assert await box.poller(leases=other).round() is None
    lease = await leases.hold("kotak")
    assert lease is not None
    lease.lose()
    box.deliver(mail("m4@contoh.example"))
    await leases.release()
    there = box.poller(leases=Leases(box.store, box.clock, length=30))
    assert await there.round() == 1


async def test_whoever_lost_the_lease_accepts_nothing(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.deliver(mail("satu@contoh.example"))
    leases = Leases(box.store, box.clock, length=30)
    poller = box.poller(leases=leases)
    lease = await leases.hold("kotak")
    assert lease is not None
    monkeypatch.setattr(type(lease), "check", _lost)
    with pytest.raises(LeaseLost):
        await poller.round()
    assert await box.ids() == []


async def test_a_server_that_is_away_is_said_so(box: Box) -> None:
    box.dovecot.kill()
    with pytest.raises(MailboxUnavailable, match="nobody listens"):
        await box.poller().round()


async def test_a_mailbox_of_very_many_mails_is_read_in_spans(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.imap.connection._AT_ONCE", 3)
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(20)))
    await box.poller(since="now", folders="INBOX", after="seen").round()  # the server gives them their numbers
    await box.forget()
    for number, file in enumerate(box.files()):
        if number in range(4, 15):
            file.unlink()  # UIDs have holes
    assert await box.poller().round() == 9
    assert await box.ids() == [f"m{number}@contoh.example" for number in (*range(4), *range(15, 20))]


@pytest.mark.parametrize("patient", [0, 1])
async def test_a_server_that_dawdles_is_given_up(box: Box, monkeypatch: pytest.MonkeyPatch, patient: int) -> None:
    """From its greeting on, or from the login on."""
    monkeypatch.setattr("connectors.imap.worker._GRACE", 0.2)
    leaving = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if patient:
            writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
            tag, _ = (await reader.readline()).split()
            writer.write(b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n" % tag)
        while not leaving.is_set():
            writer.write(b"*")
            await rest(0.05, leaving)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        poller = box.poller(port=server.sockets[0].getsockname()[1])
        poller._worker._limit = 0.3
        with pytest.raises(MailboxUnavailable, match=r"took more than 0\.3 s"):
            await poller.round()
        await poller.close()
        leaving.set()


def _lost(lease: object) -> None:
    raise LeaseLost("another process")


async def _true(value: bool) -> bool:
    return value
