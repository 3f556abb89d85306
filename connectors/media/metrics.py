"""What the fetch queue counts. Labels hold sources and outcomes, never ids or addresses."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge
from sqlalchemy import func, select

from connectors.media.tables import JOBS
from runtime.delivery.outcomes import Outcome
from runtime.store.engine import Store

_OUTCOMES = {"Delivered": "fetched", "Rejected": "refused", "Retry": "failed", "Wait": "held_up"}


class MediaMetrics:
    """On one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._tries = Counter(
            "muara_media_fetches_total",
            "Tries to fetch a file that a message only names, by what came of it.",
            ("source", "outcome"),
            registry=registry,
        )
        self._files = Gauge(
            "muara_media_files",
            "Files that messages only name, by where they stand.",
            ("source", "state"),
            registry=registry,
        )
        self._oldest = Gauge(
            "muara_media_oldest_age_seconds",
            "Age of the oldest file that is still to be fetched.",
            ("source",),
            registry=registry,
        )

        self._known: set[tuple[str, str]] = set()

    def tried(self, source: str, outcome: Outcome) -> None:
        """Count a try."""
        self._tries.labels(source, _OUTCOMES.get(type(outcome).__name__, "failed")).inc()

    async def look(self, store: Store, now: datetime) -> dict[tuple[str, str], int]:
        """Count what waits, and return it.

        Raises:
            StoreUnavailable: the database does not work.
        """
        async with store.reading() as connection:
            j = JOBS.c
            rows = (
                await connection.execute(
                    select(j.destination, j.state, func.count(), func.min(j.created_at)).group_by(
                        j.destination, j.state
                    )
                )
            ).all()
        for source in {row[0] for row in rows}:
            self._oldest.labels(source).set(0)
        for gone in self._known - {(row[0], row[1]) for row in rows}:
            self._files.labels(*gone).set(0)
        self._known |= {(row[0], row[1]) for row in rows}
        found = {}
        for source, state, number, since in rows:
            self._files.labels(source, state).set(number)
            found[source, state] = number
            if state in ("pending", "leased"):
                self._oldest.labels(source).set(max(0.0, (now - since).total_seconds()))
        return found
