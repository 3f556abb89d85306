"""The transports that hold a connection keep the contract, too: against real servers where there are some."""

import asyncio
import json
import smtplib
import uuid
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]  # it has no types
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]  # likewise
from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.contract.suite import TransportContract
from connectors.imap.poller import MailboxPoller
from connectors.kafka_source.poller import TopicPoller
from connectors.rest.poller import RestPoller
from connectors.settings import SmtpSettings
from connectors.smpp.receiver import ShortMessageReceiver
from connectors.smtp.receiver import SmtpReceiver
from connectors.source import Source
from connectors.tables import CURSORS, SEEN
from connectors.transports import Surroundings
from sandbox.listening import Listening
from tests.connectors.conftest import make_channel
from tests.connectors.smpp.smsc import Smsc, delivery
from tools.services.dovecot import DovecotServer

LOOPBACK = ("127.0.0.1",)
PATIENCE = 20.0


def mail_of(ident: str, sender: str, text: str) -> bytes:
    head = f"From: {sender.replace(' ', '')} <w@contoh.example>\r\nMessage-ID: <{ident}>\r\n"
    return f"{head}Date: Tue, 24 Nov 2026 14:05:00 +0700\r\n\r\n{text}\r\n".encode()


MAIL = {"decode": "rfc822", "external_id": "message_id", "sender": "from.name"}


class SmtpRig:
    """A mail server that keeps each mail until it hears 250; one without an id is spam, and given up."""

    secrets: Sequence[str] = ()
    hosts: Collection[str] = LOOPBACK

    def __init__(self) -> None:
        channel = make_channel("surel", {"transport": "smtp", **MAIL}, {"text": "text"})
        self._source = Source("surel", "dinas-air", channel, settings={"default": True})
        self._mails: list[tuple[str, bytes]] = []
        self._heard: list[str] = []

    async def put(self, ident: str, sender: str, text: str) -> None:
        self._mails.append((ident, mail_of(ident, sender, text)))

    async def put_bad(self) -> None:
        self._mails.append(("", b"\x01\xff\xfe no mail at all\r\n"))

    async def serve(self, surroundings: Surroundings) -> None:
        receiver = SmtpReceiver([self._source], surroundings.acceptance, SmtpSettings(port=0))
        await receiver.start()
        try:
            await asyncio.to_thread(self._send, receiver.port)
        finally:
            await receiver.stop()

    def _send(self, port: int) -> None:
        for ident, content in [each for each in self._mails if each[0] not in self._heard]:
            with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
                client.ehlo("warga.example")
                client.mail("w@contoh.example")
                client.rcpt("pengaduan@kota.example")
                code, _ = client.data(content)
            if code == 250:
                self._heard.append(ident)

    async def acknowledged(self) -> Collection[str]:
        return [ident for ident in self._heard if ident]

    async def offer_again(self) -> None:
        self._heard = []


class ImapRig:
    """A mailbox on a real Dovecot; mails that lie in another folder were taken."""

    hosts: Collection[str] = LOOPBACK

    def __init__(self, dovecot: DovecotServer) -> None:
        self._dovecot = dovecot
        self._user = f"kotak-{uuid.uuid4().hex[:10]}"
        self._taken = dovecot.mailbox(self._user, "Selesai")
        self._new: list[bytes] = []
        self.secrets: Sequence[str] = (dovecot.password,)

    async def put(self, ident: str, sender: str, text: str) -> None:
        self._new.append(mail_of(ident, sender, text))

    async def put_bad(self) -> None:
        self._new.append(b"\x01\xff\xfe no mail at all")

    async def serve(self, surroundings: Surroundings) -> None:
        self._dovecot.deliver(self._user, self._new)  # at once, so that their order is known
        self._new.clear()
        source = Source(
            "kotak",
            "dinas-air",
            make_channel("kotak", {"transport": "imap", **MAIL}, {"text": "text"}),
            secrets={"password": tuple(self.secrets)},
            settings={
                "host": "127.0.0.1", "port": self._dovecot.port, "security": "none", "user": self._user,
                "after": "move Selesai", "timeout": PATIENCE,
            },
        )  # fmt: skip
        poller = MailboxPoller(
            source, surroundings.acceptance, surroundings.cursors, surroundings.leases, surroundings.clock
        )
        await poller._rounds.one()
        await poller.close()

    async def acknowledged(self) -> Collection[str]:
        mails = [path.read_bytes() for path in self._files()]
        return [each.partition(b"Message-ID: <")[2].partition(b">")[0].decode() for each in mails if b"<" in each]

    async def offer_again(self) -> None:
        for path in self._files():
            self._new.append(path.read_bytes())
            path.unlink()

    def _files(self) -> list[Path]:
        return [file for part in ("cur", "new") for file in sorted((self._taken / part).iterdir())]


