"""Messages come once, in whatever way the connection, the log, the SMSC or we ourselves fail."""

import asyncio
import json
import ssl
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connectors.checks import faults, missing_secrets
from connectors.leases import LeaseLost, Leases
from connectors.probing import probed
from connectors.settings import ConnectorSettings
from connectors.smpp.doubts import Doubts
from connectors.smpp.failures import AlreadyLoggedIn, BindRefused, SmscUnavailable
from connectors.smpp.receiver import ShortMessageReceiver
from recipes.mapped import Mapped
from runtime.bus.protocol import BusUnavailable, Record
from runtime.clock import system_clock
from tests.certificates import Authority
from tests.connectors.smpp.conftest import Post
from tests.connectors.smpp.smsc import DATA, ENQUIRE, RESPONSE, UNBIND, Smsc, data_delivery, delivery, frame, tlv

OK, NOT_NOW, NEVER, THROTTLED = 0x00, 0x64, 0x65, 0x58
NACK = 0x80000000
BOTH_STORES = pytest.mark.parametrize("dialect", ["sqlite", "postgresql"], indirect=True)


async def test_parts_emoji_names_and_receipts(post: Post) -> None:
    text = "Lampu jalan mati 😡"
    octets, head = text.encode("utf-16-be"), bytes.fromhex("0500030702")
    post.smsc.put("b", delivery(head + b"\x02" + octets[10:], esm=0x40, coding=8))
    post.smsc.put("a", delivery(head + b"\x01" + octets[:10], esm=0x40, coding=8))
    post.smsc.put("c", delivery(b"INFO", "INFOKOTA", ton=5))
    post.smsc.put("d", delivery(b"id:1 stat:DELIVRD", esm=0x04))
    post.smsc.put("e", data_delivery("hujan".encode("utf-16-be"), "6281100000231"), DATA)
    receiver = post.receiver()
    await post.until_taken(receiver)
    await receiver.round()
    assert sorted(post.smsc.confirmed) == ["a", "b", "c", "d", "e"]
    raws = await post.ground.raws()
    assert len(raws) == 4
    assert len({raw.conversation for raw in raws}) == 2
    source, parts = receiver.source, dict[int | None, Mapped]()
    for raw in raws:
        assert raw.payload is not None
        payload = post.ground.sealer.open(raw.payload, subject=str(raw.message_id), field="payload")
        mapped = source.channel.map(payload, raw.media_type, zone=source.zone)
        assert isinstance(mapped, Mapped)
        parts[mapped.sequence] = mapped
    assert f"{parts[1].text}{parts[2].text}" == text
    assert parts[1].group == parts[2].group == "+6281100000231:7:2"


@BOTH_STORES
async def test_a_message_whose_answer_was_lost_comes_once(post: Post) -> None:
    post.smsc.hold_answers = True
    post.smsc.put("a", delivery(b"Lampu mati"))
    post.smsc.put("b", delivery(b"Lampu mati"))
    first = post.receiver()
    while len(await post.ids()) < 2:
        await first.round()
    assert post.smsc.confirmed == []
    post.smsc.hang_up()  # and the process is killed
    post.smsc.hold_answers = False
    second = post.receiver()
    await post.until_taken(second)
    ids = await post.ids()
    assert (len(ids), len(set(ids))) == (4, 2), "two messages with the same words, each sent twice"
    await post.until_sure(second)
    post.smsc.put("c", delivery(b"Lampu mati"))
    await post.until_taken(second)
    assert len(set(await post.ids())) == 3, "the lamp of Monday is not that of Friday"


async def test_a_process_that_ends_in_good_order_leaves_no_doubt(post: Post) -> None:
    first = post.receiver()
    post.smsc.put("a", delivery(b"Lampu mati"))
    await post.until_taken(first)
    await first.close()
    assert post.smsc.unbinds == 1
    second = post.receiver()
    post.smsc.put("b", delivery(b"Lampu mati"))
    await post.until_taken(second)
    assert len(set(await post.ids())) == 2


async def test_the_smsc_keeps_what_the_log_does_not_take(post: Post) -> None:
    receiver = post.receiver()
    await receiver.round()
    post.ground.log.away = True
    post.smsc.put("a", delivery(b"Lampu mati"))
    held = post.smsc.held["a"]
    with pytest.raises(BusUnavailable):
        await post.until_trouble(receiver)
    await post.smsc.until(lambda: not post.smsc.bound)
    assert (held.statuses, post.smsc.confirmed) == ([NOT_NOW], [])
    assert post.smsc.unbinds == 1, "while nothing can be stored, we are not there"
    post.ground.log.away = False
    await post.until_taken(receiver)
    assert len(await post.ids()) == 1


