"""What the normalizer counts."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_HOUR = 3600.0
_WAITING = (60, 600, *(hours * _HOUR for hours in (1, 4, 12, 24, 48, 72, 120, 168, 336, 720, 1440)))
"""Seconds, up to sixty days: the longest limit that SP4N gives."""


class NormalizerMetrics:
    """The normalizer's metrics, on a registry of the process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.records = Counter(
            "muara_records_processed_total",
            "Records that a stage has finished with, by what became of them",
            ["stage", "channel", "outcome"],
            registry=registry,
        )
        self.batch = Histogram(
            "muara_batch_records",
            "Records in one batch",
            ["stage"],
            buckets=(1, 5, 20, 50, 100, 200, 500),
            registry=registry,
        )
        self.duration = Histogram(
            "muara_stage_duration_seconds",
            "Time that one batch took in a stage",
            ["stage"],
            buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=registry,
        )
        self.last_success = Gauge(
            "muara_last_success_timestamp_seconds", "When a stage last finished a batch", ["stage"], registry=registry
        )
        self.first_answer = Histogram(
            "muara_first_answer_seconds",
            "From acceptance to the first answer that a hub tells, by the hub's clock; that it was passed on is none",
            ["hub"],
            buckets=_WAITING,
            registry=registry,
        )

    def answered(self, hub: str, seconds: float) -> None:
        """Count the first answer to a complaint."""
        self.first_answer.labels(hub).observe(seconds)

    def outcomes(self, stage: str, counts: Mapping[tuple[str, str], int]) -> None:
        """Count what became of a batch, by (channel, outcome)."""
        for (channel, outcome), count in counts.items():
            self.records.labels(stage, channel, outcome).inc(count)
