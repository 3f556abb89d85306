"""From a complaint that names files to files that are stored: over a real socket, log and store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select, text

from connectors.media import books
from connectors.media.migrations import SERVICE, VERSIONS
from connectors.media.service import MediaQueue
from connectors.media.tables import JOBS
from connectors.settings import MediaSettings
from connectors.source import Source
from recipes.channel import Channel
from recipes.models import Recipe
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Partition, Record
from runtime.objects.folder import FolderObjects
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent, MediaEvent, MediaWanted
from schemas.parts import Attachment, Reporter
from schemas.topics import COMPLAINTS, MEDIA, WANTED
from tests.stores import OpenStore

from .provider import PHOTO, TOKEN, Provider, running

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def channel(name: str, media: dict[str, Any]) -> Channel:
    receive = {"transport": "webhook", "media": media}
    return Channel(Recipe.model_validate({"channel": name, "title": name, "receive": receive, "map": {"text": "text"}}))


PLAIN = channel("polos", {})
CLOUD = channel(
    "awan",
    {
        "base": "https://penyedia.example",
        "auth": {"kind": "bearer", "secret": "access_token"},
        "lookup": {"path": "/lama/{id}", "found": "body.url"},
    },
)


GUARDED = channel(
    "seluler",
    {
        "base": "https://penyedia.example",
        "auth": {"kind": "basic", "user": "account", "secret": "token"},
        "anonymous": True,
    },
)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Place:
    """A queue and what it stands on."""

    bus: EmbeddedBus
    store: Store
    sealing: Sealer
    objects: FolderObjects
    provider: Provider
    clock: Clock

    def queue(self, **settings: object) -> MediaQueue:
        source = {"agency": "kominfo", "settings": {"media_url": self.provider.url}}
        return MediaQueue(
            [
                Source(id="polos", channel=PLAIN, **source),  # type: ignore[arg-type]  # any fields
                Source(id="awan", channel=CLOUD, secrets={"access_token": (TOKEN,)}, **source),  # type: ignore[arg-type]  # any fields
                Source(id="seluler", channel=GUARDED, secrets={"token": ("t",)}, **source),  # type: ignore[arg-type]  # any fields
                Source(id="tanpa", channel=CLOUD, agency="kominfo"),
            ],
            bus=self.bus,
            store=self.store,
            sealing=self.sealing,
            objects=self.objects,
            registry=CollectorRegistry(),
            settings=MediaSettings.model_validate({"allow": ["127.0.0.1"], "pause": 5, **settings}),
            clock=self.clock,
            alone=True,
        )

    async def name(self, source: str, *references: str, message: UUID | None = None, historical: bool = False) -> UUID:
        """A complaint whose message names these files."""
        message, complaint = message or uuid4(), uuid4()
        files = tuple(
            Attachment(
                reference=self.sealing.seal(each.encode(), subject=str(complaint), field="reference"),
                message_id=message,
                number=number,
            )
            for number, each in enumerate(references)
        )
        private = self.sealing.seal(b"{}", subject=str(complaint), field="private")
        document = Complaint(
            complaint_id=complaint, revision=1, agency="kominfo", channel="x", source=source, title="", text="",
            reporter=Reporter(), attachments=files, private=private, sent_at=NOW, received_at=NOW, updated_at=NOW,
            historical=historical,
        )  # fmt: skip
        event = ComplaintEvent(event_id=uuid4(), occurred_at=NOW, origin="normalizer", complaint=document)
        await self.bus.publish(COMPLAINTS.name, [Record(str(complaint), event.model_dump_json().encode())])
        return message

    async def ask(self, source: str, reference: str, message: UUID, *, again: bool = False) -> None:
        """A request for a file, as the normalizer makes it when it takes a message in."""
        event = MediaWanted(
            event_id=uuid4(), occurred_at=NOW, origin="normalizer", message_id=message, number=0, source=source,
            again=again, reference=self.sealing.seal(reference.encode(), subject=str(message), field="reference"),
        )  # fmt: skip
        await self.bus.publish(WANTED.name, [Record(str(message), event.model_dump_json().encode())])

    async def jobs(self) -> dict[str, tuple[str, str | None]]:
        """By what was asked for: state and reason."""
        async with self.store.reading() as connection:
            rows = (await connection.execute(select(JOBS))).all()
        return {
            self.sealing.open(row.request, subject=str(row.delivery_id), field="request").decode(): (
                row.state,
                row.reason,
            )
            for row in rows
        }

    async def told(self) -> list[MediaEvent]:
        records = await self.bus.fetch(Partition(MEDIA.name, 0), 0, 1000)
        return [MediaEvent.model_validate_json(record.value) for record in records]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 the queue tells nobody outside
            await asyncio.sleep(0.02)


@pytest.fixture
async def place(open_store: OpenStore, tmp_path: Path) -> AsyncIterator[Place]:
    bus = await EmbeddedBus.open(tmp_path / "log.db", [COMPLAINTS.name, MEDIA.name, WANTED.name])
    sealing = Sealer(bytes(range(32)))
    async with running() as provider:
        yield Place(
            bus, await open_store(SERVICE, VERSIONS), sealing, FolderObjects(tmp_path / "o", sealing), provider, Clock()
        )
    await bus.close()


async def test_files_are_fetched_by_address_and_by_id_and_each_once(place: Place) -> None:
    place.provider.expired.add("/berkas/77/1")  # the first address that is told is too old when it is asked
    queue = place.queue()
    await queue.start()
    plain = await place.name("polos", f"{place.provider.url}/foto.jpg", f"{place.provider.url}/dua-kali")
    cloud = await place.name("awan", "77")
    await place.name("tanpa", "78")
    await place.name("polos", f"{place.provider.url}/foto.jpg", historical=True)

    async def moved() -> bool:
        place.clock.now += timedelta(minutes=1)  # what failed is due again
        return len(await place.told()) == 3

    await until(moved)
    await place.name("polos", f"{place.provider.url}/foto.jpg", message=plain)  # the same message, a later revision
    await place.name("awan", "79")
    await until(lambda: _len(place, 4))
    await queue.stop()
    found = await books.read(place.store)
    told = await place.told()
    assert {(each.message_id, each.number) for each in told[:3]} == {(plain, 0), (plain, 1), (cloud, 0)}
    assert {each.object for each in told} == {told[0].object}, "the same picture is stored once"
    assert told[0].media_type == "image/jpeg"
    assert await place.objects.get(told[0].object) == PHOTO
    assert place.provider.asked("/foto.jpg") == 1
    assert place.provider.asked("/dua-kali") == 2
    assert not any("authorization" in each.headers for each in place.provider.seen if each.path.startswith("/foto"))
    assert {k: v for k, v in found.counts.items() if v} == {"media_wanted": 4, "media_fetched": 4, "media_sources": 3}
    assert all(check.holds for check in found.checks)
    for sabotage in (
        "DELETE FROM connectors_media_jobs WHERE destination = 'awan'",
        "DELETE FROM connectors_media_books",
    ):
        async with place.store.writing() as connection:
            await connection.execute(text(sabotage))
        assert not all(check.holds for check in (await books.read(place.store)).checks)


async def test_a_request_and_the_feed_fetch_a_file_once(place: Place) -> None:
    queue, message, url = place.queue(), uuid4(), f"{place.provider.url}/foto.jpg"
    await place.ask("polos", url, message)
    await place.ask("polos", url, message)
    await place.ask("tidak-ada", url, uuid4())
    await place.bus.publish(WANTED.name, [Record("x", b"{")])
    await place.name("polos", url, message=message)  # both are read at the same instant
    await queue.start()
    await until(lambda: _len(place, 1))
    await place.name("polos", url, message=message)
    await place.ask("awan", "79", uuid4())
    await until(lambda: _len(place, 2))
    await queue.stop()
    assert place.provider.asked("/foto.jpg") == 1
    found = await books.read(place.store)
    assert {k: v for k, v in found.counts.items() if v} == {"media_wanted": 2, "media_fetched": 2, "media_sources": 3}
    assert queue.problems() == []


async def _len(place: Place, number: int) -> bool:
    return len(await place.told()) == number


async def test_the_first_source_with_files_begins_at_the_first_record_kept(place: Place) -> None:
    """What was pruned before anybody fetched was nobody's to read: no loss; what is pruned unread later is one."""
    for _ in range(3):
        await place.name("polos", f"{place.provider.url}/lama.jpg")
    ends = await place.bus.ends(COMPLAINTS.name)
    await place.bus.prune(COMPLAINTS.name, float("inf"), ends)
    message = await place.name("polos", f"{place.provider.url}/foto.jpg")
    queue = place.queue()
    await queue.start()
    await until(lambda: _told(place, 1))
    await queue.stop()
    assert [event.message_id for event in await place.told()] == [message]
    assert (await books.read(place.store)).faults == ()
    await place.name("polos", f"{place.provider.url}/dua-kali")
    await place.bus.prune(COMPLAINTS.name, float("inf"), await place.bus.ends(COMPLAINTS.name))
    again = place.queue()
    await again.start()
    await until(lambda: _faulty(place))
    await again.stop()
    assert (await books.read(place.store)).faults[0].startswith("1 records left the log")