async def test_what_the_log_took_without_saying_so_comes_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = post.receiver()
    publish = post.ground.log.publish

    async def silent(topic: str, records: Sequence[Record]) -> None:
        await publish(topic, records)
        raise BusUnavailable("nobody knows")

    post.smsc.put("a", delivery(b"Lampu mati"))
    with monkeypatch.context() as patch:
        patch.setattr(post.ground.log, "publish", silent)
        with pytest.raises(BusUnavailable):
            await post.until_trouble(receiver)
    await post.until_taken(receiver)
    ids = await post.ids()
    assert (len(ids), len(set(ids))) == (2, 1)


async def test_garbage_holds_nothing_up(post: Post) -> None:
    receiver, smsc = post.receiver(), post.smsc
    await receiver.round()
    smsc.put("a", delivery(b"satu"))
    strange = smsc.ask(0x4711)
    sms = smsc.ask(0x05, b"\xff\xff")
    huge = smsc.ask(0x05, b"\0" * 200_000)
    link = smsc.ask(ENQUIRE)
    smsc.ask(0x102, b"\0\0\0x\0\0\0y\0")  # has no answer
    smsc.raw(frame(0x80000015, 0, 999) + frame(NACK, 3, 998))
    smsc.put("b", delivery(b"dua"))
    await post.until_taken(receiver)
    await smsc.until(lambda: len(smsc.heard_back) == 4)
    assert set(smsc.heard_back) == {
        (NACK, 0x03, strange),
        (0x05 | RESPONSE, OK, sms),
        (0x05 | RESPONSE, NEVER, huge),
        (ENQUIRE | RESPONSE, OK, link),
    }
    raws = await post.ground.raws()
    assert [raw.defect is None for raw in raws] == [True, False, True]
    smsc.raw(struct.pack("!IIII", 7, 5, 0, 1))
    with pytest.raises(SmscUnavailable, match="does not speak SMPP as it should"):
        await post.until_trouble(receiver)
    smsc.put("c", delivery(b"tiga"))
    await post.until_taken(receiver)
    assert len(smsc.binds) == 2


async def test_memory_is_bounded_while_nobody_takes(post: Post) -> None:
    receiver = post.receiver(window=3)
    await receiver.round()
    for number in range(5):
        post.smsc.put(f"m{number}", delivery(f"Lampu {number}".encode()))
    late = [post.smsc.held[f"m{number}"] for number in (3, 4)]
    await post.smsc.until(lambda: all(each.statuses for each in late))
    assert [each.statuses for each in late] == [[THROTTLED], [THROTTLED]]
    await receiver.round()
    post.smsc.again()
    await post.until_taken(receiver)
    assert len(set(await post.ids())) == 5


async def test_an_smsc_that_is_deaf_or_leaves_is_told_and_tried_again(post: Post) -> None:
    receiver, smsc = post.receiver(enquire=0.05, timeout=0.3), post.smsc
    await receiver.round()
    await smsc.until(lambda: smsc.enquired)
    smsc.deaf = True
    with pytest.raises(SmscUnavailable, match="does not answer"):
        await post.until_trouble(receiver)
    smsc.deaf = False
    smsc.hang_up()
    await receiver.round()
    smsc.ask(UNBIND)
    with pytest.raises(SmscUnavailable, match="has logged us out"):
        await post.until_trouble(receiver)
    await receiver.round()
    smsc.hang_up()
    with pytest.raises(SmscUnavailable, match=r"has hung up|is lost"):
        await post.until_trouble(receiver)
    smsc.put("a", delivery(b"Lampu mati"))
    await post.until_taken(receiver)


@BOTH_STORES
async def test_of_two_processes_one_is_logged_in(post: Post) -> None:
    mine, yours = post.several(), post.several()
    first, second = post.receiver(around=mine), post.receiver(around=yours)
    assert await first.round() == 0
    assert await second.round() is None
    assert post.smsc.binds == [OK]
    await first.close()
    await mine.leases.release()
    second = post.receiver(around=post.several())  # which did not ask a moment ago
    assert await second.round() == 0
    assert post.smsc.binds == [OK, OK]
    post.smsc.put("a", delivery(b"Lampu mati"))
    await post.until_taken(second)


async def test_whoever_lost_the_source_stores_nothing_more(post: Post) -> None:
    receiver = post.receiver()
    await receiver.round()
    await post.ground.surroundings().leases.hold("sms")  # another process that thinks itself alone
    post.smsc.put("a", delivery(b"Lampu mati"))
    held = post.smsc.held["a"]
    with pytest.raises(LeaseLost):
        await post.until_trouble(receiver)
    assert (await post.ids(), held.statuses) == ([], [NOT_NOW])


async def _words(post: Post, receiver: ShortMessageReceiver) -> str:
    return " ".join([each.words async for each in probed([receiver.source], system_clock)])


