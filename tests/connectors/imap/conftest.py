"""A real Dovecot, a mailbox for each test, and the poller that reads it."""

import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from connectors.cursors import Cursors
from connectors.imap.poller import MailboxPoller
from connectors.leases import Leases
from connectors.source import Source
from connectors.tables import CURSORS, LEASES, METADATA
from recipes.channel import Channel
from recipes.library import load_channel
from runtime.store.engine import Store
from tests.connectors.conftest import House
from tools.services.dovecot import DovecotServer

RECIPE = Path(__file__).parents[3] / "connectors/channels/imap_mailbox.yaml"


def mail(name: str, text: str = "Lampu jalan mati.", **headers: str) -> bytes:
    """A mail of an invented citizen; `name` becomes its Message-ID unless it is empty."""
    lines = {
        "From": "warga@contoh.example",
        "To": "pengaduan@kota.example",
        "Subject": "Laporan",
        "Date": "Tue, 24 Nov 2026 14:05:00 +0700",
        **({"Message-ID": f"<{name}>"} if name else {}),
        **{key.replace("_", "-"): value for key, value in headers.items()},
    }
    return "".join(f"{key}: {value}\r\n" for key, value in lines.items()).encode() + f"\r\n{text}\r\n".encode()


@dataclass
class Clock:
    """The present moment, moved by tests."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Box:
    """One mailbox, and what reads it."""

    dovecot: DovecotServer
    house: House
    store: Store
    clock: Clock
    channel: Channel
    user: str = field(default_factory=lambda: f"kotak-{uuid.uuid4().hex[:10]}")
    made: list[MailboxPoller] = field(default_factory=list)

    def source(self, **settings: Any) -> Source:  # noqa: ANN401 any setting of a source
        own: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.dovecot.port,
            "security": "none",
            "user": self.user,
            "timeout": 5,
            **settings,
        }
        secrets = own.pop("secrets", {"password": (self.dovecot.password,)})
        return Source("kotak", "kota", self.channel, settings=own, secrets=secrets)

    def poller(self, *, leases: Leases | None = None, **settings: Any) -> MailboxPoller:  # noqa: ANN401 as above
        """A process that was just started."""
        cursors = Cursors(self.store, lambda value: self.house.sealing.blind("row", value), self.clock)
        leases = leases or Leases(self.store, self.clock, alone=True)
        made = MailboxPoller(self.source(**settings), self.house.acceptance, cursors, leases, self.clock)
        self.made.append(made)
        return made

    def deliver(self, *mails: bytes, folder: str = "", age: timedelta = timedelta()) -> None:
        self.dovecot.deliver(self.user, mails, folder, age=age.total_seconds())

    def files(self, folder: str = "") -> list[Path]:
        """The mails that the server has, by their files; flags stand behind `:2,`."""
        path = self.dovecot.mailbox(self.user, folder)
        return sorted([*(path / "cur").iterdir(), *(path / "new").iterdir()])

    def flags(self, folder: str = "") -> list[str]:
        return [path.name.partition(":2,")[2] for path in self.files(folder)]

    def renumber(self) -> int:
        """What happens when a mailbox is restored or moves to another server. Returns the new UIDVALIDITY."""
        path = self.dovecot.mailbox(self.user)
        for file in path.glob("dovecot.index*"):
            file.unlink()
        numbers = path / "dovecot-uidlist"
        old = int(re.search(r"V(\d+)", numbers.read_text())[1])  # type: ignore[index]  # it always has one
        numbers.write_text(numbers.read_text().replace(f"V{old}", f"V{old + 7}", 1))
        return old + 7

    async def forget(self) -> None:
        """As if the source had never been read."""
        async with self.store.writing() as connection:
            await connection.execute(delete(CURSORS))
            await connection.execute(delete(LEASES))

    async def ids(self) -> list[str]:
        """External ids on the log, in order."""
        return [self.house.external_id(raw) for raw in await self.house.raws()]

    async def state(self, folder: str = "INBOX") -> dict[str, Any]:
        """Where the folder stands."""
        found = await Cursors(self.store, str, self.clock).load("kotak")
        return dict(found["folders"][folder])


@pytest.fixture(scope="session")
def channel() -> Channel:
    return load_channel(RECIPE)


@pytest.fixture
async def box(dovecot: DovecotServer, house: House, channel: Channel, tmp_path: Path) -> AsyncIterator[Box]:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    async with store.writing() as connection:
        await connection.run_sync(METADATA.create_all)
    made = Box(dovecot, house, store, Clock(), channel)
    yield made
    for poller in made.made:
        await poller.close()
    await store.close()
