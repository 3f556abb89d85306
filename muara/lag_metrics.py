"""Exports how far this process's services are behind the log, and how its clients of Kafka are doing."""

from collections.abc import Collection, Iterator

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from connectors.source import Source
from muara.ground import Ground
from muara.lag import behind
from muara.log_books import reading
from runtime.bus.kafka import KafkaBus
from runtime.loops import Loop
from runtime.telemetry.health import Health

_EVERY = 5.0
"""Seconds that a number is kept before it is read anew."""


class LagMetrics:
    """Reads the lag in the background. Every instance of a service says the same of all partitions."""

    def __init__(
        self, ground: Ground, services: Collection[str], sources: Collection[Source], registry: CollectorRegistry
    ) -> None:
        """`services`: those of this process, with all their parts that read something for these sources."""
        self._ground = ground
        self._services = [each for each in reading(sources, {}) if each.partition(".")[0] in services]
        self._lag = Gauge(
            "muara_consumer_lag_records",
            "Records on the log that a service has not read yet, by its stored positions",
            ["service", "topic", "partition"],
            registry=registry,
        )
        self._oldest = Gauge(
            "muara_consumer_oldest_unread_seconds",
            "How long the first record that a service has not read yet has been on the log; 0 when it has read all",
            ["service", "topic", "partition"],
            registry=registry,
        )
        if isinstance(ground.bus, KafkaBus):
            registry.register(_Clients(ground.bus))
        # What is away is the trouble of whoever needs it; here only the numbers are missing then.
        self._loop = Loop("log.lag", self._measure, Health(), idle=_EVERY)

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    async def stop(self) -> None:
        """End."""
        await self._loop.stop()

    async def _measure(self) -> bool:
        try:
            found = {
                (service, place): unread
                for service in self._services
                for place, unread in (await behind(self._ground.bus, self._ground.store, service)).items()
            }
        except Exception:  # raised again below
            for gauge in (self._lag, self._oldest):
                gauge.clear()  # a number that is no longer true says less than none
            raise
        for (service, place), unread in found.items():
            labels = (service, place.topic, str(place.number))
            self._lag.labels(*labels).set(unread.records)
            self._oldest.labels(*labels).set(unread.oldest_seconds)
        return False


class _Clients(Collector):
    """What the clients of Kafka count themselves."""

    def __init__(self, bus: KafkaBus) -> None:
        self._bus = bus

    def collect(self) -> Iterator[Metric]:
        """As Prometheus asks."""
        recreated = CounterMetricFamily(
            "muara_producer_recreated_total", "Producers that failed for good and were replaced; nothing is lost by it"
        )
        recreated.add_metric([], max(self._bus.producers - 1, 0))
        yield recreated
        rebalances = CounterMetricFamily(
            "muara_consumer_rebalances_total",
            "Times that a group shared its partitions out anew, as this process saw it",
            labels=["group"],
        )
        for group, count in sorted(self._bus.rebalances.items()):
            rebalances.add_metric([group], count)
        yield rebalances
