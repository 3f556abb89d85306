"""What a new revision means for one hub: nothing, a first delivery, an update, or that none is needed any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatcher.hub import Hub, Mode
from dispatcher.rendering import ATTACH, CREATE, UPDATE
from dispatcher.routing import APPROVAL, MERGED, SHADOW, Beginning, beginning, by_mode
from runtime.delivery.outcomes import State
from schemas.complaint import Complaint
from schemas.identity import delivery_id
from schemas.parts import HubReceipt


@dataclass(frozen=True, slots=True)
class Standing:
    """One delivery as it stands."""

    delivery_id: UUID
    state: State
    reason: str | None
    sequence: int
    fingerprint: str | None
    rendered: bool
    """Whether what it says is fixed."""
    receipt: str | None

    @property
    def untried(self) -> bool:
        """Whether the hub cannot have it: what is pending is fixed when it is first sent."""
        return self.state == "withheld" or (self.state == "pending" and not self.rendered)


@dataclass(frozen=True, slots=True)
class Known:
    """The deliveries of one complaint to one hub."""

    create: Standing
    last: Standing
    """The latest that was not superseded: what the hub knows, or will know."""
    top: int
    """The highest sequence."""

    @classmethod
    def of(cls, rows: Sequence[Any]) -> "Known":
        """From rows in the order of their sequence."""
        all_ = [
            Standing(r.delivery_id, r.state, r.reason, r.sequence, r.fingerprint, r.rendered, r.receipt) for r in rows
        ]
        kinds = {standing.delivery_id: row.kind for standing, row in zip(all_, rows, strict=True)}
        create = next(each for each in all_ if kinds[each.delivery_id] == CREATE)
        said = [each for each in all_ if each.state != "superseded" and kinds[each.delivery_id] != ATTACH]
        last = said[-1:] or [create]
        return cls(create, last[0], all_[-1].sequence)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write for one complaint and one hub."""

    complaint: Complaint
    hub: str
    delivery: dict[str, Any] | None = None
    """A row to add."""
    restate: dict[str, Any] | None = None
    """A delivery that was not sent yet and now begins otherwise."""
    supersede: UUID | None = None
    """A delivery that was not tried yet, and need not be."""
    adopted: HubReceipt | None = None
    tracking_id: str | None = None
    """The hub's number, when it has one."""


def plan(
    complaint: Complaint,
    hub: str,
    at: Hub,
    *,
    known: Known | None,
    fingerprint: str | None,
    echo: bool,
    now: datetime,
) -> Plan | None:
    """Decide. `hub`, `at`: the hub by its name, and as it is configured. `echo`: the hub itself made this revision, so
    it need not be told.
    """
    if known is None:
        begins = beginning(complaint, hub, at.mode)
        row = _row(complaint, hub, CREATE, begins, fingerprint=fingerprint, urgent=at.hurries(complaint), now=now)
        return Plan(complaint, hub, delivery=row, adopted=begins.receipt)
    create = known.create
    if create.untried:
        return _before_sending(complaint, hub, at.mode, create, fingerprint)
    if create.state == "rejected":
        return None  # when it is sent after all, it is rendered from the newest revision
    if echo or fingerprint is None or fingerprint == known.last.fingerprint:
        return None
    last = known.last
    untried = last.delivery_id != create.delivery_id and last.untried
    urgent = at.hurries(complaint)
    row = _row(complaint, hub, UPDATE, by_mode(at.mode), fingerprint=fingerprint, urgent=urgent, now=now)
    row["sequence"] = max(complaint.revision, known.top + 1)
    return Plan(
        complaint, hub, delivery=row, supersede=last.delivery_id if untried else None, tracking_id=create.receipt
    )


def _before_sending(
    complaint: Complaint, hub: str, mode: Mode, create: Standing, fingerprint: str | None
) -> Plan | None:
    """The hub does not have it yet: the delivery itself changes, if at all."""
    begins: Beginning | None = None
    if complaint.merged_into is not None:
        if create.reason != MERGED and create.reason in (None, SHADOW, APPROVAL):
            begins = Beginning("withheld", MERGED)
    elif create.reason == MERGED:
        begins = by_mode(mode)
    if begins is None and fingerprint == create.fingerprint:
        return None
    restate = {
        "id_": create.delivery_id,
        "state_": begins.state if begins else create.state,
        "reason_": begins.reason if begins else create.reason,
        "fingerprint_": fingerprint,
    }
    return Plan(complaint, hub, restate=restate)


def _row(
    complaint: Complaint,
    hub: str,
    kind: str,
    begins: Beginning,
    *,
    fingerprint: str | None,
    urgent: bool,
    now: datetime,
) -> dict[str, Any]:
    receipt = begins.receipt
    return {
        "delivery_id": delivery_id(complaint.complaint_id, hub, kind, complaint.revision),
        "subject_id": complaint.complaint_id,
        "destination": hub,
        "kind": kind,
        "sequence": complaint.revision,
        "state": begins.state,
        "reason": begins.reason,
        "fingerprint": fingerprint,
        "receipt": receipt.tracking_id if receipt else None,
        "url": receipt.url if receipt else None,
        "finished_at": now if begins.state == "adopted" else None,
        "created_at": now,
        "share": complaint.agency,
        "urgent": urgent,
    }