class _Asked:
    """A source that is asked, and acknowledges nothing itself: what counts is how far our own tables say we are."""

    secrets: Sequence[str] = ()
    hosts: Collection[str] = LOOPBACK
    name = ""
    _forget = False
    _around: Surroundings | None = None

    async def offer_again(self) -> None:
        """As if our tables were lost."""
        self._forget = True

    async def _begin(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        if self._forget:
            async with surroundings.cursors._store.writing() as connection:
                await connection.execute(delete(CURSORS))
                await connection.execute(delete(SEEN))
            self._forget = False


class RestRig(_Asked):
    """An agency's API."""

    secrets: Sequence[str] = ("kunci-yang-rahasia",)

    def __init__(self) -> None:
        self._items: list[dict[str, Any]] = []
        self._listening = Listening(Starlette(routes=[Route("/aduan", self._list)]))

    async def __aenter__(self) -> Self:
        await self._listening.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._listening.stop()

    async def _list(self, request: Request) -> JSONResponse:
        known = request.headers.get("x-kunci") == self.secrets[0]
        return JSONResponse({"data": self._items}) if known else JSONResponse({}, 401)

    async def put(self, ident: str, sender: str, text: str) -> None:
        self._items.append({"id": ident, "dari": sender, "isi": text})

    async def put_bad(self) -> None:
        self._items.append({"id": {"bukan": "nomor"}})

    async def serve(self, surroundings: Surroundings) -> None:
        await self._begin(surroundings)
        channel = make_channel(
            "api",
            {
                "transport": "rest",
                "poll": {"path": "/aduan", "auth": {"kind": "header", "name": "X-Kunci", "secret": "kunci"}},
                "split": {"each": [{"list": "body.data", "as": "aduan"}], "keep": {"aduan": "aduan"}},
                "external_id": "aduan.id",
                "sender": "aduan.dari",
            },
            {"text": "aduan.isi"},
        )
        secrets = {"kunci": tuple(self.secrets)}
        source = Source("api", "dinas-air", channel, settings={"url": self._listening.url}, secrets=secrets)
        poller = RestPoller(
            source, surroundings.acceptance, surroundings.cursors, surroundings.leases, surroundings.clock
        )
        await poller._rounds.one()
        await poller.close()

    async def acknowledged(self) -> Collection[str]:
        assert self._around is not None
        idents = [each["id"] for each in self._items if isinstance(each["id"], str)]
        unseen = await self._around.cursors.unseen("api", idents)
        return [ident for ident in idents if ident not in unseen]


class TopicRig(_Asked):
    """A topic of an agency, on a real broker."""

    def __init__(self, url: str, topic: str) -> None:
        self._url, self._topic = url, topic
        self._server = url.removeprefix("kafka://").rstrip("/")
        self._idents: list[str] = []
        self._producer = AIOKafkaProducer(bootstrap_servers=self._server)

    async def __aenter__(self) -> Self:
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self._server)
        await self._admin.start()
        await self._admin.create_topics([NewTopic(self._topic, 1, 1)])
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()
        await self._admin.delete_topics([self._topic])
        await self._admin.close()

    async def put(self, ident: str, sender: str, text: str) -> None:
        await self._write(ident, json.dumps({"id": ident, "dari": sender, "isi": text}).encode())

    async def put_bad(self) -> None:
        await self._write("", b"{no json")

    async def _write(self, ident: str, value: bytes) -> None:
        await self._producer.send_and_wait(self._topic, value)
        self._idents.append(ident)

    async def serve(self, surroundings: Surroundings) -> None:
        await self._begin(surroundings)
        channel = make_channel(
            "topik",
            {"transport": "kafka", "external_id": "value.id", "sender": "value.dari"},
            {"text": "value.isi"},
        )
        source = Source("topik", "dinas-air", channel, settings={"kafka": self._url, "topic": self._topic})
        poller = TopicPoller(
            source, surroundings.acceptance, surroundings.cursors, surroundings.leases, surroundings.clock
        )
        async with asyncio.timeout(PATIENCE):
            while await self._reached() < len(self._idents) and await poller._rounds.one():
                continue
        await poller.close()

    async def acknowledged(self) -> Collection[str]:
        return [ident for ident in self._idents[: await self._reached()] if ident]

    async def _reached(self) -> int:
        assert self._around is not None
        state = await self._around.cursors.load("topik")
        return int(state["partitions"]["0"][0]) if state.get("partitions") else 0


