"""A whole plan over real sockets: all of it arrives, in order where order matters, and without the truth."""

import asyncio
import csv
import io
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from sandbox.city.clients.base import Patience
from sandbox.city.plan import Plan, plan_city
from sandbox.city.schedule import parcels
from sandbox.city.targets import FilesTarget, MailTarget, OpdTarget, SqlTarget, Targets, TwilioTarget, WhatsAppTarget
from sandbox.city.traffic import CityTraffic, TrafficReport
from sandbox.city.utterances import Channel

Serve = Callable[..., AbstractAsyncContextManager[Any]]
HASTY = Patience(tries=3, first_wait=0.01, longest_wait=0.05, timeout=5)


@dataclass
class Received:
    """What stood on the other side after one run."""

    plan: Plan
    report: TrafficReport
    http: Any
    mailbox: Any
    table: Path
    folder: Path
    progress: list[tuple[int, int]]

    def bodies(self, path: str) -> list[bytes]:
        return [taken.body for taken in self.http.taken if taken.path == path]

    def whatsapp_ids(self) -> list[str]:
        return [
            message["id"]
            for body in self.bodies("/wa")
            if b"wamid" in body and body.endswith(b"}]}]}")
            for change in json.loads(body)["entry"][0]["changes"]
            for message in change["value"].get("messages", ())
        ]

    def everything(self) -> bytes:
        wire = [taken.body + repr(taken.headers).encode() for taken in self.http.taken]
        wire += [raw for _, _, raw in self.mailbox.taken]
        wire += [path.read_bytes() + path.name.encode() for path in self.folder.iterdir()]
        return b"\n".join(wire) + self.table.read_bytes()


@pytest.fixture(scope="module")
def received(
    http_receiver: Serve, mail_receiver: Serve, tmp_path_factory: pytest.TempPathFactory, now: datetime
) -> Received:
    return asyncio.run(_receive(http_receiver, mail_receiver, tmp_path_factory.mktemp("kota"), now))


async def _receive(http_receiver: Serve, mail_receiver: Serve, home: Path, now: datetime) -> Received:
    plan = plan_city(11, 350, now=now)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_receiver())
        mailbox = await stack.enter_async_context(mail_receiver())
        targets = Targets(
            whatsapp=WhatsAppTarget(f"{http.url}/wa", "a"),
            sms=TwilioTarget(f"{http.url}/sms", "b"),
            email=MailTarget("127.0.0.1", mailbox.port),
            hospital=OpdTarget(f"{http.url}/rsud", "c"),
            water=SqlTarget(home / "pdam.db"),
            subdistrict=FilesTarget(home / "masuk"),
        )
        progress: list[tuple[int, int]] = []
        traffic = CityTraffic(plan, targets, patience=HASTY)
        report = await traffic.run(lambda done, total: progress.append((done, total)))
        return Received(plan, report, http, mailbox, home / "pdam.db", home / "masuk", progress)


def test_everything_is_sent_and_counted(received: Received) -> None:
    sent: Counter[Channel] = Counter()
    for said in received.plan.utterances:
        if said.channel is not Channel.SUBDISTRICT:
            sent[said.channel] += said.sockets
    sent[Channel.SUBDISTRICT] = sum(len(upload.rows) for upload in received.plan.uploads)
    counts = received.report.counts
    assert {channel: count.sent for channel, count in counts.items()} == dict(sent)
    assert all(count.accepted == count.sent for count in counts.values())
    assert received.report.skipped == {}
    assert received.progress[-1] == (sum(sent.values()),) * 2
    assert [done for done, _ in received.progress] == sorted(done for done, _ in received.progress)


def test_what_arrives_is_what_the_truth_expects_with_its_redeliveries(received: Received) -> None:
    arrived: Counter[tuple[str, str]] = Counter()
    arrived.update(("whatsapp_cloud", name) for name in received.whatsapp_ids())
    arrived.update(("twilio_sms", parse_qs(body.decode())["MessageSid"][0]) for body in received.bodies("/sms"))
    arrived.update(
        ("email", str(message_from_bytes(raw)["Message-ID"]).strip("<>")) for _, _, raw in received.mailbox.taken
    )
    for body in received.bodies("/rsud"):
        if body.startswith(b"nomor_tiket"):
            arrived["opd_webhook", parse_qs(body.decode())["nomor_tiket"][0]] += 1
        elif body.endswith(b"}"):
            arrived["opd_webhook", json.loads(body)["nomor_tiket"]] += 1
    database = sqlite3.connect(received.table)
    arrived.update(("opd_table", str(row[0])) for row in database.execute("SELECT id FROM pengaduan_pelanggan"))
    database.close()
    elsewhere = {
        key: 1 + truth.redelivered for key, truth in received.plan.truth.entries.items() if key[0] != "kecamatan_csv"
    }
    assert dict(arrived) == elsewhere
    assert any(count > 1 for count in arrived.values())


