"""The mail server, spoken to by a real client over a real socket."""

import asyncio
import json
import smtplib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, TypeVar

import pytest
import structlog
import uvloop

from connectors.settings import MIB, SmtpSettings
from connectors.smtp.crowd import Crowd, place_of
from connectors.smtp.mailboxes import AddressTaken, Mailboxes
from connectors.smtp.receiver import SmtpReceiver
from connectors.source import Source
from recipes.channel import Channel

from .conftest import House, make_channel

T = TypeVar("T")
FROM, TO, OTHER = "warga@example.org", "pengaduan@dinas-air.example", "pengaduan@rsud.example"


@pytest.fixture
def mail() -> Channel:
    return make_channel(
        "surel",
        {"transport": "smtp", "decode": "rfc822", "external_id": "message_id"},
        {"text": "text"},
    )


@pytest.fixture
def source(make_source: Callable[..., Source], mail: Channel) -> Source:
    return make_source(mail, settings={"address": TO})


@asynccontextmanager
async def server(house: House, *sources: Source, **settings: Any) -> AsyncIterator[SmtpReceiver]:  # noqa: ANN401
    receiver = SmtpReceiver(sources, house.acceptance, SmtpSettings(port=0, **settings))
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()


async def talk(receiver: SmtpReceiver, session: Callable[[smtplib.SMTP], T]) -> T:
    """A session in a thread, as a client far away would hold it."""

    def run() -> T:
        with smtplib.SMTP("127.0.0.1", receiver.port, timeout=10) as client:
            return session(client)

    return await asyncio.to_thread(run)


