"""What the connectors count. Labels hold channels and outcomes, never ids or people."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ACCEPTED = "accepted"
"""A message is durable."""
DEFECT = "defect"
"""A message is durable, but could not be read; it ends as a dead letter."""
RECEIPT = "receipt"
"""News about something that we sent."""


class ConnectorMetrics:
    """The counters of one process, on one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._received = Counter(
            "muara_messages_received_total",
            "Messages and requests by what became of them at the door.",
            ("channel", "outcome"),
            registry=registry,
        )
        self._known = Gauge(
            "muara_source_info",
            "1; which channel and agency a source belongs to.",
            ("source", "channel", "agency"),
            registry=registry,
        )
        self._brought = Counter(
            "muara_source_messages_total",
            "Messages that are durable, by the source that brought them.",
            ("source",),
            registry=registry,
        )
        self._durable = Histogram(
            "muara_durable_seconds",
            "Time from a delivery that was read to its messages being durable; the sender is answered then.",
            ("channel",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )
        self._failures = Counter(
            "muara_source_failures_total",
            "Failed rounds of sources that Muara asks by itself (tables, folders).",
            ("channel",),
            registry=registry,
        )
        self._success = Gauge(
            "muara_source_last_success_timestamp_seconds",
            "When a source that Muara asks by itself last answered, seconds since the epoch.",
            ("channel",),
            registry=registry,
        )
        self._silent = Gauge(
            "muara_source_silent",
            "1 while nothing comes from a source for several times its usual gap.",
            ("source",),
            registry=registry,
        )
        self._last_message = Gauge(
            "muara_source_last_message_timestamp_seconds",
            "When the last message of a source was accepted, seconds since the epoch.",
            ("source",),
            registry=registry,
        )
        self.in_flight = Gauge(
            "muara_accepting_requests", "Deliveries that are being written to the log now.", registry=registry
        )

    def knows(self, source: str, channel: str, agency: str) -> None:
        """Tell of a source, before it brings anything."""
        self._known.labels(source, channel, agency).set(1)
        self._brought.labels(source)

    def received(self, channel: str, outcome: str, count: int = 1) -> None:
        """Count messages (`accepted`, `defect`, `receipt`) or refused requests (`bad_signature`, `too_large`…)."""
        if count:
            self._received.labels(channel, outcome).inc(count)

    def durable(self, channel: str, source: str, messages: int, seconds: float) -> None:
        """Note that a delivery is durable, and how long that took."""
        self._brought.labels(source).inc(messages)
        self._durable.labels(channel).observe(seconds)

    def round_failed(self, channel: str) -> None:
        """Count a round that a polled source did not answer."""
        self._failures.labels(channel).inc()

    def round_succeeded(self, channel: str) -> None:
        """Note that a polled source answered."""
        self._success.labels(channel).set_to_current_time()

    def stands(self, source: str, *, silent: bool, last_at: datetime | None) -> None:
        """How a source stands, by all that its processes have written down."""
        self._silent.labels(source).set(silent)
        if last_at is not None:
            self._last_message.labels(source).set(last_at.timestamp())
