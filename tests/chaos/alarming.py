"""A running Muara with a Prometheus beside it, whose rules are those of production in a fraction of the time.

A fault is made and held until its own alert fires; then it is undone, and everything has to end. What else fires
meanwhile is no help to whoever is woken: it must not.
"""

import asyncio
import itertools
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from tests.certificates import Authority
from tests.outside import free_ports, until
from tests.pipeline.sizes import Size
from tests.pipeline.town import Person, Town, open_town
from tools.observability.alerts import rules
from tools.observability.times import Times
from tools.observability.written import yaml_text
from tools.services.kafka import KafkaCluster
from tools.services.prometheus import PrometheusServer

SCALE = 30.0
"""A minute of the rules is two seconds here."""
PATIENCE = 150.0
"""Seconds for an alert to fire, or for all to end. Only what fails waits so long."""
_OFTEN = (
    "muara.ledger_metrics._EVERY", "muara.ledger_metrics._SHARE", "muara.lag_metrics._EVERY",
    "muara.ground_metrics._EVERY", "muara.certificate_metrics._FIRST", "muara.certificate_metrics._EVERY",
    "dispatcher.service._SWEEP", "connectors.service._LOOK",
)  # fmt: skip
"""What Muara looks at every few seconds, it looks at several times a second here."""


@dataclass
class Stage:
    """What a fault has in its hands."""

    town: Town
    prometheus: PrometheusServer
    door: ssl.SSLContext
    """Of the proxy before Muara; a certificate that is loaded into it is shown from then on."""
    folder: Path
    broker: KafkaCluster | None = None
    _saying: list[asyncio.Task[int]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def say(self) -> int:
        """A message of somebody new, about something new. Returns the HTTP status."""
        number = next(self._numbers)
        words = f"Lampu jalan padam di Jalan Uji {number}, RT {number % 9 + 1}, sudah {number} hari"
        answer = await self.town.whatsapp(self.town.text(Person("Warga Contoh", 4000 + number), words, number))
        return answer.status_code

    async def say_on(self) -> None:
        """One that is not waited for: others come meanwhile."""
        self._saying.append(asyncio.create_task(self.say()))

    async def all_said(self) -> None:
        """Wait for the answers to all of these."""
        saying, self._saying = self._saying, []
        await asyncio.gather(*saying)

    async def mumble(self) -> None:
        """A ticket that nobody can understand."""
        number = next(self._numbers)
        ticket = {"nomor_tiket": f"RS-alarm-{number}", "waktu": "bukan waktu", "keluhan": {"isi": "rusak"}}
        await self.town.desk(ticket)

    async def firing(self) -> set[str]:
        """The alerts that fire now."""
        found = await asyncio.to_thread(self.prometheus.alerts)
        return {str(each["labels"]["alertname"]) for each in found if each["state"] == "firing"}


@dataclass(frozen=True)
class Alarm:
    """One fault, and the alert that it is to raise."""

    alert: str
    fault: Callable[[Stage], AbstractAsyncContextManager[None]]
    """There while the block runs."""
    meanwhile: Callable[[Stage], Awaitable[object]] | None = None
    """Done again and again until the alert fires: what goes on while the fault is there."""
    afterwards: Callable[[Stage], Awaitable[object]] | None = None
    """Done again and again until all has ended."""
    also: frozenset[str] = frozenset()
    """Objectives that suffer by the same fault: their budgets are to burn."""
    lasting: frozenset[str] = frozenset()
    """What goes on firing when the fault is undone, and rightly so: nothing brings back what is lost."""
    sizes: frozenset[str] = frozenset({"embedded", "kafka"})


@dataclass(frozen=True)
class Tried:
    """What came of it."""

    alert: str
    fired: float | None
    """Seconds after the fault, when it fired; None: it did not."""
    ended: float | None
    """Seconds after the fault was undone, when nothing fired any more; None: something goes on firing."""
    others: frozenset[str]
    """What fired beside it, and should not."""

    @property
    def well(self) -> bool:
        """Whether it is as it should be."""
        return self.fired is not None and self.ended is not None and not self.others


async def try_out(alarm: Alarm, stage: Stage) -> Tried:
    """Make the fault, wait for its alert, undo it, wait for the end."""
    others: set[str] = set()
    allowed = {alarm.alert, *alarm.also, *alarm.lasting}

    async def firing(
        wanted: Callable[[set[str]], bool], then: Callable[[Stage], Awaitable[object]] | None
    ) -> float | None:
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE:
            now = await stage.firing()
            others.update(now - allowed)
            if wanted(now):
                return time.monotonic() - began
            if then is not None:
                await then(stage)
            await asyncio.sleep(0.25)
        return None

    async with alarm.fault(stage):
        fired = await firing(lambda now: alarm.alert in now, alarm.meanwhile)
    ended = await firing(lambda now: not now - alarm.lasting, alarm.afterwards)
    return Tried(alarm.alert, fired, ended, frozenset(others))


@asynccontextmanager
async def open_stage(folder: Path, size: Size, broker: KafkaCluster | None = None) -> AsyncIterator[Stage]:
    """A town of a size with its Prometheus; `broker` is what it stands on, if it may be paused."""
    async with AsyncExitStack() as stack:
        for name in _OFTEN:
            stack.enter_context(patch(name, 0.2))
        door = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        (folder / "door").mkdir()
        door.load_cert_chain(*Authority(folder / "door", timedelta(days=365)).issue("lapor"))
        proxy = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=door)
        stack.callback(proxy.close)
        (port,) = free_ports(1)  # kept over a restart, since Prometheus looks there
        (folder / "town").mkdir()
        town = await open_town(
            stack,
            folder / "town",
            size,
            spool_patience=1.0 if broker is not None else 30.0,
            connectors={"webhook": {"public_url": f"https://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"}},
            http={"port": port},
        )
        prometheus = await asyncio.to_thread(_prometheus, folder / "prometheus", port)
        stack.push_async_callback(asyncio.to_thread, prometheus.stop)
        await until(lambda: _unseen(prometheus), "Prometheus does not see how all is well")
        yield Stage(town, prometheus, door, folder, broker)


async def _unseen(prometheus: PrometheusServer) -> bool:
    return not await asyncio.to_thread(
        prometheus.query, "count(muara_records_lost == 0) and min(muara_ledger_balanced) == 1"
    )


def _prometheus(folder: Path, port: int) -> PrometheusServer:
    folder.mkdir()
    (folder / "rules.yml").write_text(yaml_text(rules(Times(SCALE))), encoding="utf-8")
    often = {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"}
    return PrometheusServer.start(
        folder,
        {
            "global": often,
            "rule_files": [str(folder / "rules.yml")],
            "scrape_configs": [{"job_name": "muara", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
        },
    )
