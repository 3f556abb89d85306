"""Several messages, one complaint: puts the parts of a conversation together without understanding them yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from normalizer.parts import Part
from normalizer.understanding.names_told import names_in
from normalizer.understanding.text import clean
from recipes.mapped import Classification, MappedAttachment, MappedLocation

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment and where its content is."""

    attachment: MappedAttachment
    object: str | None
    message_id: UUID
    number: int
    """Which attachment of that message it is, from 0."""

    @property
    def name(self) -> tuple[str | None, ...]:
        """What makes it the same file when it is sent again."""
        if self.object is not None:
            return (self.object,)
        return (self.attachment.url, self.attachment.media_id, self.attachment.filename)


@dataclass(frozen=True, slots=True)
class Composed:
    """One reporter's words and what came with them. Identities in the clear: memory only."""

    text: str
    title: str | None
    name: str | None
    phone: str | None
    email: str | None
    address: str | None
    location: MappedLocation | None
    photo: tuple[float, float] | None
    """Where a photo says that it was taken."""
    incident_date: date | None
    classification: Classification | None
    category: str | None
    anonim: bool
    rahasia: bool
    files: tuple[File, ...]
    hub_receipt: str | None
    sent_at: datetime
    received_at: datetime
    historical: bool
    given_category: str | None = None
    """Key of the category that an operator gave."""


def compose(parts: Sequence[Part]) -> Composed:
    """The parts of one complaint, in the order in which they were sent. An edit takes the place of what it edits."""
    ordered = _edited(sorted(parts, key=lambda part: (part.sent_at, part.received_at)))
    mapped = [part.mapped for part in ordered]
    files = {file.name: file for part in ordered for file in _files(part)}
    text = "\n".join(dict.fromkeys(text for written in _texts(ordered) if (text := clean(written))))
    return Composed(
        text=text,
        title=next((title for m in mapped if m.title and (title := clean(m.title))), None),
        name=_first([m.name for m in mapped]) or _told_name(text),
        phone=_first([m.phone for m in mapped]),
        email=_first([m.email for m in mapped]),
        address=_first([m.address for m in mapped]),
        location=_first([m.location for m in mapped]),
        photo=_first([part.photo for part in ordered]),
        incident_date=_first([m.incident_date for m in mapped]),
        classification=_first([m.classification for m in mapped]),
        category=_first([m.category for m in mapped]),
        anonim=any(m.anonim for m in mapped),
        rahasia=any(m.rahasia for m in mapped),
        files=tuple(files.values()),
        hub_receipt=_first([m.hub_receipt for m in mapped]),
        sent_at=min(part.sent_at for part in parts),
        received_at=min(part.received_at for part in parts),
        historical=all(part.historical for part in parts),
        given_category=_first([part.category for part in parts]),
    )


def _told_name(text: str) -> str | None:
    """By which the writer calls themselves, where the channel names nobody; of two names neither."""
    told = names_in(text)
    return told[0] if len(told) == 1 else None


def _texts(messages: Sequence[Part]) -> list[str]:
    """What was written, message by message. The parts of one SMS are one message, cut wherever it was full."""
    parts: dict[str, dict[int, str]] = {}
    texts: list[str | None] = []
    places: dict[str, int] = {}
    for each in messages:
        group, sequence = each.mapped.group, each.mapped.sequence
        if group is None or sequence is None:
            texts.append(each.text)
            continue
        if group not in parts:
            places[group] = len(texts)
            texts.append(None)
        parts.setdefault(group, {}).setdefault(sequence, each.text)
    for group, place in places.items():
        texts[place] = "".join(text for _, text in sorted(parts[group].items()))
    return [text for text in texts if text]


def _first(values: Sequence[Given | None]) -> Given | None:
    return next((value for value in values if value), None)


def _edited(parts: Sequence[Part]) -> list[Part]:
    """The last edit of each message stands for it. What a citizen deletes later stays: it was received."""
    kept: dict[object, Part] = {}
    for part in parts:
        replaced = part.refers_to if part.mapped.relation == "edit" and part.refers_to in kept else None
        if part.mapped.relation == "delete":
            continue
        kept[replaced or part.message_id] = part
    return list(kept.values()) or list(parts)


def _files(part: Part) -> list[File]:
    objects = part.objects or (None,) * len(part.mapped.attachments)
    found = zip(part.mapped.attachments, objects, strict=True)
    return [File(attachment, key, part.message_id, number) for number, (attachment, key) in enumerate(found)]
