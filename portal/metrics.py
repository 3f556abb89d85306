"""What the portal counts. Labels hold kinds and outcomes, never ids or people."""

from collections import Counter as Counted
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from runtime.bus.protocol import Partition

MOST_DISTRICTS = 200
"""Districts that one process counts apart, more than any city or regency has; all further ones are one."""
OTHERS = "others"


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
        self.categories = Counter(
            "muara_complaints_total",
            "Complaints that appeared for the first time, by category; without those that are secret or from the past",
            ["category"],
            registry=registry,
        )
        self.districts = Counter(
            "muara_complaints_by_district_total",
            "The same by district (kecamatan), or by city where no more is known: Kemendagri code and name",
            ["district"],
            registry=registry,
        )
        self._districts: set[str] = set()
        self.entries = Gauge("muara_portal_feed_entries", "Entries of the feed", registry=registry)
        self._lag = Gauge(
            "muara_portal_lag_records", "Published revisions not read yet", ["partition"], registry=registry
        )
        self.last_success = Gauge(
            "muara_portal_last_success_timestamp_seconds", "When the portal last wrote a batch", registry=registry
        )

    def written(self, counts: Mapping[str, int], subjects: Iterable[tuple[str, str]] = ()) -> None:
        """Count what became of a batch, and what its new complaints are about."""
        for outcome, count in counts.items():
            self.records.labels(outcome).inc(count)
        # Summed first: to find a label's counter costs more than to count.
        categories, districts = Counted[str](), Counted[str]()
        for category, district in subjects:
            categories[category] += 1
            districts[district] += 1
        for category, count in categories.items():
            self.categories.labels(category).inc(count)
        for district, count in districts.items():
            self.districts.labels(self._bounded(district)).inc(count)
        self.last_success.set_to_current_time()

    def _bounded(self, district: str) -> str:
        """A district while there are not too many of them."""
        if len(self._districts) < MOST_DISTRICTS:
            self._districts.add(district)
        return district if district in self._districts else OTHERS

    def lag(self, partition: Partition, records: int) -> None:
        """Note how far a partition is behind."""
        self._lag.labels(str(partition.number)).set(records)