async def test_a_refused_login_is_said_clearly_and_tried_slowly(post: Post) -> None:
    wrong = post.receiver(post.source("salah"))
    words = 'refuses the password: correct the secret "password"'
    with pytest.raises(BindRefused, match=words):
        await wrong.round()
    assert words in await _words(post, wrong)
    stopping, tries = asyncio.Event(), len(post.smsc.binds)
    with capture_logs() as lines:
        running = asyncio.create_task(wrong.run(stopping))
        await post.smsc.until(lambda: wrong.problem)
        stopping.set()
        await running
    assert len(post.smsc.binds) == tries + 1
    assert "salah" not in str(lines)
    assert words in str(lines)
    with pytest.raises(BindRefused, match="does not know our `system_id`"):
        await post.receiver(system_id="lain").round()
    rotated = post.receiver(post.source("salah", post.smsc.password))
    assert await rotated.round() == 0
    assert "logged in already: by a Muara that runs" in await _words(post, rotated)
    with pytest.raises(AlreadyLoggedIn):
        await post.receiver().round()
    await rotated.close()
    await post.smsc.until(lambda: not post.smsc.bound)
    assert f"127.0.0.1:{post.smsc.port} lets us in as receiver" in await _words(post, rotated)


async def test_nobody_there_and_no_smsc(post: Post, tmp_path: Path) -> None:
    async with Smsc() as gone:
        port = gone.port
    with pytest.raises(SmscUnavailable, match="nobody listens"):
        await post.receiver(port=port).round()
    with pytest.raises(SmscUnavailable, match="is not there, or is no PEM file"):
        await post.receiver(security="tls", ca_file=tmp_path / "tiada.pem").round()
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(SmscUnavailable, match="before it let us in"):
            await post.receiver(port=port).round()


async def test_over_tls(post: Post, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("smsc"))
    async with Smsc(tls=context) as smsc:
        post.smsc = smsc
        smsc.put("a", delivery(b"", optional=tlv(0x0424, b"Lampu mati")))
        await post.until_taken(post.receiver(security="tls", ca_file=authority.file))
        with pytest.raises(SmscUnavailable, match="is not trusted"):
            await post.receiver(security="tls").round()
    raws = await post.ground.raws()
    assert raws[0].payload is not None
    payload = post.ground.sealer.open(raws[0].payload, subject=str(raws[0].message_id), field="payload")
    assert json.loads(payload)["text"] == "Lampu mati"


async def test_a_late_answer_leaves_a_doubt(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.smpp.receiver._LATE", -1.0)
    receiver = post.receiver()
    for ident in ("a", "the SMSC had given up waiting"):
        post.smsc.put(ident, delivery(b"Lampu mati"))
        await post.until_taken(receiver)
        await receiver.round()
    ids = await post.ids()
    assert (len(ids), len(set(ids))) == (2, 1)


def test_what_is_never_sent_again_is_forgotten() -> None:
    doubts = Doubts({}, within=100.0)
    first = doubts.name("lampu", 0.0)
    assert doubts.name("lampu", 1.0) != first, "the first one is still being taken"
    again = Doubts(doubts.to_state(2.0), within=100.0)
    assert again.name("lampu", 3.0) == first
    assert again.name("lampu", 200.0) not in (first, None)
    assert len(Doubts(again.to_state(250.0), within=100.0).to_state(250.0)["doubts"]) == 1


async def test_a_paused_source_is_logged_out(post: Post) -> None:
    paused = set[str]()
    leases = Leases(post.ground.store, system_clock, alone=True, paused=lambda source: source in paused)
    receiver = post.receiver(around=replace(post.ground.surroundings(), leases=leases))
    await receiver.round()
    paused.add("sms")
    assert await receiver.round() is None
    await post.smsc.until(lambda: not post.smsc.bound)
    post.smsc.put("a", delivery(b"Lampu mati"))
    assert (await receiver.round(), await post.ids()) == (None, [])
    paused.clear()
    await post.until_taken(receiver)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": ""}, 'source "sms": host: '),
        ({"system_id": None}, 'source "sms": system_id: '),
        ({"bind": "transmitter"}, "'receiver' or 'transceiver'"),
        ({"alphabet": "ebcdic"}, "alphabet: Input should be 'gsm'"),
        ({"system_type": "a\0b"}, "system_type: "),
    ],
)
async def test_wrong_settings_are_told_before_anything_starts(
    post: Post, settings: dict[str, object], words: str
) -> None:
    source = post.source(**settings)
    (found,) = faults([source], ConnectorSettings())
    assert words in found
    assert [each async for each in probed([source], system_clock)] == []


async def test_a_missing_password_is_told_and_stops_nothing_else(post: Post) -> None:
    source = replace(post.source(), secrets={})
    assert faults([source], ConnectorSettings()) == []
    (missing,) = missing_secrets([source])
    assert 'has no secret "password"' in missing
    receiver = post.receiver(source)
    assert not await receiver._rounds.one()
    assert receiver.problem == missing
    assert post.smsc.binds == []


async def test_a_process_that_stops_waits_for_no_silent_smsc(post: Post) -> None:
    post.smsc.mute = True
    receiver, stopping = post.receiver(timeout=300), asyncio.Event()
    running = asyncio.create_task(receiver.run(stopping))
    await post.smsc.until(lambda: post.smsc.met)
    stopping.set()
    async with asyncio.timeout(20):
        await running
    assert receiver.problem is None
