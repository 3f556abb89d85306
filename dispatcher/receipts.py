"""What is said on the log when a hub has a complaint."""

from datetime import datetime
from uuid import UUID

from runtime.store.outbox import Outgoing
from schemas.events import StatusEvent
from schemas.identity import event_id
from schemas.topics import STATUSES


def receipt_event(
    complaint_id: UUID,
    hub: str,
    tracking_id: str,
    *,
    url: str | None,
    at: datetime | None,
    now: datetime,
    adopted: bool = False,
) -> Outgoing:
    """The receipt of a hub. `adopted`: it had the complaint without us. Said twice, it is the same event."""
    event = StatusEvent(
        event_id=event_id(complaint_id, f"receipt:{hub}", tracking_id),
        occurred_at=now,
        origin=hub,
        kind="receipt",
        complaint_id=complaint_id,
        hub=hub,
        tracking_id=tracking_id,
        url=url,
        at=at,
        adopted=adopted,
    )
    return Outgoing(STATUSES.name, str(complaint_id), event.model_dump_json().encode())