async def _told(place: Place, number: int) -> bool:
    return len(await place.told()) == number


async def _faulty(place: Place) -> bool:
    return bool((await books.read(place.store)).faults)


async def test_what_cannot_be_had_is_refused_or_tried_again_and_delays_nobody(place: Place) -> None:
    url = place.provider.url
    place.provider.elsewhere = lambda: f"http://127.0.0.1:{place.provider.port}/foto.jpg"
    refused = {
        f"{url}/tidak-ada": "404",
        f"{url}/putar": "more than 4 times",
        f"{url}/dalam": "not on the public internet",
        f"{url}/bom": "packs the file",
        f"{url}/program": "goes to nobody; it is kept, sealed, as ",
        f"{url}/panjang": "larger than 100000 bytes",
        f"{url}/tanpa-akhir": "larger than 100000 bytes",
        "http://127.0.0.2/x": "not on the public internet",
        "http://[::ffff:127.0.0.2]/x": "not on the public internet",
        "http://2130706434/x": "not on the public internet",
        "http://169.254.169.254/latest/meta-data": "not on the public internet",
        f"http://kami:rahasia@127.0.0.1:{place.provider.port}/foto.jpg": "no address",
        "https://[::1/x": "no address",
    }
    waiting = {f"{url}/lambat": "no whole answer within", f"{url}/tunggu": "503"}
    queue = place.queue(max_size=100_000, timeout=1, concurrency=16)
    await queue.start()
    await place.name("polos", *refused, *waiting, f"{url}/pindah")

    async def settled() -> bool:
        states = [state for state, _ in (await place.jobs()).values()]
        return (
            states.count("rejected") == len(refused)
            and states.count("delivered") == 1
            and all(reason for state, reason in (await place.jobs()).values() if state == "pending")
        )

    await until(settled)
    await queue.stop()
    jobs = await place.jobs()
    for reference, words in {**refused, **waiting}.items():
        state, reason = next(found for job, found in jobs.items() if f'"{reference}"' in job)
        assert (state == "rejected") == (reference in refused), reference
        assert words in (reason or ""), (reference, reason)
    assert len(await place.told()) == 1
    assert place.provider.asked("/foto.jpg") == 1
    assert all(check.holds for check in (await books.read(place.store)).checks)


