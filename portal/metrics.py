"""What the portal counts. Labels hold kinds and outcomes, never ids or people."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from runtime.bus.protocol import Partition


class PortalMetrics:
    """The portal's metrics, on a registry of the process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "muara_portal_requests_total",
            "Requests to the feed, by what was asked and what came of it",
            ["route", "outcome"],
            registry=registry,
        )
        self.records = Counter(
            "muara_portal_records_total",
            "Records of the topic of complaints by what became of them",
            ["outcome"],
            registry=registry,
        )
        self.delay = Histogram(
            "muara_portal_delay_seconds",
            "Time from the publication of a revision to its appearance in the feed",
            buckets=(0.05, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 3600),
            registry=registry,
        )
        self.entries = Gauge("muara_portal_feed_entries", "Entries of the feed", registry=registry)
        self._lag = Gauge(
            "muara_portal_lag_records", "Published revisions not read yet", ["partition"], registry=registry
        )
        self.last_success = Gauge(
            "muara_portal_last_success_timestamp_seconds", "When the portal last wrote a batch", registry=registry
        )

    def written(self, counts: Mapping[str, int]) -> None:
        """Count what became of a batch."""
        for outcome, count in counts.items():
            self.records.labels(outcome).inc(count)
        self.last_success.set_to_current_time()

    def lag(self, partition: Partition, records: int) -> None:
        """Note how far a partition is behind."""
        self._lag.labels(str(partition.number)).set(records)
