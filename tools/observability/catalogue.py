"""The metrics that Muara exports, read off the very objects that export them; docs/metrics.md is made of it.

Every service is put together as it is in a process of its own, on Kafka and PostgreSQL, which exports the most; nothing
starts, and no server is asked.
"""

import asyncio
import tempfile
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from muara.config import load_config
from muara.door import open_door
from muara.ground import Ground
from muara.home import Home
from muara.wiring import SERVICES, Application
from runtime.bus.kafka import KafkaBus
from runtime.bus.kafka_settings import KafkaSettings
from runtime.objects.folder import FolderObjects
from runtime.sealing.keyfile import make_key
from runtime.store.engine import Store
from schemas.topics import TOPICS

_HEAD = """\
# Metrics

Every process answers `/metrics` in Prometheus' text format. This page is made from the code (`make boards`);
`process_…` is what Prometheus' own client tells of the process. Labels hold names that stand in the configuration,
states and outcomes: no ids, no people.

What to look at first stands in [operations.md](operations.md#health-and-metrics).

How much it is: with six sources of five channels and one hub, all services in one process show about 400 series in
37 kB a scrape (`curl -s http://127.0.0.1:8400/metrics | grep -vc '^#'` counts them). Their number follows from what is
configured, from outcomes that have occurred, and from categories and districts (at most 200) that were complained of;
1,500 messages a second raise the same counters that one raises. A scrape every 15 seconds is 2.5 kB a second.
"""


@dataclass(slots=True)
class Known:
    """One metric."""

    name: str
    """As it is asked for: counters with `_total`, histograms without `_bucket`."""
    kind: str
    words: str
    labels: tuple[str, ...]
    services: list[str] = field(default_factory=list)


def catalogue() -> dict[str, Known]:
    """All metrics by name."""
    return asyncio.run(_catalogue())


async def _catalogue() -> dict[str, Known]:
    found: dict[str, Known] = {}
    for service in SERVICES:
        for each in await _of(service):
            found.setdefault(each.name, each).services.append(service)
    return found


async def _of(service: str) -> list[Known]:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        (home.folder / "muara.yaml").write_text("agency: kota\nbus: kafka://127.0.0.1:1\n", encoding="utf-8")
        make_key(home.folder / "master.key")
        home.data.mkdir()
        config = load_config(home.folder)
        sealer = home.sealer()
        async with AsyncExitStack() as stack:
            bus = KafkaBus(KafkaSettings.from_url(config.bus or ""), TOPICS)
            stack.push_async_callback(bus.close)
            store = Store("postgresql+asyncpg://muara@127.0.0.1:1/muara")
            stack.push_async_callback(store.close)
            ground = Ground(home, config, bus, store, sealer, FolderObjects(home.objects, sealer))
            door = await stack.enter_async_context(open_door(ground, [service]))
            application = Application(ground, [service], door=door)
            return list(_read(application.registry))


def _read(registry: CollectorRegistry) -> Iterable[Known]:
    # The registry tells families, but of those without a sample no labels: these only the objects know.
    for collector in registry._collector_to_names:  # noqa: SLF001 there is no public way
        labels = collector._labelnames if isinstance(collector, MetricWrapperBase) else None  # noqa: SLF001 likewise
        for family in collector.collect():
            name = f"{family.name}_total" if family.type == "counter" else family.name
            told = tuple(labels) if labels is not None else tuple(family.samples[0].labels if family.samples else ())
            if not name.startswith("process_"):
                yield Known(name, family.type, family.documentation.rstrip("."), told)


def page(metrics: Iterable[Known]) -> str:
    """The page of the catalogue."""
    rows = ["| metric | type | says | exported by |", "|---|---|---|---|"]
    for each in sorted(metrics, key=lambda known: known.name):
        labels = f"{{{','.join(each.labels)}}}" if each.labels else ""
        by = "every process" if len(each.services) == len(SERVICES) else ", ".join(each.services)
        rows.append(f"| `{each.name}{labels}` | {each.kind} | {each.words} | {by} |")
    return f"{_HEAD}\n" + "\n".join(rows) + "\n"
