"""What is said on the log of a hub's receipts and states."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from recipes.hubs.listings import FoundChange
from runtime.store.outbox import Outgoing
from schemas.events import StatusEvent
from schemas.identity import event_id
from schemas.parts import State
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


def state_event(
    complaint_id: UUID, hub: str, change: FoundChange, states: Mapping[str, State], now: datetime
) -> Outgoing:
    """What a hub says of a state; `states`: its word → canonical state. Said twice, it is the same event."""
    event = StatusEvent(
        event_id=event_id(complaint_id, f"status:{hub}", change.id),
        occurred_at=now,
        origin=hub,
        kind="status",
        complaint_id=complaint_id,
        hub=hub,
        tracking_id=change.tracking_id,
        state=states.get(change.word),
        words=change.words or change.word,
        at=change.at,
    )
    return Outgoing(STATUSES.name, str(complaint_id), event.model_dump_json().encode())