def test_rows_stand_at_the_line_that_the_truth_names(received: Received) -> None:
    lines = {}
    for path in received.folder.iterdir():
        encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "cp1252"
        rows = csv.reader(io.StringIO(path.read_text(encoding=encoding), newline=""), delimiter=";")
        lines.update({f"{path.name}:{number}": row for number, row in enumerate(rows, start=1)})
    expected = {key[1]: truth for key, truth in received.plan.truth.entries.items() if key[0] == "kecamatan_csv"}
    assert expected
    for name, truth in expected.items():
        assert (len(lines[name]) == 6) == (truth.outcome != "dead")


def test_nothing_that_is_sent_holds_a_name_of_the_truth(received: Received) -> None:
    wire = received.everything()
    names = {truth.complaint for truth in received.plan.truth.entries.values()}
    names |= {truth.incident for truth in received.plan.truth.entries.values()}
    assert len(names) > 200
    assert not [name for name in names if name and (name.encode() in wire or name[2:].encode() in wire)]
    for label in (b"other_channel", b"lookalike", b"redeliver", b"incident", b"merged"):
        assert label not in wire.lower()


def test_one_conversation_keeps_its_order(received: Received) -> None:
    first_seen = {name: number for number, name in reversed(list(enumerate(received.whatsapp_ids())))}
    talks = defaultdict(list)
    for said in received.plan.utterances:
        if (
            said.channel is Channel.WHATSAPP
            and said.burst is None
            and not said.again
            and said.external_id in first_seen
        ):
            talks[said.conversation].append(said.external_id)
    long_talks = [talk for talk in talks.values() if len(talk) > 2]
    assert len(long_talks) > 5
    for talk in long_talks:
        places = [first_seen[name] for name in talk]
        assert places == sorted(places)


async def test_a_redelivery_at_once_comes_over_two_sockets(http_receiver: Serve, now: datetime) -> None:
    plan = plan_city(13, 400, now=now)
    twin = next(said for said in plan.utterances if said.sockets == 2 and said.channel is Channel.SMS)
    # Neither is answered before both are there.
    async with http_receiver(together=2) as receiver:
        targets = Targets(sms=TwilioTarget(receiver.url, "t"))
        report = await CityTraffic(replace(plan, utterances=(twin,), uploads=()), targets, patience=HASTY).run()
    assert len(receiver.taken) == 2
    assert receiver.taken[0].body == receiver.taken[1].body
    assert report.counts[Channel.SMS].accepted == 2


async def test_channels_without_target_are_skipped_and_reported(tmp_path: Path, now: datetime) -> None:
    plan = plan_city(12, 60, now=now)
    report = await CityTraffic(plan, Targets(water=SqlTarget(tmp_path / "a.db"))).run()
    assert set(report.counts) == {Channel.WATER}
    assert sum(report.skipped.values()) + report.counts[Channel.WATER].sent == 60


async def test_the_album_does_not_wait_for_itself_and_the_next_message_waits_for_it(
    http_receiver: Serve, now: datetime
) -> None:
    plan = plan_city(13, 400, now=now)
    burst = next(said.burst for said in plan.utterances if said.burst is not None)
    images = tuple(said for said in plan.utterances if said.burst == burst)
    later = replace(images[-1], burst=None, external_id="wamid.later", at=now)
    small = replace(plan, utterances=(*images, later), uploads=())
    # No image is answered before all five are there, which never comes if they wait for each other.
    async with http_receiver(together=5) as receiver:
        targets = Targets(whatsapp=WhatsAppTarget(receiver.url, "a"))
        report = await CityTraffic(small, targets, patience=HASTY).run()
    assert len(receiver.taken) == 6
    assert b"wamid.later" in receiver.taken[-1].body
    assert report.counts[Channel.WHATSAPP].accepted == 6


async def test_time_is_compressed(http_receiver: Serve, now: datetime) -> None:
    plan = plan_city(14, 200, now=now)
    chats = frozenset({Channel.SMS})
    schedule = parcels(plan, chats)
    span = (schedule[-1].due - schedule[0].due).total_seconds()
    async with http_receiver() as receiver:
        traffic = CityTraffic(plan, Targets(sms=TwilioTarget(receiver.url, "t")), compression=span / 0.4)
        report = await traffic.run()
    assert report.seconds >= 0.4


async def test_a_busy_server_gets_everything_in_the_end(http_receiver: Serve, now: datetime) -> None:
    plan = plan_city(15, 60, now=now)

    def busy(request: int) -> tuple[int, dict[str, str]]:
        return (503, {"Retry-After": "0"}) if request % 3 == 0 else (200, {})

    async with http_receiver(busy) as receiver:
        report = await CityTraffic(
            plan, Targets(whatsapp=WhatsAppTarget(receiver.url, "a")), patience=replace(HASTY, tries=10), concurrency=4
        ).run()
    counts = report.counts[Channel.WHATSAPP]
    assert counts.accepted == counts.sent
    assert counts.retries == sum(1 for n in range(len(receiver.taken)) if n % 3 == 0)