async def test_a_wrong_token_holds_the_source_and_is_told(place: Place) -> None:
    queue = place.queue()
    queue.fetchers["awan"]._source.secrets["access_token"] = ("salah",)  # type: ignore[index]  # a dict here
    await queue.start()
    await place.name("awan", "1", "2")

    async def told() -> bool:
        return bool(queue.problems())

    await until(told)
    assert queue.problems() == ['source "awan": files cannot be fetched: the provider refuses our credentials (401)']
    queue.fetchers["awan"]._source.secrets["access_token"] = (TOKEN,)  # type: ignore[index]  # a dict here

    async def both() -> bool:
        place.clock.now += timedelta(minutes=6)  # again, since one may have been refused a moment later
        return await _len(place, 2)

    await until(both)
    assert queue.problems() == []
    await queue.stop()


async def test_files_that_an_account_protects_wait_for_its_name_which_goes_to_nobody_else(place: Place) -> None:
    async with running() as cdn:
        place.provider.elsewhere = lambda: f"{cdn.url}/foto.jpg"
        queue, message = place.queue(), uuid4()
        await place.ask("seluler", f"{place.provider.url}/lindung.jpg", message)
        await queue.start()

        async def told() -> bool:
            return bool(queue.problems())

        await until(told)
        words = 'files cannot be fetched: the provider wants credentials: set the secret "account"'
        assert queue.problems() == [f'source "seluler": {words}']
        queue.fetchers["seluler"]._source.secrets["account"] = ("AC1",)  # type: ignore[index]  # a dict here

        async def fetched() -> bool:
            place.clock.now += timedelta(minutes=6)
            return await _len(place, 1)

        await until(fetched)
        assert queue.problems() == []
        await queue.stop()
        assert "authorization" in place.provider.seen[-1].headers
        assert not any("authorization" in each.headers for each in cdn.seen)


