"""A whole Muara in the test's own process: real sockets in front, a simulated hub behind, all services between."""

import asyncio
import hashlib
import hmac
import json
import smtplib
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import httpx
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from muara.__main__ import app as muara
from muara.audit import Audit, audit
from muara.config import load_config
from muara.demonstration.scene import Scene, make_secrets, set_stage
from muara.door import open_door
from muara.ground import Ground, open_ground
from muara.home import Home
from muara.wiring import SERVICES, Application
from portal.keys import make_key as make_feed_key
from runtime.bus.spool import SpoolingBus
from runtime.sealing.keyfile import make_key
from sandbox.city.clients.sql import TABLE
from sandbox.city.clients.twilio import signature as twilio_signature
from sandbox.hub.answers import StoredReport
from sandbox.hub.server import HubSimulation

from .sizes import Size

PATIENCE = 60.0
"""Seconds that a condition is waited for. Only a failing test waits so long."""
PUBLIC = "https://lapor.muarasari.example"
"""The address that providers know; the server itself listens on a port of this machine."""
MAILBOX = "lapor@muarasari.example"
NOTICES = "kabar@muarasari.example"
"""Where the town's own notifications come from."""
HUB_AGENCIES = ["kominfo", "rsud", "pdam", "kecamatan", "dishub"]


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist, under a number that nobody can own."""

    name: str
    number: int

    @property
    def digits(self) -> str:
        """As WhatsApp writes it."""
        return f"628110000{self.number:04d}"

    @property
    def phone(self) -> str:
        """E.164."""
        return f"+{self.digits}"

    @property
    def email(self) -> str:
        """An address that leads nowhere."""
        return f"{self.name.lower().replace(' ', '.')}@warga.example"


@dataclass
class Town:
    """What a test holds in its hands."""

    scene: Scene
    hub: HubSimulation
    http: httpx.AsyncClient
    feed_key: str
    ground: Ground = field(init=False)
    application: Application = field(init=False)
    _life: AsyncExitStack = field(default_factory=AsyncExitStack)
    clock: float = field(default_factory=time.time)
    spool_patience: float = 30.0
    """Seconds until what Kafka has not confirmed is spooled. On a busy machine it may confirm late, and what is spooled
    meanwhile comes twice. That is as it should be, and tried elsewhere; mostly every record is counted here."""
    before: Mapping[str, int] = field(default_factory=dict)
    """The ledger when the town last was at rest."""

    async def begin(self) -> None:
        """Start Muara, as `muara up` does."""
        home = Home(self.scene.home)
        async with AsyncExitStack() as stack:
            self.ground = await stack.enter_async_context(open_ground(home, load_config(home.folder), SERVICES))
            with patch.object(SpoolingBus, "open", partial(SpoolingBus.open, patience=self.spool_patience)):
                door = await stack.enter_async_context(open_door(self.ground, SERVICES))
            self.application = Application(self.ground, SERVICES, door=door)
            stack.push_async_callback(self.application.stop)
            await self.application.start()
            self._life = stack.pop_all()

    async def end(self) -> None:
        """Stop Muara."""
        await self._life.aclose()

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
        return await self.post_whatsapp(self.whatsapp_body(*messages, name=name, statuses=statuses))

    def whatsapp_body(
        self, *messages: Mapping[str, Any], name: str = "Warga", statuses: Sequence[Mapping[str, Any]] = ()
    ) -> bytes:
        """The bytes of such a webhook. All that is not ASCII is escaped, as Meta does: so a lone surrogate travels."""
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
        return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()

    def whatsapp_headers(self, body: bytes) -> dict[str, str]:
        """With the signature that Meta would make."""
        secret = self.scene.secrets["DEMO_WA_APP_SECRET"].encode()
        signed = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        return {"X-Hub-Signature-256": signed, "Content-Type": "application/json"}

    async def post_whatsapp(self, body: bytes, *, signature: str | None = None) -> httpx.Response:
        """Any body, signed as Meta signs unless a signature is given."""
        headers = self.whatsapp_headers(body)
        if signature is not None:
            headers["X-Hub-Signature-256"] = signature
        return await self.http.post(f"{self.url}/in/wa-kota", content=body, headers=headers)

    def message(self, sender: Person, kind: str, content: Any, after: float = 0.0) -> dict[str, Any]:  # noqa: ANN401
        """A WhatsApp message, sent `after` seconds after the town was opened by the sender's clock."""
        seed = f"{sender.digits}|{kind}|{content}|{after}".encode("utf-8", "surrogatepass")
        return {
            "from": sender.digits,
            "id": f"wamid.{hashlib.sha256(seed).hexdigest()[:24]}",
            "timestamp": str(int(self.clock + after)),
            "type": kind,
            kind: content,
        }

    def text(self, sender: Person, words: str, after: float = 0.0) -> dict[str, Any]:
        """A text message on WhatsApp."""
        return self.message(sender, "text", {"body": words}, after)

    async def sms(self, sender: Person, words: str, ident: str, *, public: str = PUBLIC) -> httpx.Response:
        """One webhook of Twilio, which signs the address that it knows."""
        fields = {
            "MessageSid": ident,
            "AccountSid": "AC" + "0" * 31 + "1",
            "From": sender.phone,
            "To": "+6281100008888",
            "Body": words,
            "NumMedia": "0",
            "FromCountry": "ID",
        }
        signed = twilio_signature(self.scene.secrets["DEMO_TWILIO_AUTH_TOKEN"], f"{public}/in/sms-kota", fields)
        headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
        return await self.http.post(f"{self.url}/in/sms-kota", content=urlencode(fields), headers=headers)

    async def mail(self, mail: EmailMessage | bytes, sender: str = "mx@warga.example") -> None:
        """One mail over SMTP, as a citizen's provider hands it over. Raises what the server refuses."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        await asyncio.to_thread(self._deliver, raw, sender)

    def _deliver(self, raw: bytes, sender: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="mx.warga.example", timeout=30) as server:
            server.sendmail(sender, [MAILBOX], raw)

    async def desk(self, ticket: Mapping[str, Any], source: str = "rsud", *, form: bool = False) -> httpx.Response:
        """A ticket of the hospital's own system, or of another desk that has the same."""
        key = {"X-API-Key": self.scene.secrets["DEMO_RSUD_API_KEY"]}
        where = f"{self.url}/in/{source}"
        if form:
            return await self.http.post(where, data=ticket, headers=key)
        return await self.http.post(where, json=ticket, headers=key)

    def drop(self, name: str, content: str | bytes, folder: str = "kecamatan") -> Path:
        """A file in a drop folder: written under a hidden name, then renamed."""
        target = self.scene.home / "masuk" / folder / name
        hidden = target.with_name(f".{name}.part")
        hidden.write_bytes(content.encode() if isinstance(content, str) else content)
        return hidden.rename(target)

    async def muara(self, *arguments: str) -> Result:
        """A command of the command line, beside the running services; in a thread, for it has a loop of its own."""
        full = [*arguments, "--home", str(self.scene.home)]
        return await asyncio.to_thread(CliRunner().invoke, muara, full)

    async def feed(self, **query: str) -> list[dict[str, Any]]:
        """The whole feed."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            answer = await self.http.get(
                f"{self.url}/v1/complaints",
                params={"limit": "500", **query, **after},
                headers={"Authorization": f"Bearer {self.feed_key}"},
            )
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["items"]
            after = {"after": page["next"]}
            if not page["more"]:
                return found

    async def shown(self, complaint_id: str) -> dict[str, Any]:
        """One complaint as the feed shows it."""
        answer = await self.http.get(
            f"{self.url}/v1/complaints/{complaint_id}", headers={"Authorization": f"Bearer {self.feed_key}"}
        )
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def reports(self, person: Person) -> list[StoredReport]:
        """What the hub has of somebody."""
        return [r for r in await self.hub.reports() if _is_of(r.formulir.get("pelapor"), person)]

    async def report(self, person: Person) -> tuple[StoredReport, dict[str, Any]]:
        """The one report that the hub has of somebody, and how the feed shows it."""
        found = await self.reports(person)
        assert len(found) == 1, [each.formulir for each in found]
        return found[0], await self.shown(found[0].referensi)

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples with these labels."""
        answer = await self.http.get(f"{self.url}/metrics")
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        lines = [line for line in answer.text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(each in line for each in wanted))

    async def audit(self) -> Audit:
        """The ledger now."""
        return await audit(self.ground)

    async def rest(self, received: int = 0) -> dict[str, int]:
        """Wait until nothing is in flight and so many new messages are there; returns what the ledger has gained.

        Whatever a test did: it balances then, and nothing is doubled, by our books and by the hub's.
        """
        deadline = time.monotonic() + PATIENCE
        pause = 0.03
        while True:
            found = await self.audit()
            gained = {name: count - self.before.get(name, 0) for name, count in found.terms.items()}
            if gained["received"] >= received and found.terms["in_flight"] == 0:
                break
            assert time.monotonic() < deadline, f"no rest: {found.line()} {self.application.problems()}"
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.4)
        assert found.balanced, (found.line(), found.faults, [check for check in found.checks if not check.holds])
        assert found.terms["doubled"] == 0
        assert (await self.hub.summary()).doubled == 0
        assert gained["received"] == received, f"{gained} received, {received} expected"
        self.before = found.terms
        return {name: count for name, count in gained.items() if count}


