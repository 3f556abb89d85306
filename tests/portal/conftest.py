"""A portal on a real log, a real database and a real socket; invented complaints."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest
from prometheus_client import CollectorRegistry

from portal.keys import KeyEntry, make_key
from portal.migrations import SERVICE, VERSIONS
from portal.service import Portal
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Record
from runtime.http import HttpServer, application
from runtime.store.engine import Store
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent
from schemas.identity import NAMESPACE, event_id
from schemas.topics import COMPLAINTS
from tests.stores import OpenStore

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def identity(name: str | int) -> UUID:
    return uuid5(NAMESPACE, f"test|{name}")


def complaint(name: str | int, revision: int = 1, **fields: Any) -> Complaint:  # noqa: ANN401 any field of a complaint
    return Complaint.model_validate(
        {
            "complaint_id": identity(name),
            "revision": revision,
            "agency": "dinas-pu",
            "channel": "whatsapp_cloud",
            "source": "wa-dinas-pu",
            "title": f"Jalan berlubang {name}",
            "text": f"Jalan berlubang di depan pasar {name}.",
            "reporter": {"name": "S*** C***", "phone": "***********001"},
            "private": "v1.kunci.cmFoYXNpYQ",
            "sent_at": NOW,
            "received_at": NOW,
            "updated_at": NOW,
            **fields,
        }
    )


def event(of: Complaint) -> ComplaintEvent:
    return ComplaintEvent(
        event_id=event_id(of.complaint_id, "complaint", of.revision),
        occurred_at=NOW,
        origin="normalizer",
        complaint=of,
    )


@dataclass
class House:
    """One portal, which can be stopped and started again, and its reader."""

    folder: Path
    bus: EmbeddedBus
    store: Store
    certificates: ssl.SSLContext
    key: str
    keys: list[KeyEntry]
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _portal: Portal | None = None
    _server: HttpServer | None = None
    _client: httpx.AsyncClient | None = None

    @property
    def portal(self) -> Portal:
        assert self._portal is not None
        return self._portal

    @property
    def http(self) -> httpx.AsyncClient:
        assert self._client is not None
        return self._client

    async def start(self) -> None:
        self.registry = CollectorRegistry()
        self._portal = Portal(self.bus, self.store, keys=self.keys, registry=self.registry, clock=lambda: NOW)
        await self._portal.start()
        self._server = HttpServer(application("Muara", "Test", self._portal.router))
        await self._server.start()
        self._client = httpx.AsyncClient(
            base_url=self._server.url,
            verify=self.certificates,
            trust_env=False,
            headers={"Authorization": f"Bearer {self.key}"},
        )

    async def stop(self) -> None:
        if self._client is not None:
            await self._client.aclose()
        await asyncio.gather(*(part.stop() for part in (self._server, self._portal) if part is not None))
        self._portal = self._server = self._client = None

    async def publish(self, *complaints: Complaint) -> None:
        records = [Record(str(c.complaint_id), event(c).model_dump_json().encode()) for c in complaints]
        await self.bus.publish(COMPLAINTS.name, records)

    async def settle(self) -> None:
        """Wait until the portal has read all that was published."""
        published = sum((await self.bus.ends(COMPLAINTS.name)).values())
        while (await self.portal.ledger()).counts["positions_complaints"] < published:
            assert not self.portal.health.problems
            await asyncio.sleep(0.01)

    async def until(self, part: str, *, well: bool) -> None:
        """Wait until a part of the portal works, or has a problem."""
        while (part not in self.portal.health.problems) != well:  # noqa: ASYNC110 health has no event to wait for
            await asyncio.sleep(0.01)

    async def show(self, *complaints: Complaint) -> None:
        await self.publish(*complaints)
        await self.settle()

    async def page(self, **query: Any) -> dict[str, Any]:  # noqa: ANN401 any parameter of the feed
        answer = await self.http.get("/v1/complaints", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    # Nothing here speaks TLS; a context of one's own spares each client loading the machine's certificates.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
async def house(tmp_path: Path, open_store: OpenStore, certificates: ssl.SSLContext) -> AsyncIterator[House]:
    bus = await EmbeddedBus.open(tmp_path / "log.db", [COMPLAINTS.name], partitions=2)
    store = await open_store(SERVICE, VERSIONS)
    key, entry = make_key("Pembaca")
    made = House(tmp_path, bus, store, certificates, key, [entry])
    await made.start()
    yield made
    await made.stop()
    await bus.close()
