"""What the dispatcher counts."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from runtime.delivery.circuit import CircuitState
from runtime.delivery.outcomes import Outcome

CIRCUIT: dict[CircuitState, int] = {"closed": 0, "half_open": 1, "open": 2}


class DispatcherMetrics:
    """The dispatcher's metrics, on a registry of the process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Gauge("muara_deliveries", "Deliveries by state", ["hub", "state"], registry=registry)
        self.oldest = Gauge(
            "muara_delivery_oldest_pending_age_seconds",
            "Age of the oldest delivery that is not finished; 0 when all are",
            ["hub"],
            registry=registry,
        )
        self.circuit = Gauge("muara_hub_circuit_state", "0 closed, 1 half open, 2 open", ["hub"], registry=registry)
        self.stopped = Gauge(
            "muara_hub_stopped",
            "1 while nothing is sent: the hub refused our credentials, a person paused it, or its secret is missing",
            ["hub", "why"],
            registry=registry,
        )
        self.attempts = Counter(
            "muara_delivery_attempts_total", "Tries by what came of them", ["hub", "outcome"], registry=registry
        )
        self.duration = Histogram(
            "muara_hub_request_duration_seconds",
            "Time that one try took, with its look-up",
            ["hub"],
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
            registry=registry,
        )
        self.end_to_end = Histogram(
            "muara_end_to_end_seconds",
            "From acceptance to the hub's receipt",
            ["channel"],
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 86400),
            registry=registry,
        )
        self.statuses = Counter(
            "muara_hub_changes_total",
            "Changes that hubs told: applied, of unknown reports, or in words that the profile does not know",
            ["hub", "outcome"],
            registry=registry,
        )
        self.heard = Gauge(
            "muara_hub_heard_timestamp_seconds",
            "When a hub last told a change, asked or by itself",
            ["hub"],
            registry=registry,
        )
        self.pushes = Counter(
            "muara_hub_pushes_total",
            "Requests of hubs that tell their changes by themselves, by what came of them",
            ["hub", "outcome"],
            registry=registry,
        )
        self.deadlines = Gauge(
            "muara_deadlines",
            "Complaints at hubs by the step that is to be done: open, approaching its end, or missed",
            ["hub", "step", "state"],
            registry=registry,
        )
        self.deadlines_told = Counter(
            "muara_deadlines_told_total",
            "Deadlines that were said to approach or to be missed",
            ["hub", "step", "state"],
            registry=registry,
        )
        self.deadlines_ended = Counter(
            "muara_deadlines_ended_total",
            "Steps at hubs that were done, in time or late, by the hub's clock",
            ["hub", "step", "outcome"],
            registry=registry,
        )
        self.reconciliation = Gauge(
            "muara_hub_reconciliation",
            "What differed between the ledger and the hub's own listing when they were last compared",
            ["hub", "kind"],
            registry=registry,
        )
        self.reconciled = Gauge(
            "muara_hub_reconciled_timestamp_seconds",
            "When the ledger and the hub's own listing were last compared",
            ["hub"],
            registry=registry,
        )
        self.last_success = Gauge(
            "muara_dispatcher_last_success_timestamp_seconds",
            "When a stage last finished a batch",
            ["stage"],
            registry=registry,
        )

    def tried(self, hub: str, outcome: Outcome, seconds: float) -> None:
        """Count a try."""
        self.attempts.labels(hub, type(outcome).__name__.lower()).inc()
        self.duration.labels(hub).observe(seconds)

    def delivered(self, channel: str, received_at: datetime, now: datetime) -> None:
        """Count the way of a complaint from acceptance to receipt."""
        self.end_to_end.labels(channel).observe(max((now - received_at).total_seconds(), 0.0))
