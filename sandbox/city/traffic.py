"""Sends a plan over real protocols: bounded concurrency, one conversation in order, time compressed."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from sandbox.city.clients.base import Client, Counts, Patience
from sandbox.city.clients.files import FilesClient
from sandbox.city.clients.mail import MailClient
from sandbox.city.clients.opd import OpdClient
from sandbox.city.clients.sql import SqlClient
from sandbox.city.clients.twilio import TwilioClient
from sandbox.city.clients.whatsapp import WhatsAppClient
from sandbox.city.plan import Plan
from sandbox.city.schedule import Parcel, parcels
from sandbox.city.targets import Targets
from sandbox.city.utterances import Channel

Progress = Callable[[int, int], None]
"""Called with the messages sent so far and all that there are to send, copies included."""


@dataclass(frozen=True, slots=True)
class TrafficReport:
    """What was sent, by channel, as the clients saw it."""

    counts: dict[Channel, Counts]
    skipped: dict[Channel, int]
    """Messages of channels that have no target."""
    seconds: float


@dataclass(slots=True)
class _Tail:
    """The end of one conversation: what the next parcel has to wait for."""

    burst: int | None = None
    before: list["asyncio.Task[None]"] = field(default_factory=list)
    """What the parcels of the running burst wait for."""
    running: list["asyncio.Task[None]"] = field(default_factory=list)


class _Outlets:
    """One client for each channel that has a target."""

    def __init__(self, targets: Targets, http: httpx.AsyncClient, patience: Patience) -> None:
        self._clients: dict[Channel, Client] = {}
        if targets.whatsapp:
            self._clients[Channel.WHATSAPP] = WhatsAppClient(targets.whatsapp, http, patience)
        if targets.sms:
            self._clients[Channel.SMS] = TwilioClient(targets.sms, http, patience)
        if targets.email:
            self._clients[Channel.EMAIL] = MailClient(targets.email, patience)
        if targets.hospital:
            self._clients[Channel.HOSPITAL] = OpdClient(targets.hospital, http, patience)
        if targets.water:
            self._clients[Channel.WATER] = SqlClient(targets.water, patience)
        self._files = FilesClient(targets.subdistrict) if targets.subdistrict else None

    async def send(self, parcel: Parcel) -> None:
        if parcel.upload is not None and self._files is not None:
            await self._files.upload(parcel.upload)
        else:
            client = self._clients[parcel.channel]
            await asyncio.gather(*(client.send(parcel.said) for _ in range(parcel.sockets)))

    def counts(self) -> dict[Channel, Counts]:
        files = {Channel.SUBDISTRICT: self._files.counts} if self._files else {}
        return {channel: client.counts for channel, client in self._clients.items()} | files


class CityTraffic:
    """Sends one plan once."""

    def __init__(
        self,
        plan: Plan,
        targets: Targets,
        *,
        compression: float | None = None,
        concurrency: int = 32,
        patience: Patience | None = None,
    ) -> None:
        """Takes the plan and where it goes.

        Args:
            plan: what is sent.
            targets: where each channel goes; a channel without target is left out and reported as skipped.
            compression: seconds of the plan in one second of the run; None sends as fast as the other side takes it.
            concurrency: parcels under way at most.
            patience: how long a refused or unanswered request is repeated.
        """
        self._plan, self._targets, self._compression = plan, targets, compression
        self._slots = asyncio.Semaphore(concurrency)
        self._concurrency = concurrency
        self._patience = patience or Patience()
        self._tails: dict[str, _Tail] = {}

    async def run(self, on_progress: Progress | None = None) -> TrafficReport:
        """Sends everything, and returns when all of it is accepted, refused or given up.

        Raises:
            OSError: the folder for files cannot be written.
        """
        used = self._targets.used()
        schedule = parcels(self._plan, used)
        total = sum(parcel.size for parcel in schedule)
        started = time.monotonic()
        limits = httpx.Limits(max_connections=2 * self._concurrency, max_keepalive_connections=2 * self._concurrency)
        done = 0

        def report(messages: int) -> None:
            nonlocal done
            done += messages
            if on_progress:
                on_progress(done, total)

        async with httpx.AsyncClient(limits=limits, trust_env=False) as http:
            outlets = _Outlets(self._targets, http, self._patience)
            async with asyncio.TaskGroup() as group:
                for parcel in schedule:
                    await self._await_due(parcel, schedule[0], started)
                    await self._slots.acquire()
                    ahead = self._ahead(parcel)
                    task = group.create_task(self._send(parcel, ahead, outlets, report))
                    self._append(parcel, task)
        skipped = Counter(said.channel for said in self._plan.utterances if said.channel not in used)
        return TrafficReport(outlets.counts(), dict(skipped), time.monotonic() - started)

    async def _await_due(self, parcel: Parcel, first: Parcel, started: float) -> None:
        if self._compression is None:
            return
        due = started + (parcel.due - first.due).total_seconds() / self._compression
        if (ahead := due - time.monotonic()) > 0:
            await asyncio.sleep(ahead)

    def _ahead(self, parcel: Parcel) -> list["asyncio.Task[None]"]:
        """What must be over before this parcel goes out. All of it holds a slot already, so nobody waits in a ring."""
        ahead: list[asyncio.Task[None]] = []
        for conversation in parcel.conversations:
            tail = self._tails.setdefault(conversation, _Tail())
            same_burst = parcel.burst is not None and tail.burst == parcel.burst
            ahead += tail.before if same_burst else tail.running
        return ahead

    def _append(self, parcel: Parcel, task: "asyncio.Task[None]") -> None:
        for conversation in parcel.conversations:
            tail = self._tails[conversation]
            if parcel.burst is not None and tail.burst == parcel.burst:
                tail.running.append(task)
            else:
                tail.burst, tail.before, tail.running = parcel.burst, tail.running, [task]

    async def _send(
        self, parcel: Parcel, ahead: Sequence["asyncio.Task[None]"], outlets: _Outlets, report: Callable[[int], None]
    ) -> None:
        try:
            if ahead:
                await asyncio.wait(ahead)
            await outlets.send(parcel)
        finally:
            self._slots.release()
        report(parcel.size)
