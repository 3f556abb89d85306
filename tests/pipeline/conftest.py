"""A whole Muara in the test's own process: real sockets in front, a simulated hub behind, all services between."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from muara.audit import Audit, audit
from muara.config import load_config
from muara.demonstration.scene import Scene, make_secrets, set_stage
from muara.ground import Ground, open_ground
from muara.home import Home
from muara.wiring import Application
from runtime.sealing.keyfile import make_key
from sandbox.hub.server import HubSimulation

PATIENCE = 60.0
"""Seconds that a condition is waited for. Only a failing test waits so long."""


@dataclass
class Town:
    """What a test holds in its hands."""

    scene: Scene
    hub: HubSimulation
    ground: Ground
    application: Application
    http: httpx.AsyncClient
    clock: float = field(default_factory=time.time)

    @property
    def url(self) -> str:
        """Where the webhooks are."""
        return self.application.http.url

    @property
    def smtp_port(self) -> int:
        """Where mail is taken."""
        assert self.application.connectors is not None
        assert self.application.connectors.smtp is not None
        return self.application.connectors.smtp.port

    async def whatsapp(
        self, *messages: Mapping[str, Any], name: str = "Warga", statuses: Sequence[Mapping[str, Any]] = ()
    ) -> httpx.Response:
        """One signed webhook of the WhatsApp Cloud API, with these messages in it."""
        people = sorted({message["from"] for message in messages if "from" in message})
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "6281100009999", "phone_number_id": "106540352242922"},
            "contacts": [{"profile": {"name": name}, "wa_id": person} for person in people],
            "messages": list(messages),
        }
        if statuses:
            value["statuses"] = list(statuses)
        change = {"field": "messages", "value": value}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})
        return await self.post_whatsapp(body.encode("utf-8", "surrogatepass"))

    async def post_whatsapp(self, body: bytes, *, signature: str | None = None) -> httpx.Response:
        """Any body, signed as Meta signs unless a signature is given."""
        secret = self.scene.secrets["DEMO_WA_APP_SECRET"].encode()
        signed = signature or "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": signed, "Content-Type": "application/json"}
        return await self.http.post(f"{self.url}/in/wa-kota", content=body, headers=headers)

    def text(self, sender: str, words: str, *, ident: str | None = None, after: float = 0.0) -> dict[str, Any]:
        """A text message, sent `after` seconds after the test began by the sender's clock."""
        return {
            "from": sender,
            "id": ident or f"wamid.{hashlib.sha256(f'{sender}{words}{after}'.encode()).hexdigest()[:24]}",
            "timestamp": str(int(self.clock + after)),
            "type": "text",
            "text": {"body": words},
        }

    async def audit(self) -> Audit:
        """The ledger now."""
        return await audit(self.ground)

    async def rest(self, *, received: int | None = None) -> Audit:
        """Wait until nothing is in flight (and so many messages were received); returns the ledger then."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = await self.audit()
            enough = received is None or found.terms["received"] >= received
            if enough and found.terms["in_flight"] == 0:
                return found
            assert time.monotonic() < deadline, f"no rest: {found.line()} {self.application.problems()}"
            await asyncio.sleep(0.05)


async def open_town(stack: AsyncExitStack, folder: Path, *, wait: float = 0.3, partitions: int = 2) -> Town:
    """A town in an empty folder; it lives until the stack is closed."""
    secrets = make_secrets()
    hub = await stack.enter_async_context(
        HubSimulation(folder / "hub.db", token=secrets["DEMO_HUB_TOKEN"], admin_token=secrets["DEMO_HUB_ADMIN"])
    )
    home = folder / "home"
    home.mkdir()
    scene = set_stage(home, secrets, hub.url, wait=wait, partitions=partitions)
    make_key(home / "master.key")
    monkey = pytest.MonkeyPatch()
    stack.callback(monkey.undo)
    for name, value in secrets.items():
        monkey.setenv(name, value)
    ground = await stack.enter_async_context(open_ground(Home(home), load_config(home)))
    application = Application(ground)
    stack.push_async_callback(application.stop)
    await application.start()
    http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, verify=False, timeout=30))
    return Town(scene, hub, ground, application, http)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A town of the embedded size."""
    async with AsyncExitStack() as stack:
        yield await open_town(stack, tmp_path)


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
