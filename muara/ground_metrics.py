"""Exports how log and database are doing, as they say themselves. One service does it, the portal, from one place."""

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import text

from muara.ground import Ground
from muara.log_books import losses
from runtime.bus.kafka import KafkaBus
from runtime.loops import Loop
from runtime.store.engine import Store
from runtime.telemetry.health import Health
from schemas.topics import TOPICS

_EVERY = 10.0
"""Seconds between two looks."""
_COUNTS = text(
    "SELECT deadlocks, xact_rollback AS rollbacks, numbackends AS connections, pg_database_size(datname) AS size"
    " FROM pg_stat_database WHERE datname = current_database()"
)


class GroundMetrics:
    """Looks in the background."""

    def __init__(self, ground: Ground, registry: CollectorRegistry) -> None:
        self._ground = ground
        self._ends = Gauge(
            "muara_log_end_offset",
            "Records that were ever written to a topic: the sum of its partitions' ends",
            ["topic"],
            registry=registry,
        )
        self._size = Gauge(
            "muara_database_size_bytes",
            "What the files of the embedded size take, or the database on PostgreSQL",
            ["database"],
            registry=registry,
        )
        self._lost = Gauge(
            "muara_records_lost",
            "Records that the log dropped before a service had read them: retention is too short, or it was replaced",
            ["service", "topic"],
            registry=registry,
        )
        self._kafka: _Kafka | None = None
        if isinstance(ground.bus, KafkaBus):
            self._kafka = _Kafka(ground.bus, registry)
        self._postgres: _Postgres | None = None
        if ground.store.dialect == "postgresql":
            self._postgres = _Postgres(ground.store, registry)
        # What is away is the trouble of whoever needs it; here only the numbers are missing then.
        self._loops = [
            Loop("ground.log", self._log, Health(), idle=_EVERY),
            Loop("ground.database", self._database, Health(), idle=_EVERY),
        ]

    def start(self) -> None:
        """Begin."""
        for loop in self._loops:
            loop.start()

    async def stop(self) -> None:
        """End."""
        for loop in self._loops:
            await loop.stop()

    async def _log(self) -> bool:
        try:
            for topic in TOPICS:
                self._ends.labels(topic.name).set(sum((await self._ground.bus.ends(topic.name)).values()))
            if self._kafka is not None:
                await self._kafka.look()
            else:
                self._size.labels("log").set(_bytes(self._ground.home.log))
        except Exception:  # raised again below
            self._ends.clear()  # a number that is no longer true says less than none
            raise
        return False

    async def _database(self) -> bool:
        if self._postgres is not None:
            self._size.labels("store").set(await self._postgres.look())
        else:
            self._size.labels("store").set(_bytes(Path(self._ground.store.url.database or "")))
        for (service, topic), count in (await losses(self._ground.store)).items():
            self._lost.labels(service, topic).set(count)
        return False


class _Kafka:
    def __init__(self, bus: KafkaBus, registry: CollectorRegistry) -> None:
        self._bus = bus
        self._brokers = Gauge("muara_kafka_brokers", "Brokers that are there", registry=registry)
        self._partitions = Gauge(
            "muara_kafka_partitions",
            "Partitions of our topics: all, those of which a copy is behind or away, those that nobody leads",
            ["state"],
            registry=registry,
        )

    async def look(self) -> None:
        try:
            found = await self._bus.standing()
        except Exception:  # raised again below
            self._brokers.set(0)
            self._partitions.clear()
            raise
        self._brokers.set(found.brokers)
        self._partitions.labels("all").set(found.partitions)
        self._partitions.labels("short_of_copies").set(found.short_of_copies)
        self._partitions.labels("without_leader").set(found.without_leader)


class _Postgres:
    """Its counts go back to its last reset of statistics; ours begin with this process."""

    def __init__(self, store: Store, registry: CollectorRegistry) -> None:
        self._store = store
        self._backends = Gauge(
            "muara_postgres_backends", "Connections that the server has for our database", registry=registry
        )
        self._counters = {
            "deadlocks": Counter(
                "muara_postgres_deadlocks_total", "Deadlocks that the server has resolved", registry=registry
            ),
            "rollbacks": Counter(
                "muara_postgres_rollbacks_total", "Transactions that were rolled back", registry=registry
            ),
        }
        self._before: dict[str, int] = {}

    async def look(self) -> int:
        """Returns the size of the database in bytes."""
        async with self._store.reading() as connection:
            found = (await connection.execute(_COUNTS)).one()
        now = {name: int(getattr(found, name)) for name in self._counters}
        for name, counter in self._counters.items():
            counter.inc(max(now[name] - self._before.get(name, now[name]), 0))
        self._before = now
        self._backends.set(found.connections)
        return int(found.size)


def _bytes(path: Path) -> int:
    """A file of SQLite with what stands beside it."""
    beside = (path, path.with_name(f"{path.name}-wal"))
    return sum(each.stat().st_size for each in beside if each.exists())