class SmppRig:
    """A simulated SMSC, which sends what was not confirmed."""

    hosts: Collection[str] = LOOPBACK

    def __init__(self, smsc: Smsc) -> None:
        self._smsc = smsc
        self.secrets: Sequence[str] = (smsc.password,)
        self._bodies: dict[str, bytes] = {}

    async def put(self, ident: str, sender: str, text: str) -> None:
        number = "".join(filter(str.isdigit, sender))
        self._bodies[ident] = delivery(text.encode(), number, service=ident)
        self._smsc.put(ident, self._bodies[ident])

    async def put_bad(self) -> None:
        self._smsc.put("", b"\xff\xff")

    async def serve(self, surroundings: Surroundings) -> None:
        channel = make_channel(
            "sms", {"transport": "smpp", "external_id": "service_type", "sender": "from"}, {"text": "text"}
        )
        secrets = {"password": tuple(self.secrets)}
        source = Source("sms", "dinas-air", channel, settings=self._smsc.settings(), secrets=secrets)
        receiver = ShortMessageReceiver(
            source,
            surroundings.acceptance,
            surroundings.cursors,
            surroundings.leases,
            surroundings.clock,
            wait=0.02,
        )
        async with asyncio.timeout(PATIENCE):
            while await receiver._rounds.one() and self._smsc.held:
                continue
            await receiver.close()
            await self._smsc.until(lambda: not self._smsc.bound)

    async def acknowledged(self) -> Collection[str]:
        return [ident for ident in self._smsc.confirmed if ident]

    async def offer_again(self) -> None:
        self._smsc.confirmed.clear()
        for ident, body in self._bodies.items():
            self._smsc.put(ident, body)


class TestSmtp(TransportContract):
    @pytest.fixture
    def rig(self) -> SmtpRig:
        return SmtpRig()


class TestImap(TransportContract):
    @pytest.fixture
    def rig(self, dovecot: DovecotServer) -> ImapRig:
        return ImapRig(dovecot)


class TestRest(TransportContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[RestRig]:
        async with RestRig() as rig:
            yield rig


class TestTopic(TransportContract):
    @pytest.fixture
    async def rig(self, kafka: str, kafka_prefix: str) -> AsyncIterator[TopicRig]:
        async with TopicRig(kafka, f"{kafka_prefix}aduan") as rig:
            yield rig


class TestSmpp(TransportContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[SmppRig]:
        async with Smsc() as smsc:
            yield SmppRig(smsc)
