"""What a batch of the log says, complaint by complaint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from pydantic import ValidationError

from runtime.bus.protocol import Received
from schemas.complaint import Complaint
from schemas.events import ComplaintEvent

log = structlog.get_logger()


@dataclass(slots=True)
class News:
    """What a batch says of one complaint."""

    newest: Complaint
    events: int = 0
    origins: set[str] = field(default_factory=set)
    """Of its newest revisions: who changed it."""
    fingerprints: dict[str, str | None] = field(default_factory=dict)
    """Hub → what tells this state from others in that hub's eyes."""


def read_news(records: Sequence[Received]) -> tuple[dict[UUID, News], list[Received]]:
    """The newest state of each complaint, and the records that are no complaint events."""
    news: dict[UUID, News] = {}
    unreadable = []
    for record in records:
        try:
            event = ComplaintEvent.model_validate_json(record.value)
        except ValidationError:
            log.exception("complaint_unreadable", partition=record.partition.number, offset=record.offset)
            unreadable.append(record)
            continue
        each = news.setdefault(event.complaint.complaint_id, News(event.complaint))
        each.events += 1
        each.origins.add(event.origin)
        if event.complaint.revision > each.newest.revision:
            each.newest = event.complaint
    return news, unreadable