def letter(body: str = "Air mati sejak kemarin", message_id: str = "<a1@example.org>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = FROM, TO, "Air mati", message_id
    message.set_content(body)
    return message


def data(content: bytes, sender: str = FROM, *recipients: str) -> Callable[[smtplib.SMTP], tuple[int, bytes]]:
    """A session that sends bytes as they are."""

    def session(client: smtplib.SMTP) -> tuple[int, bytes]:
        client.ehlo()
        client.mail(sender, ["BODY=8BITMIME"])
        for recipient in recipients or (TO,):
            client.rcpt(recipient)
        return client.data(content)

    return session


async def test_a_mail_is_durable_before_250(house: House, source: Source) -> None:
    async with server(house, source) as receiver:
        refused = await talk(receiver, lambda client: client.send_message(letter()))
    assert refused == {}
    [raw] = await house.raws()
    assert raw.media_type == "message/rfc822"
    assert house.external_id(raw) == "a1@example.org"
    kept = await house.payload(raw)
    assert kept.startswith(b"Return-Path: <warga@example.org>\r\n")
    assert b"Air mati sejak kemarin" in kept


async def test_bytes_come_through_as_they_are(house: House, source: Source) -> None:
    body = b"Subject: uji\r\nMessage-ID: <b@example.org>\r\n\r\n.titik\r\n..dua titik\r\n"
    body += b"NUL \x00 latin-1 \xe9 utf-8 \xc3\xa9\r\n"
    body += b"<p>" + b"panjang " * 20_000 + b"</p>\r\n"
    async with server(house, source) as receiver:
        code, _ = await talk(receiver, data(body))
    assert code == 250
    [raw] = await house.raws()
    assert await house.payload(raw) == b"Return-Path: <warga@example.org>\r\n" + body


async def test_the_null_sender_of_bounces_is_kept(house: House, source: Source) -> None:
    async with server(house, source) as receiver:
        code, _ = await talk(receiver, data(letter().as_bytes(), ""))
    assert code == 250
    [raw] = await house.raws()
    assert (await house.payload(raw)).startswith(b"Return-Path: <>\r\n")


async def test_addresses_in_utf8(house: House, source: Source) -> None:
    def session(client: smtplib.SMTP) -> dict[str, tuple[int, bytes]]:
        return client.send_message(letter(), "wargá@example.org", [TO], ["SMTPUTF8", "BODY=8BITMIME"])

    async with server(house, source) as receiver:
        assert await talk(receiver, session) == {}
    [raw] = await house.raws()
    assert (await house.payload(raw)).startswith("Return-Path: <wargá@example.org>\r\n".encode())


async def test_recipients_of_several_sources_are_a_message_each(
    house: House, source: Source, make_source: Callable[..., Source], mail: Channel
) -> None:
    other = make_source(mail, id="surel-rsud", agency="rsud", settings={"addresses": [OTHER]})
    recipients = (TO.upper(), "pengaduan+rt3@dinas-air.example", OTHER)
    async with server(house, source, other) as receiver:
        code, _ = await talk(receiver, data(letter().as_bytes(), FROM, *recipients))
    assert code == 250
    assert sorted(raw.source for raw in await house.raws()) == ["sumber-1", "surel-rsud"]
    assert house.bus.publications == 1, "durable for all of them, or for none"


async def test_unknown_recipients_are_550(house: House, source: Source) -> None:
    def session(client: smtplib.SMTP) -> int:
        client.ehlo()
        client.mail(FROM)
        return client.rcpt("siapa@lain.example")[0]

    async with server(house, source) as receiver:
        assert await talk(receiver, session) == 550
    assert house.counted("unknown", "unknown_recipient") == 1


async def test_recipients_beyond_a_hundred_come_in_another_mail(house: House, source: Source) -> None:
    def session(client: smtplib.SMTP) -> list[int]:
        client.ehlo()
        client.mail(FROM)
        return [client.rcpt(TO)[0] for _ in range(101)]

    async with server(house, source) as receiver:
        codes = await talk(receiver, session)
    assert codes == [250] * 100 + [452]


async def test_log_away_is_451_and_nothing_is_lost_after_the_retry(house: House, source: Source) -> None:
    async with server(house, source) as receiver:
        house.bus.away = True
        refused, _ = await talk(receiver, data(letter().as_bytes()))
        house.bus.away = False
        taken, _ = await talk(receiver, data(letter().as_bytes()))
    assert (refused, taken) == (451, 250)
    assert len(await house.raws()) == 1
    assert house.counted("surel", "unavailable") == 1


async def test_too_large_is_552_announced_or_not(house: House, source: Source) -> None:
    def announced(client: smtplib.SMTP) -> int:
        client.ehlo()
        return client.mail(FROM, ["SIZE=5000"])[0]

    async with server(house, source, max_size=4096) as receiver:
        assert await talk(receiver, announced) == 552
        code, _ = await talk(receiver, data(b"Subject: x\r\n\r\n" + b"isi\r\n" * 2000))
    assert code == 552
    assert await house.raws() == []


async def test_a_line_without_end_is_cut_off(house: House, source: Source) -> None:
    def flood() -> int:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
            peer.sendall(f"EHLO x\r\nMAIL FROM:<{FROM}>\r\nRCPT TO:<{TO}>\r\nDATA\r\n".encode())
            sent = 0
            try:
                while sent < 64 * MIB:
                    peer.sendall(b"x" * MIB)
                    sent += MIB
            except OSError:
                pass  # the server has had enough: how much it took is what counts
            return sent

    async with server(house, source, max_size=MIB) as receiver:
        port = receiver.port
        assert await asyncio.to_thread(flood) < 64 * MIB


async def test_whoever_only_sits_there_gives_way_and_a_mail_that_runs_never_does(house: House, source: Source) -> None:
    """More connect than there is room for and say nothing; those within a mail, and honest senders, get through."""

    def reader(peer: socket.socket) -> bytes:
        peer.settimeout(10)
        return peer.recv(1000)

    def crowd() -> list[bytes]:
        with ExitStack() as stack:
            peers = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(3)]
            greetings = [reader(peer) for peer in peers]
            busy, *idle = peers
            busy.sendall(b"HELO x\r\n")
            reader(busy)
            busy.sendall(f"MAIL FROM:<{FROM}>\r\n".encode())
            reader(busy)
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as honest:
                honest.send_message(letter())
            found = [*greetings, reader(idle[0])]
            busy.sendall(f"RCPT TO:<{TO}>\r\n".encode())
            return [*found, reader(busy)]

    async with server(house, source, max_connections=3) as receiver:
        port = receiver.port
        *greetings, idlest, busy = await asyncio.to_thread(crowd)
    assert all(each.startswith(b"220 ") for each in greetings)
    assert idlest.startswith(b"421 4.3.2"), "the one that was silent for longest is told to come again"
    assert busy.startswith(b"250 ")
    assert len(await house.raws()) == 1


