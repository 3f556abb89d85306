"""Exports what this process asks of the database: connections in use, and how long its statements take."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from runtime.store.engine import Store

_KINDS = frozenset({"select", "insert", "update", "delete"})
_OTHER = "other"


def export_store(store: Store, registry: CollectorRegistry) -> None:
    """Register it all."""
    registry.register(_Connections(store))
    statements = Histogram(
        "muara_statement_seconds",
        "Time that one statement took, the way to the database and back included",
        ["kind"],
        buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 2, 10),
        registry=registry,
    )
    store.observe(lambda word, seconds: statements.labels(word if word in _KINDS else _OTHER).observe(seconds))


class _Connections(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        """As Prometheus asks."""
        family = GaugeMetricFamily(
            "muara_database_connections",
            "This process's connections to the database; ten at most may be in use on PostgreSQL",
            labels=["state"],
        )
        for state, count in zip(("in_use", "idle"), self._store.connections, strict=True):
            family.add_metric([state], count)
        yield family
