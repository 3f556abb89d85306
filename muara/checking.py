"""What `muara check` looks at."""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from connectors.checks import TRANSPORTS, faults, missing_secrets
from connectors.media.fetchable import lacking
from connectors.probing import probed
from muara import hub_news, log_books
from muara.checking_servers import log_findings, store_findings, tables_findings
from muara.config import Config, load_config, missing_variables
from muara.context import outranked
from muara.finding import Finding
from muara.ground import open_books
from muara.home import FILE, Home
from muara.parts import build_hubs, build_sources, unserved_hubs
from normalizer.understanding.ruling import Ruling
from normalizer.understanding.tables import RulesError
from recipes.document import DocumentError
from recipes.examples import run_examples
from recipes.library import load_channels
from runtime.bus.protocol import BusUnavailable
from runtime.clock import system_clock
from runtime.objects.protocol import ObjectsUnavailable
from runtime.objects.s3 import S3Objects
from runtime.sealing.protocol import SealingError
from runtime.sealing.sealer import Sealer
from runtime.store.engine import Store, StoreUnavailable

_LOW_DISK = 1 << 30
"""Bytes: below this a burst with attachments can fill the disk before anybody notices."""


async def examine(folder: Path, *, bus: str | None = None, store: str | None = None) -> list[Finding]:
    """Look at everything that can be looked at without accepting or sending anything.

    `bus` and `store` outrank the file's and the environment's.
    """
    if not await asyncio.to_thread((folder / FILE).is_file):
        return [
            Finding("configuration", ok=False, words=f"{folder} has no {FILE}: make one with `muara init {folder}`")
        ]
    try:
        config = outranked(load_config(folder), bus=bus, store=store)
    except DocumentError as error:
        return [Finding("configuration", ok=False, words=str(error))]
    return [finding async for finding in _examine(Home(folder), config)]


async def _examine(home: Home, config: Config) -> AsyncIterator[Finding]:
    yield Finding("configuration", ok=True, words=f"{home.folder / FILE} is understood")
    async for finding in _sources(home, config):
        yield finding
    yield await asyncio.to_thread(_rules, home)
    for words in missing_variables(config):
        yield Finding("secrets", ok=False, words=f"{words}: set it before Muara starts")
    async for finding in _data(home, config):
        yield finding
    for name, port, host in _ports(config):
        yield await asyncio.to_thread(_port, name, host, port)
    async for finding in _hubs(home, config):
        yield finding
    if not config.keys:
        yield Finding("feed", ok=True, words="no key yet, so nobody can read the feed; `muara keys new NAME` makes one")


async def _sources(home: Home, config: Config) -> AsyncIterator[Finding]:
    try:
        channels = load_channels(home.channels, TRANSPORTS)
        sources = list(build_sources(home, config, channels).values())
    except DocumentError as error:
        yield Finding("recipes", ok=False, words=str(error))
        return
    failed = [result for channel in channels.values() for result in run_examples(channel) if not result.passed]
    for result in failed:
        yield Finding("recipes", ok=False, words=str(result))
    if not failed:
        yield Finding("recipes", ok=True, words=f"{len(channels)} channels, all examples hold")
    for words in [*faults(sources, config.connectors), *missing_secrets(sources)]:
        yield Finding("sources", ok=False, words=words)
    words = f"{len(sources)} configured" if sources else "none yet: add one under `sources:`, see `muara channels list`"
    yield Finding("sources", ok=True, words=words)
    for source in sources:
        if missing := lacking(source):
            words = f"files that messages only name stay where they are: add {', '.join(missing)} under its `secrets:`"
            yield Finding(f"source {source.id}", ok=True, words=words)
    async for found in probed(sources, system_clock):
        yield Finding(f"source {found.source}", ok=found.ok, words=found.words)


def _rules(home: Home) -> Finding:
    try:
        ruling = Ruling(home.rules)
    except RulesError as error:
        return Finding("rules", ok=False, words=str(error))
    if failures := list(ruling.failures()):
        return Finding("rules", ok=False, words="\n".join(failures))
    whose = f"{', '.join(ruling.own)} of this home" if ruling.own else "those that come with Muara"
    table = ruling.categories.table
    words = f"{whose}; {len(table.categories)} categories, version {table.version}; {ruling.cases} cases hold"
    return Finding("rules", ok=True, words=words)


