"""The log as connectors see it: with a spool before it when it is Kafka, so that they accept while it is away."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from muara.ground import Ground
from runtime.bus.embedded import EmbeddedBus
from runtime.bus.protocol import Bus
from runtime.bus.spool import SpoolingBus
from runtime.bus.spool_file import SpoolLimits
from runtime.telemetry.health import Health
from schemas.topics import RAW


@dataclass(frozen=True, slots=True)
class Door:
    """What a process accepts through, and where it says how that goes."""

    bus: Bus
    registry: CollectorRegistry
    health: Health
    spooled: Callable[[], int]
    """Accepted records that the log does not have yet."""


@asynccontextmanager
async def open_door(ground: Ground, services: Collection[str]) -> AsyncIterator[Door]:
    """Open the door of a process that runs these services.

    Raises:
        SpoolTaken: another process accepts for this home through the same spool.
        BusUnavailable: the spool's file cannot be used.
    """
    registry, health = CollectorRegistry(), Health()
    if isinstance(ground.bus, EmbeddedBus) or "connectors" not in services:
        yield Door(ground.bus, registry, health, lambda: 0)
        return
    settings = ground.config.connectors
    spool = await SpoolingBus.open(
        ground.bus,
        ground.home.spool,
        [RAW.name],
        registry=registry,
        health=health,
        limits=SpoolLimits(settings.spool_records, settings.spool_bytes),
    )
    try:
        yield Door(spool, registry, health, spool.spooled)
    finally:
        await spool.close()