@pytest.mark.parametrize("bound", [{"max_connections": 1}, {"max_connections_per_address": 1}])
async def test_a_connection_too_many_is_421_where_all_hand_over_mails(
    house: House, source: Source, bound: dict[str, int]
) -> None:
    async with server(house, source, **bound) as receiver:

        def second(client: smtplib.SMTP) -> int:
            client.ehlo()
            client.mail(FROM)
            with smtplib.SMTP(timeout=10) as another:
                code, _ = another.connect("127.0.0.1", receiver.port)
                another.close()
                return code

        assert await talk(receiver, second) == 421
        assert (await talk(receiver, lambda client: client.noop()))[0] == 250


def test_the_loop_that_services_run_on_does_the_same(house: House, source: Source) -> None:
    async def greeted() -> tuple[bytes, bytes, bytes]:
        async with server(house, source, max_connections_per_address=1) as receiver:
            first, one = await asyncio.open_connection("127.0.0.1", receiver.port)
            welcome = await asyncio.wait_for(first.readline(), 10)
            second, other = await asyncio.open_connection("127.0.0.1", receiver.port)
            said = welcome, await asyncio.wait_for(second.readline(), 10), await asyncio.wait_for(first.readline(), 10)
            for each in (one, other):
                each.close()
                await each.wait_closed()
            return said

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # its transports are none of asyncio's classes
        one, other, gone = runner.run(greeted())
    assert one.startswith(b"220 ")
    assert other.startswith(b"220 ")
    assert gone.startswith(b"421 4.3.2")


def test_of_many_addresses_the_one_with_the_most_connections_gives_way() -> None:
    @dataclass(eq=False)
    class Sitting:
        place: str
        quiet_since: float
        in_mail: bool = False
        gone: bool = False

        def give_way(self) -> None:
            self.gone = True

    crowd = Crowd(4, 3)
    alone, *many = (Sitting("a", 0.0), Sitting("b", 3.0), Sitting("b", 2.0), Sitting("b", 1.0, in_mail=True))
    for each in (alone, *many):
        crowd.enter(each)
    assert crowd.has_room("c")
    assert [each.gone for each in (alone, *many)] == [False, False, True, False]
    assert place_of("2001:db8::1") == place_of("2001:db8::ffff") != place_of("2001:db8:0:1::1")


async def test_hostile_mails_are_dead_letters_at_worst(house: House, source: Source) -> None:
    hostile = [
        b"",
        b"\x00\r\n",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
        b"Subject: =?utf-8?b?!!!?=\r\n\r\n",
        b"Message-ID: \xff\xfe\r\n\r\n",
    ]
    async with server(house, source) as receiver:
        codes = [(await talk(receiver, data(content)))[0] for content in hostile]
    assert codes == [250] * len(hostile)
    assert len(await house.raws()) == len(hostile)


async def test_trap_13_logs_hold_no_address_and_no_text(
    house: House, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with structlog.testing.capture_logs() as entries:
        async with server(house, source) as receiver:
            await talk(receiver, data(letter().as_bytes()))
            house.bus.away = True
            await talk(receiver, data(letter().as_bytes()))
            await talk(receiver, data(letter().as_bytes(), FROM, "siapa@lain.example", TO))
    shown = json.dumps(entries, default=repr) + caplog.text
    assert len(entries) == 3
    for secret in (FROM, TO, "siapa@", "kemarin", "a1@example.org"):
        assert secret not in shown


def test_two_sources_cannot_take_one_address(make_source: Callable[..., Source], mail: Channel) -> None:
    one = make_source(mail, id="satu", settings={"address": TO})
    with pytest.raises(AddressTaken, match='"satu" and "dua" both take'):
        Mailboxes([one, make_source(mail, id="dua", settings={"address": TO.upper()})])
    with pytest.raises(AddressTaken, match="default"):
        Mailboxes([make_source(mail, id=name, settings={"default": True}) for name in ("satu", "dua")])


def test_the_default_source_takes_the_rest(make_source: Callable[..., Source], mail: Channel) -> None:
    named, default = make_source(mail, settings={"address": TO}), make_source(mail, id="d", settings={"default": True})
    boxes = Mailboxes([named, default])
    assert boxes.find(TO) is named
    assert boxes.find("apa@saja.example") is default