async def _data(home: Home, config: Config) -> AsyncIterator[Finding]:
    try:
        yield Finding("master key", ok=True, words=f"key {home.sealer().key_id}")
    except SealingError as error:
        yield Finding("master key", ok=False, words=str(error))
    try:
        if config.bus or config.store:
            async for finding in _servers(home, config):
                yield finding
        elif home.has_data:
            async for finding in _log_and_store(home, config):
                yield finding
        else:
            await asyncio.to_thread(_try_to_write, home.folder)
            yield Finding("data", ok=True, words=f"none yet; `muara up` makes it in {home.data}")
    except (BusUnavailable, StoreUnavailable) as error:
        yield Finding("data", ok=False, words=str(error))
    except OSError as error:
        words = f"{home.folder}: {error.strerror}: give this user the right to write there, and free some space"
        yield Finding("data", ok=False, words=words)
    if config.objects:
        yield await _objects(config)
    free = shutil.disk_usage(home.folder).free
    yield Finding("disk", ok=free >= _LOW_DISK, words=f"{free / (1 << 30):.1f} GiB free")


async def _objects(config: Config) -> Finding:
    """S3 gets one small object, the same each time: nothing less tells whether we may write."""
    try:
        await S3Objects(config.objects or "", Sealer(bytes(32))).probe()
    except ObjectsUnavailable as error:
        return Finding("objects", ok=False, words=str(error))
    return Finding("objects", ok=True, words=f"{(config.objects or '').partition('?')[0]} can be written")


async def _servers(home: Home, config: Config) -> AsyncIterator[Finding]:
    """The log or the store, or both, are servers; what is not is a file of the home."""
    if config.bus:
        async for finding in log_findings(home, config):
            yield finding
    if config.store:
        async for finding in store_findings(config):
            yield finding
    elif (home.data / "store.db").exists():
        async for finding in _store(home):
            yield finding
    folder = home.data if home.data.is_dir() else home.folder
    await asyncio.to_thread(_try_to_write, folder)
    ours = "attachments" if config.bus and config.store else "attachments and what is not on a server"
    yield Finding("data", ok=True, words=f"{folder} can be written: {ours}, and what is accepted while Kafka is away")


async def _store(home: Home) -> AsyncIterator[Finding]:
    store = Store(home.store)
    try:
        async with store.writing():
            pass
        async for finding in tables_findings(store, always=False):
            yield finding
    finally:
        await store.close()


async def _log_and_store(home: Home, config: Config) -> AsyncIterator[Finding]:
    async with open_books(home, config) as books:
        async with books.store.writing():
            pass  # the right to write, and no other process that holds it for ever
        await asyncio.to_thread(_try_to_write, home.data)
        log = await log_books.read(books.bus)
        for fault in log.faults:
            yield Finding("log", ok=False, words=fault)
        made = len({partition.number for partition in log.bounds})
        if log.bounds and made != config.partitions:
            words = f"the log was made with partitions: {made}, which cannot change; write that into {FILE}"
            yield Finding("log", ok=False, words=words)
        async for finding in tables_findings(books.store, always=False):
            yield finding
    yield Finding("data", ok=True, words=f"{home.data}: log and store can be written")


def _try_to_write(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"muara")


def _ports(config: Config) -> list[tuple[str, int, str]]:
    ports = [("http", config.http.port, config.http.host)]
    if config.connectors.smtp is not None:
        ports.append(("smtp", config.connectors.smtp.port, config.connectors.smtp.host))
    return [each for each in ports if each[1]]


def _port(name: str, host: str, port: int) -> Finding:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            words = (
                f"{host}:{port} cannot be had ({error.strerror}): a running Muara holds it, or choose another in {FILE}"
            )
            return Finding(f"{name} port", ok=False, words=words)
    return Finding(f"{name} port", ok=True, words=f"{host}:{port} is free")


async def _hubs(home: Home, config: Config) -> AsyncIterator[Finding]:
    try:
        hubs = build_hubs(home, config)
    except (DocumentError, RulesError) as error:
        yield Finding("hubs", ok=False, words=str(error))
        return
    for words in unserved_hubs(home, config, hubs).values():
        yield Finding("hubs", ok=False, words=f"{words}; until then its complaints wait")
    for finding in hub_news.findings(config, hubs):
        yield finding
    if not hubs:
        yield Finding("hubs", ok=True, words="none yet: complaints are kept, and routed nowhere")
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
        for name, hub in hubs.items():
            try:
                answer = await client.get(hub.base_url)
            except httpx.HTTPError as error:
                words = f"{hub.base_url} does not answer ({type(error).__name__}): is the address right, is it up?"
                yield Finding(f"hub {name}", ok=False, words=words)
                continue
            yield Finding(
                f"hub {name}", ok=True, words=f"{hub.base_url} answers ({answer.status_code}); mode {hub.mode}"
            )
