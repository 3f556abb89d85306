"""Homes with a history, made once: one at rest, and one that stopped with events still on their way."""

import asyncio
import re
import shutil
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

import pytest
from sqlalchemy import select

import connectors.media.tables
import dispatcher.tables
import normalizer.tables
from muara.audit import audit
from muara.commanding import command
from muara.config import load_config
from muara.demonstration.scene import make_secrets
from muara.ground import Ground, open_ground
from muara.home import Home
from muara.wiring import Application
from normalizer import queries
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import BusUnavailable, Record
from runtime.store.outbox import Outbox
from sandbox.city.media import MediaHouse
from sandbox.hub.server import HubSimulation
from schemas.events import MediaWanted
from schemas.topics import COMPLAINTS, MEDIA, STATUSES, WANTED
from tests.outside import muara, until, whatsapp


@pytest.fixture(scope="session")
def rested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city's home after a demonstration, some commands and a record that is none; nothing is under way."""
    home = tmp_path_factory.mktemp("rested") / "home"
    done = muara("demo", "--keep", home, "--messages", "90", "--seed", "3")
    assert done.returncode == 0, done.said
    _alone(_operate(home, tmp_path_factory.mktemp("hub") / "hub.db"))
    return home


@pytest.fixture(scope="session")
def torn(rested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same home after a stop at a bad moment: each service has just one event that its log does not."""
    folder = tmp_path_factory.mktemp("torn")
    shutil.copytree(rested, folder / "home")
    _alone(_tear(folder / "home", folder / "hub.db"))
    return folder / "home"


def _alone(work: Coroutine[None, None, None]) -> None:
    """In a loop of its own, whatever loop the tests have."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _operate(folder: Path, hub_db: Path) -> None:
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(HubSimulation(hub_db, token="t", admin_token="a"))
        _name_hub(folder, hub.url)
        stack.enter_context(patch.dict("os.environ", make_secrets() | {"DEMO_HUB_TOKEN": "t"}))
        ground, _ = await _open(stack, folder)
        dead = (await queries.dead_letters(ground.store))[0]
        await command(ground.bus, "replay", str(dead.message_id))
        await command(ground.bus, "resume", "sp4n")
        async with ground.store.reading() as connection:
            c = normalizer.tables.complaints.c
            joined = (await connection.scalars(select(c.complaint_id).where(c.leader.is_not(None)))).first()
        await command(ground.bus, "undo", str(joined), reason="of a test")
        await until(lambda: _parted(ground), "nobody was taken apart")
        await ground.bus.publish(COMPLAINTS.name, [Record("x", b"no complaint")])
        await until(lambda: _unfinished(ground), "no rest")


def _name_hub(folder: Path, url: str) -> None:
    """What was decided since the demonstration is sent to another hub: the first one ended with it."""
    config = folder / "muara.yaml"
    text = re.sub(r"url: http://\S+", f"url: {url}", config.read_text(encoding="utf-8"))
    config.write_text(text.replace("wait: 2.0", "wait: 0.1"), encoding="utf-8")


async def _tear(folder: Path, hub_db: Path) -> None:
    secrets = make_secrets()
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(HubSimulation(hub_db, token="t", admin_token="a"))
        _name_hub(folder, hub.url)
        stack.enter_context(patch.dict("os.environ", secrets | {"DEMO_HUB_TOKEN": "t"}))
        house = await stack.enter_async_context(MediaHouse("t"))
        publish, deaf = EmbeddedBus.publish, {STATUSES.name, MEDIA.name}

        async def publish_unless_deaf(bus: EmbeddedBus, topic: str, records: list[Record]) -> None:
            if topic in deaf:
                raise BusUnavailable("away, for a test")
            await publish(bus, topic, records)

        # Before it starts, so that the log is away until it has ended: a sweeper at the end would bring what waits.
        stack.enter_context(patch.object(EmbeddedBus, "publish", publish_unless_deaf))
        ground, application = await _open(stack, folder)
        await _want(ground, f"{house.url}/twilio/AC1/MM1/7")
        await until(lambda: _waiting(ground, connectors.media.tables.OUTBOX), "no fetched file in the outbox")
        secret = secrets["DEMO_WA_APP_SECRET"]
        await whatsapp(application.http.url, secret, "Lampu jalan di Jalan Melati padam")
        await until(lambda: _waiting(ground, dispatcher.tables.outbox), "no receipt in the outbox")
        deaf.add(COMPLAINTS.name)
        await whatsapp(application.http.url, secret, "Sampah di Pasar Lama menumpuk")
        await until(lambda: _waiting(ground, normalizer.tables.outbox), "no event in the outbox")


async def _want(ground: Ground, address: str) -> None:
    """Ask for a file, as the normalizer does when a message names one."""
    message = uuid4()
    event = MediaWanted(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        origin="normalizer",
        message_id=message,
        number=0,
        source="sms-kota",
        reference=ground.sealer.seal(address.encode(), subject=str(message), field="reference"),
    )
    await ground.bus.publish(WANTED.name, [Record(str(message), event.model_dump_json().encode())])


async def _open(stack: AsyncExitStack, folder: Path) -> tuple[Ground, Application]:
    ground = await stack.enter_async_context(open_ground(Home(folder), load_config(folder)))
    application = Application(ground)
    stack.push_async_callback(application.stop)
    await application.start()
    return ground, application


async def _parted(ground: Ground) -> str:
    async with ground.store.reading() as connection:
        return "" if (await connection.execute(select(normalizer.tables.parted))).first() else "nobody"


async def _unfinished(ground: Ground) -> str:
    found = await audit(ground)
    return "" if found.terms["in_flight"] == 0 and found.balanced else found.line()


async def _waiting(ground: Ground, outbox: Outbox) -> str:
    async with ground.store.reading() as connection:
        return "" if await outbox.waiting(connection) == 1 else "nothing there"


Copier = Callable[[Path], Path]


@pytest.fixture
def copy_of(tmp_path: Path) -> Copier:
    """A copy of a home, to be spoilt."""

    def copy(home: Path) -> Path:
        return Path(shutil.copytree(home, tmp_path / home.parent.name))

    return copy
