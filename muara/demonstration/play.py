"""Plays the demonstration: hub and Muara start, the city writes, everything settles, the books are read."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.media import books as media_books
from connectors.media import queries as media_queries
from muara.audit import Audit, audit
from muara.config import load_config
from muara.demonstration.company import Company, apart, together
from muara.demonstration.results import judge
from muara.demonstration.scene import make_secrets, set_stage
from muara.demonstration.servers import Servers
from muara.ground import Ground, open_ground
from muara.home import Home
from normalizer import queries
from normalizer.queries import ChannelCount
from runtime.sealing.keyfile import make_key
from sandbox.city.media import MediaHouse
from sandbox.city.plan import plan_city
from sandbox.city.traffic import CityTraffic
from sandbox.city.truth import Scores
from sandbox.hub.server import HubSimulation

Progress = Callable[[str, int, int], None]
"""Called with what is going on, how much of it is done, and how much there is (0: unknown)."""


@dataclass(frozen=True, slots=True)
class Played:
    """Everything that is to be shown at the end."""

    channels: Sequence[ChannelCount]
    hub: Mapping[str, Any]
    files: Mapping[str, int]
    """Files that messages only named: how many, how many were fetched, and how many different ones the hub has."""
    audit: Audit
    doubled: int
    """By the hub's own count: references that it has more than one report of."""
    scores: Scores
    sent: int
    seconds: float
    work: Sequence[tuple[str, int, str, int]]
    """What each process did: service, process id, what it counts, how many. Empty when there was one for all."""
    lost: Sequence[str]
    """Processes that ended by themselves, in words."""

    @property
    def wrong(self) -> list[str]:
        """What is not as it must be, by Muara's books or the hub's; empty when nothing was lost or doubled."""
        terms, reports = self.audit.terms, self.hub["reports"]
        found = list(self.lost)
        if not self.audit.balanced:
            found.append("the ledger does not balance")
        if terms["in_flight"]:
            found.append(f"{terms['in_flight']} are still in flight")
        if self.doubled:
            found.append(f"the hub has {self.doubled} complaints more than once")
        if not reports == terms["delivered"] == terms["complaints"]:
            ours = f"{terms['complaints']} complaints, {terms['delivered']} delivered by our books"
            found.append(f"{ours}, {reports} reports at the hub")
        if self.scores.missing:
            channel, ident = self.scores.missing[0]
            found.append(f"{len(self.scores.missing)} messages were sent and not found, such as {channel} {ident}")
        return found


async def play(
    folder: Path,
    *,
    messages: int = 600,
    seed: int = 1,
    servers: Servers | None = None,
    progress: Progress,
    serving: Callable[[Sequence[str]], None] | None = None,
    patience: float = 150.0,
) -> Played:
    """Play in an empty folder, which is left as a home. `patience` is how many seconds the end is waited for.

    `serving` hears where Prometheus is answered while it plays. With `servers` each service has processes of its own;
    otherwise all of them share this one.

    Raises:
        PlayerLost: a process did not start.
    """
    started = time.monotonic()
    secrets = make_secrets()
    async with AsyncExitStack() as stack:
        backstage = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muara-hub-")))
        hub = await stack.enter_async_context(
            HubSimulation(
                backstage / "hub.db", token=secrets["DEMO_HUB_TOKEN"], admin_token=secrets["DEMO_HUB_ADMIN"], seed=seed
            )
        )
        house = await stack.enter_async_context(MediaHouse(secrets["DEMO_WA_ACCESS_TOKEN"]))
        scene = set_stage(
            folder, secrets, hub.url, partitions=6 if servers else 1, servers=servers, media_url=house.url
        )
        os.environ.update(secrets)
        make_key(folder / "master.key")
        home = Home(folder)
        ground = await stack.enter_async_context(open_ground(home, load_config(folder)))
        progress("the services start", 0, 0)
        company = await stack.enter_async_context(apart(folder) if servers else together(ground))
        if serving is not None:
            serving(company.metrics)
        targets = scene.targets(company.url, company.smtp_port)
        plan = plan_city(seed, messages, now=datetime.now(UTC))
        house.fill(plan.utterances)
        report = await CityTraffic(plan, targets).run(lambda done, total: progress("the city writes", done, total))
        sent = sum(count.sent for count in report.counts.values())
        await _come_to_rest(ground, company, len(plan.truth.entries), progress, patience)
        for _ in range(3):
            await hub.advance(1)
        await _come_to_rest(ground, company, len(plan.truth.entries), progress, patience)
        summary = await hub.summary()
        media = (await media_books.read(ground.store)).counts
        files = {file["sha256"] for report in await hub.reports() for file in _files(report.formulir)}
        return Played(
            channels=await queries.by_channel(ground.store),
            hub={
                "reports": summary.reports,
                "distinct_references": summary.distinct_references,
                "doubled": summary.doubled,
                "by_status": dict(summary.by_status),
            },
            files={
                "named": media["media_wanted"],
                "fetched": media["media_fetched"],
                "at_the_hub": len(files & await _fetched(ground)),
            },
            audit=await audit(ground),
            doubled=summary.doubled,
            scores=await judge(ground, plan.truth),
            sent=sent,
            seconds=time.monotonic() - started,
            work=() if company.lost() else await company.work(),
            lost=company.lost(),
        )


async def _come_to_rest(ground: Ground, company: Company, expected: int, progress: Progress, patience: float) -> None:
    """Wait until nothing is in flight, and stays so while whatever is polled has been asked again."""
    deadline = time.monotonic() + patience
    quiet = 0
    before = -1
    while quiet < 4 and time.monotonic() < deadline and not company.lost():
        terms = (await audit(ground)).terms
        media = (await media_books.read(ground.store)).counts
        progress("Muara works it off", max(terms["received"] - terms["in_flight"], 0), max(terms["received"], expected))
        at_rest = terms["in_flight"] == 0 and terms["received"] == before
        at_rest = at_rest and media["media_pending"] == media["media_outbox"] == 0
        before = terms["received"]
        quiet = quiet + 1 if at_rest else 0
        await asyncio.sleep(0.5)


def _files(form: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = form["lampiran"]
    return found


async def _fetched(ground: Ground) -> set[str]:
    """Keys of what was fetched: they are the hashes by which the hub knows files, too."""
    return {file.object for file in await media_queries.files(ground.store, ["delivered"]) if file.object}
