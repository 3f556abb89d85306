"""A simulated SMSC, a ground to stand on, and processes of ours that receive."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from connectors.contract.ground import Ground, open_ground
from connectors.leases import Leases
from connectors.smpp.receiver import ShortMessageReceiver
from connectors.source import Source
from connectors.transports import Surroundings
from recipes.library import load_channel
from runtime.clock import system_clock
from tests.connectors.smpp.smsc import Smsc
from tests.stores import OpenStore

SHIPPED = Path(__file__).parents[3] / "connectors" / "channels" / "smpp_sms.yaml"


@dataclass
class Post:
    """Both sides."""

    smsc: Smsc
    ground: Ground
    receivers: list[ShortMessageReceiver] = field(default_factory=list)

    def source(self, *passwords: str, **settings: object) -> Source:
        secrets = {"password": passwords or (self.smsc.password,)}
        return Source(
            "sms", "dinas-air", load_channel(SHIPPED), secrets=secrets, settings=self.smsc.settings(**settings)
        )

    def receiver(
        self, source: Source | None = None, around: Surroundings | None = None, **settings: object
    ) -> ShortMessageReceiver:
        """A process of ours; those before it are as good as dead, unless they have surroundings of their own."""
        around = around or self.ground.surroundings()
        made = ShortMessageReceiver(
            source or self.source(**settings),
            around.acceptance,
            around.cursors,
            around.leases,
            around.clock,
            wait=0.02,
        )
        self.receivers.append(made)
        return made

    def several(self) -> Surroundings:
        """Those of a process that is not alone."""
        return replace(self.ground.surroundings(), leases=Leases(self.ground.store, system_clock, length=30.0))

    async def until_taken(self, receiver: ShortMessageReceiver) -> None:
        """Rounds until the SMSC holds nothing more."""
        async with asyncio.timeout(20):
            while self.smsc.held:
                await receiver.round()

    async def until_trouble(self, receiver: ShortMessageReceiver) -> None:
        """Rounds until one fails."""
        async with asyncio.timeout(20):
            while True:
                await receiver.round()

    async def until_sure(self, receiver: ShortMessageReceiver) -> None:
        """Rounds until the SMSC is known to have read all answers."""
        async with asyncio.timeout(20):
            while receiver._doubts.to_state(0.0)["doubts"]:
                await receiver.round()

    async def ids(self) -> list[str]:
        return [str(raw.message_id) for raw in await self.ground.raws()]


@pytest.fixture(params=["sqlite"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Few tests need both kinds of stores; they ask for them."""
    return str(request.param)


@pytest.fixture
async def post(tmp_path: Path, open_store: OpenStore) -> AsyncIterator[Post]:
    store = await open_store()
    url = store.url.render_as_string(hide_password=False)
    await store.close()
    async with Smsc() as smsc, open_ground(tmp_path, url) as ground:
        found = Post(smsc, ground)
        yield found
        for receiver in found.receivers:
            await receiver.close()