def _is_of(reporter: Any, person: Person) -> bool:  # noqa: ANN401 a form's field
    return isinstance(reporter, dict) and (
        reporter.get("telepon") == person.phone or reporter.get("surel") == person.email
    )


def amend(home: Path, **changes: Any) -> None:  # noqa: ANN401 parts of a configuration
    """Change `muara.yaml`: what is a mapping is merged, everything else replaced."""
    yaml, path = YAML(), home / "muara.yaml"
    document = yaml.load(path)
    _merge(document, changes)
    yaml.dump(document, path)


def _merge(into: Any, changes: Mapping[str, Any]) -> None:  # noqa: ANN401
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


async def open_town(
    stack: AsyncExitStack,
    folder: Path,
    size: Size,
    *,
    wait: float = 0.15,
    partitions: int = 2,
    recipes: Mapping[str, str] | None = None,
    spool_patience: float = 30.0,
    **changes: Any,  # noqa: ANN401
) -> Town:
    """A town in an empty folder; it lives until the stack is closed.

    `recipes`: files of the home's own channels. `changes` amend its configuration; all hubs are one simulation.
    """
    secrets = make_secrets()
    hub = await stack.enter_async_context(
        HubSimulation(folder / "hub.db", token=secrets["DEMO_HUB_TOKEN"], admin_token=secrets["DEMO_HUB_ADMIN"])
    )
    home = folder / "home"
    home.mkdir()
    scene = set_stage(home, secrets, hub.url, wait=wait, partitions=partitions)
    feed_key, entry = make_feed_key("Dasbor kota")
    amend(home, connectors={"webhook": {"public_url": PUBLIC}, "folder_interval": 0.15}, keys=[entry.model_dump()])
    amend(home, sources={"surel-kota": {"settings": {"own_addresses": [NOTICES]}}})
    amend(home, **await size.settings(stack), **changes)
    same = {"profile": "sandbox", "url": hub.url, "secrets": {"token": "DEMO_HUB_TOKEN"}}
    amend(home, hubs=dict.fromkeys(changes.get("hubs", {}), same))
    for name, recipe in (recipes or {}).items():
        (home / "channels").mkdir(exist_ok=True)
        (home / "channels" / f"{name}.yaml").write_text(recipe, encoding="utf-8")
    with closing(sqlite3.connect(scene.water)) as agency:
        agency.execute(TABLE)
    make_key(home / "master.key")
    monkey = pytest.MonkeyPatch()
    stack.callback(monkey.undo)
    for name, value in secrets.items():
        monkey.setenv(name, value)
    # Plain HTTP on the loopback: reading certificates would only take time.
    http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, verify=False, timeout=30))  # noqa: S501
    town = Town(scene, hub, http, feed_key, spool_patience=spool_patience)
    stack.push_async_callback(town.end)
    await town.begin()
    await town.rest()
    return town