async def test_what_was_given_up_is_tried_again_when_an_operator_wants_it(place: Place) -> None:
    queue, message, url = place.queue(), uuid4(), f"{place.provider.url}/foto.jpg"
    place.provider.photo = b"MZ" + bytes(200)
    await place.ask("polos", url, message)
    await queue.start()

    async def refused() -> bool:
        return [state for state, _ in (await place.jobs()).values()] == ["rejected"]

    await until(refused)
    place.provider.photo = PHOTO
    await place.ask("polos", url, message)  # no operator: a redelivery
    await place.ask("awan", "80", uuid4(), again=True)  # nobody asked before: that is harmless
    await until(lambda: _len(place, 1))
    assert place.provider.asked("/foto.jpg") == 1
    for _ in range(2):  # twice is harmless
        await place.ask("polos", url, message, again=True)
    await until(lambda: _len(place, 2))
    await place.ask("polos", url, message, again=True)  # it is there already
    await place.ask("awan", "81", uuid4())
    await until(lambda: _len(place, 3))
    assert place.provider.asked("/foto.jpg") == 2
    await queue.stop()
    found = await books.read(place.store)
    assert {k: v for k, v in found.counts.items() if v} == {"media_wanted": 3, "media_fetched": 3, "media_sources": 3}
    assert all(check.holds for check in found.checks)


class Killed(BaseException):
    """As if the process ended here."""


@pytest.mark.parametrize("at", ["delivery.leased", "delivery.answered"])
async def test_killed_at_any_point_each_file_is_told_in_the_end(
    place: Place, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place.queue()
    died: list[str] = []

    def die(point: str) -> None:
        if point == at and not died:
            died.append(point)
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("runtime.delivery.worker.reached", die)
        await place.name("polos", f"{place.provider.url}/foto.jpg")
        with pytest.raises(Killed):
            async with asyncio.timeout(10):
                await _serve(first)
    second = place.queue()
    await second.start()
    await until(lambda: _some(place))
    await second.stop()
    assert len({each.event_id for each in await place.told()}) == 1
    assert all(check.holds for check in (await books.read(place.store)).checks)


async def _some(place: Place) -> bool:
    place.clock.now += timedelta(seconds=10)
    return bool(await place.told())


async def _serve(queue: MediaQueue) -> None:
    """Its turns, until it dies."""
    await queue._read(COMPLAINTS.name, queue._wanting.write)
    while True:
        for worker in queue._workers:
            await worker.step()
