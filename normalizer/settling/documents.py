"""The published form of a complaint: built from its draft and its rows, identities masked or sealed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from normalizer.deadlines import Calendar
from normalizer.parts import Part
from normalizer.settling.composing import File
from normalizer.settling.drafting import Draft
from normalizer.understanding import masking
from runtime.sealing.protocol import Sealing
from schemas.complaint import Complaint, PrivatePart
from schemas.parts import (
    Attachment,
    Category,
    Deadlines,
    Follower,
    HubReceipt,
    Place,
    Reporter,
    Status,
    Supporter,
    Verdict,
)

_SIGNS = re.compile(r"(\[[a-z]+\])|[\W_]+")
"""What stands between the words of a file's name; what masking put there stays."""
_ENDING = re.compile(r"\.\w{1,5}$")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rows say of a complaint beside its words."""

    complaint_id: UUID
    agency: str
    channel: str
    source: str
    supporters: Sequence[Supporter] = ()
    followers: Sequence[Follower] = ()
    leader: UUID | None = None
    merged_into: UUID | None = None
    verdict: Verdict = field(default_factory=Verdict)


class Documents:
    """Builds documents."""

    def __init__(self, sealing: Sealing, calendar: Calendar) -> None:
        self._sealing = sealing
        self._calendar = calendar

    def build(
        self, draft: Draft, standing: Standing, *, previous: Complaint | None, revision: int, now: datetime
    ) -> Complaint:
        """A new revision. What hubs said is carried over from the previous one."""
        composed, hidden = draft.composed, draft.rahasia
        return Complaint(
            complaint_id=standing.complaint_id,
            revision=revision,
            agency=standing.agency,
            directed_to=draft.category.agency if draft.category and not hidden else None,
            channel=standing.channel,
            source=standing.source,
            classification=draft.classification,
            title="" if hidden else draft.title,
            text="" if hidden else draft.text,
            language=draft.language,
            reporter=Reporter() if draft.anonim or hidden else _masked(draft),
            anonim=draft.anonim,
            rahasia=hidden,
            place=Place() if hidden else draft.place,
            position_from=None if hidden else draft.position_from,
            incident_date=draft.incident_date,
            category=_category(draft),
            attachments=tuple(self._attachment(file, draft, standing.complaint_id) for file in composed.files),
            private=self._private(draft, standing.complaint_id),
            sent_at=composed.sent_at,
            received_at=composed.received_at,
            updated_at=now,
            supporters=tuple(standing.supporters),
            followers=tuple(standing.followers),
            leader=standing.leader,
            merged_into=standing.merged_into,
            # The reasons quote words and places.
            verdict=standing.verdict.model_copy(update={"reasons": ()}) if hidden else standing.verdict,
            deadlines=Deadlines()
            if draft.historical
            else self._calendar.deadlines(draft.timed_from, draft.classification),
            status=previous.status if previous else Status(since=composed.received_at),
            hub_receipts=_receipts(draft, previous),
            historical=draft.historical,
        )

    def _private(self, draft: Draft, complaint_id: UUID) -> str:
        composed = draft.composed
        private = PrivatePart(
            title=draft.private_title,
            text=draft.private_text,
            name=composed.name,
            phone=composed.phone,
            email=composed.email,
            address=composed.address,
            place=draft.place if draft.rahasia else None,
        )
        return self._sealing.seal(private.model_dump_json().encode(), subject=str(complaint_id), field="private")

    def _attachment(self, file: File, draft: Draft, complaint_id: UUID) -> Attachment:
        given = file.attachment
        reference = (given.url or given.media_id) if file.object is None else None
        return Attachment(
            media_type=given.media_type,
            filename=None if draft.rahasia else _shown_filename(given.filename, draft.composed.name),
            size=given.size,
            object=file.object,
            reference=self._sealing.seal(reference.encode(), subject=str(complaint_id), field="reference")
            if reference
            else None,
            message_id=file.message_id if reference else None,
            number=file.number if reference else None,
        )


def supporters_of(own: Sequence[Part], repeats: Sequence[tuple[str, Sequence[Part]]]) -> list[Supporter]:
    """Everything beyond the founding message: its conversation, and the reports merged into it, each with a reason."""
    found = [_supporter(part, part.reason) for part in own if part.reason != "founder"]
    for reason, parts in repeats:
        found += [_supporter(part, reason if part.reason == "founder" else part.reason) for part in parts]
    return found


def _supporter(part: Part, reason: str) -> Supporter:
    return Supporter.model_validate(
        {
            "message_id": part.message_id,
            "channel": part.channel,
            "source": part.source,
            "received_at": part.received_at,
            "reason": reason,
        }
    )


def _masked(draft: Draft) -> Reporter:
    composed = draft.composed
    return Reporter(
        name=masking.mask_name(composed.name) if composed.name else None,
        phone=masking.mask_phone(composed.phone) if composed.phone else None,
        email=masking.mask_email(composed.email) if composed.email else None,
    )


def _shown_filename(filename: str | None, name: str | None) -> str | None:
    """A file's name is free text that a person wrote, often with their own name in it, joined by any sign."""
    if not filename:
        return None
    ending = _ENDING.search(filename)
    stem = filename[: ending.start()] if ending else filename
    names = [name, *name.split()] if name else []
    # As it is written, for an address has its signs, and then word by word.
    words = _SIGNS.sub(lambda sign: f" {sign[1]} " if sign[1] else " ", masking.mask(stem, names)).split()
    shown = masking.mask(" ".join(words), names)
    return f"{shown}{ending.group()}" if ending else shown


def _category(draft: Draft) -> Category | None:
    found = draft.category
    if found is None:
        return None
    return Category(key=found.key, title=found.title, confidence=found.confidence, version=found.version)


def _receipts(draft: Draft, previous: Complaint | None) -> tuple[HubReceipt, ...]:
    if previous is not None:
        return previous.hub_receipts
    if draft.hub_receipt is None:
        return ()
    # It came with the hub's own number: it stands there already, and the dispatcher adopts it.
    return (HubReceipt(hub="*", tracking_id=draft.hub_receipt, delivered_at=draft.composed.received_at, adopted=True),)
