"""The scene: a city that writes, Muara in many processes, what it stands on, and a proxy before each of these."""

import asyncio
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import func, select

import dispatcher.tables
import normalizer.tables
import portal.tables
from runtime.store.engine import Store, StoreUnavailable
from sandbox.city.clients.sql import TABLE
from sandbox.hub.server import HubSimulation
from tests.chaos.citizens import Citizens
from tests.chaos.members import Member
from tests.chaos.proxy import Proxy
from tests.chaos.servers import Servers
from tests.outside import ROOT, Place, free_ports, make_place

_MANY = {"connectors": 1, "normalizer": 3, "dispatcher": 2, "portal": 1}
SPOOL = 60
"""Records that the connectors may hold while the log is away: so few that it is soon full."""
_BAD_HUB = {"p_5xx": 0.05, "p_drop_after_accept": 0.05, "p_429": 0.02, "retry_after": 1}


class Unrecovered(Exception):
    """A message has not come to the hub and the feed in the time that patience allows; says how far it came."""


class Scene:
    """Enter it to begin, leave it to end everything that it began; the servers stay."""

    def __init__(
        self,
        folder: Path,
        servers: Servers,
        *,
        seed: int = 1,
        partitions: int = 6,
        normalizers: int = 3,
        idempotent: bool = True,
    ) -> None:
        """`normalizers`: how many run at first. `idempotent`: the hub knows a request again by its key."""
        self._idempotent = idempotent
        self.folder = folder
        self.servers = servers
        self.hub = HubSimulation(folder / "hub.db", token="t", admin_token="a", seed=seed)
        self.prefix = f"chaos-{uuid4().hex[:8]}."
        self._seed = seed
        self._partitions = partitions
        self._many = _MANY | {"normalizer": normalizers}
        self._stack = AsyncExitStack()
        self.members: list[Member] = []

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        async with self._stack:
            brokers = zip(self.servers.kafka.nodes, self.servers.proxies, strict=True)
            self.kafka = [await enter(Proxy(node.behind or 0, port=port)) for node, port in brokers]
            self.postgres = await enter(Proxy(self.servers.postgres.port))
            await enter(self.hub)
            self.hub.behave(**_BAD_HUB, idempotency=self._idempotent)
            self.to_hub = await enter(Proxy(int(urlsplit(self.hub.url).port or 0)))
            self.database = await self.servers.database(self.prefix.rstrip("."))
            self.store = Store(self.database.replace("postgresql://", "postgresql+asyncpg://"))
            self._stack.push_async_callback(self.store.close)
            self.place = self._make_place()
            self.citizens = Citizens(self.place, self._seed)
            self._stack.callback(self._kill_all)
            for service, count in self._many.items():
                for _ in range(count):
                    self.add(service)
            await asyncio.gather(*(member.begin() for member in self.members))
            self._stack = self._stack.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def add(self, service: str) -> Member:
        """One process more of a service; `begin` it."""
        number = 1 + len(self.of(service))
        port = self.place.port if service == "connectors" else free_ports(1)[0]
        # Some with a name of their own over restarts, some without: both are ways to run it.
        named = number < 3 and service in ("normalizer", "dispatcher")
        bus = f"{self.bus}&instance={service}-{number}" if named else self.bus
        member = Member(self.place, service, number, port, bus)
        self.members.append(member)
        return member

    def of(self, service: str) -> list[Member]:
        """The processes of a service."""
        return [member for member in self.members if member.service == service]

    @property
    def bus(self) -> str:
        """The log's address, through the proxies."""
        servers = ",".join(f"127.0.0.1:{port}" for port in self.servers.proxies)
        copies = len(self.servers.proxies)
        settings = f"partitions={self._partitions}&replication={copies}&session_timeout=4&ack_timeout=5"
        return f"kafka://{servers}/{self.prefix}?{settings}"

    def mend_hub(self) -> None:
        """The hub behaves well from now on."""
        self.hub.behave(idempotency=self._idempotent)

    async def arrive(self, complaint: UUID, *, patience: float = 120.0) -> None:
        """Wait until the hub and the feed have what a complaint's founding message became.

        Raises:
            Unrecovered: they do not.
        """
        deadline = time.monotonic() + patience
        while lacks := await self._lacking(complaint):
            await self.watch()
            if time.monotonic() > deadline:
                raise Unrecovered(f"{patience:.0f} seconds after the fault was undone, a message lacks: {lacks}")
            await asyncio.sleep(0.05)

    async def watch(self) -> None:
        """Start again what ended by itself."""
        for member in self.members:
            await member.watch()

    async def parked(self) -> int:
        """Deliveries that wait for a person."""
        d = dispatcher.tables.deliveries.c
        try:
            async with self.store.reading() as connection:
                found = await connection.execute(select(func.count()).where(d.state == "parked"))
        except StoreUnavailable:
            return 0
        return int(found.scalar_one())

    async def _lacking(self, complaint: UUID) -> str:
        m, p = normalizer.tables.complaints.c, portal.tables.complaints.c
        try:
            async with self.store.reading() as connection:
                row = (await connection.execute(select(m.merged_into).where(m.complaint_id == complaint))).one_or_none()
                if row is None:
                    return "the normalizer"
                shown = await connection.execute(select(p.complaint_id).where(p.complaint_id == complaint))
                if shown.one_or_none() is None:
                    return "the feed"
        except StoreUnavailable as away:
            return f"the database: {away}"
        return "" if await self.hub.find(str(row.merged_into or complaint)) else "the hub"

    def _make_place(self) -> Place:
        place = make_place(self.folder / "home", f"http://127.0.0.1:{self.to_hub.port}")
        place.scene.secrets["DEMO_HUB_TOKEN"] = "t"
        store = urlsplit(self.database)
        through = store._replace(
            scheme="postgresql+asyncpg", netloc=f"{store.username}:{store.password}@127.0.0.1:{self.postgres.port}"
        )
        place.rewrite(
            "partitions: 1", f'partitions: {self._partitions}\nbus: "{self.bus}"\nstore: "{through.geturl()}"'
        )
        place.rewrite("connectors:\n", f"connectors:\n  spool_records: {SPOOL}\n  lease: 5\n")
        place.rewrite("interval: 0.5}", "interval: 0.5, sweep_every: 5}")
        # A lease lasts as long as tries may take: shorter tries, and what a killed process held is soon free again.
        shipped = (ROOT / "dispatcher" / "hubs" / "sandbox.yaml").read_text(encoding="utf-8")
        own = place.home / "hubs" / "impatient.yaml"
        own.parent.mkdir()
        impatient = shipped.replace("name: sandbox", "name: impatient").replace("timeout: 10", "timeout: 2")
        assert impatient.count("timeout: 2}") == 1
        if not self._idempotent:
            impatient = impatient.replace("idempotency: {header: Idempotency-Key}\n", "")
            assert "Idempotency-Key" not in impatient
        own.write_text(impatient, encoding="utf-8")
        place.rewrite("profile: sandbox", "profile: impatient")
        # The water company had its table before it had Muara.
        with closing(sqlite3.connect(place.scene.water)) as database, database:
            database.execute(TABLE)
        return place

    def _kill_all(self) -> None:
        for member in self.members:
            if member.running is not None and member.running.process.poll() is None:
                member.kill()
