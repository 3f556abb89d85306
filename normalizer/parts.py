"""One mapped message as a part of a complaint, and how the parts are kept: sealed, for they hold identities."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar, cast
from uuid import UUID

from pydantic import TypeAdapter

from recipes.mapped import Mapped
from runtime.sealing.protocol import Sealing
from schemas.identity import message_id
from schemas.raw import RawComplaint

Value = TypeVar("Value")

Reason = Literal["founder", "conversation", "reply", "edit", "part"]


@dataclass(frozen=True, slots=True)
class Part:
    """A message in a complaint."""

    message_id: UUID
    channel: str
    source: str
    received_at: datetime
    mapped: Mapped
    objects: tuple[str | None, ...] = ()
    """Keys of the stored contents of `mapped.attachments`, in their order; None where there is only a reference."""
    reason: Reason = "founder"
    """How it relates to the complaint that it joins; `founder` when it began one, or relates to nothing."""
    refers_to: UUID | None = None
    """The earlier message that it edits, answers or continues."""
    historical: bool = False
    traceparent: str | None = None
    photo: tuple[float, float] | None = None
    """Latitude and longitude that a photo of it tells, WGS 84 degrees."""
    category: str | None = None
    """Of a founder: the key of the category that an operator gave the complaint."""
    first_half: int | None = None
    last_half: int | None = None
    """The halves of emoji (UTF-16 surrogates) that its text begins and ends with, where an SMS was cut: no JSON holds
    them as text, so they are kept beside it.
    """

    @property
    def sent_at(self) -> datetime:
        """The sender's time, or that of acceptance."""
        return self.mapped.sent_at or self.received_at

    @property
    def text(self) -> str:
        """What was written, with the halves at its ends."""
        first, last = (chr(half) if half is not None else "" for half in (self.first_half, self.last_half))
        return f"{first}{self.mapped.text}{last}"


_PARTS = TypeAdapter(list[Part])


def part_of(raw: RawComplaint, mapped: Mapped, objects: Sequence[str | None]) -> Part:
    """A part that can be stored whatever the sender put into it."""
    first, text, last = _halved(mapped.text) if mapped.sequence is not None else (None, mapped.text, None)
    return Part(
        message_id=raw.message_id,
        channel=raw.channel,
        source=raw.source,
        received_at=raw.received_at,
        mapped=storable(dataclasses.replace(mapped, text=text)),
        objects=tuple(objects),
        reason=mapped.relation if mapped.relation in ("reply", "part") else "edit" if mapped.relation else "founder",
        refers_to=_referred(raw, mapped.refers_to),
        historical=raw.historical,
        traceparent=raw.traceparent,
        first_half=first,
        last_half=last,
    )


def _halved(text: str) -> tuple[int | None, str, int | None]:
    first = ord(text[0]) if text and "\udc00" <= text[0] <= "\udfff" else None
    last = ord(text[-1]) if text and "\ud800" <= text[-1] <= "\udbff" else None
    return first, text[first is not None : len(text) - (last is not None)], last


def _referred(raw: RawComplaint, external_id: str | None) -> UUID | None:
    if external_id is None:
        return None
    # Lone surrogates are written out, as they are when a message gets its own id.
    name = external_id.encode("utf-8", "backslashreplace").decode()
    return message_id(raw.agency, raw.channel, raw.source, name)


def seal_parts(sealing: Sealing, complaint_id: UUID, parts: Sequence[Part]) -> str:
    """The parts as one sealed token."""
    return sealing.seal(_PARTS.dump_json(list(parts)), subject=str(complaint_id), field="parts")


def open_parts(sealing: Sealing, complaint_id: UUID, token: str) -> list[Part]:
    """The parts of a complaint, in the order of joining.

    Raises:
        SealingError: not sealed with this key for this complaint.
    """
    return _PARTS.validate_json(sealing.open(token, subject=str(complaint_id), field="parts"))


@cache
def _names_of(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def storable(value: Value) -> Value:
    """The same value without NUL and lone surrogates, which JSON or PostgreSQL refuse."""
    return cast("Value", _cleaned(value))


def _cleaned(value: Any) -> Any:  # noqa: ANN401 walks any field of a mapped message
    if isinstance(value, str):
        if type(value) is str and value.isascii() and "\x00" not in value:
            return value
        return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value) if value else value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {
            name: after
            for name in _names_of(type(value))
            if (before := getattr(value, name)) is not None and (after := _cleaned(before)) is not before
        }
        return dataclasses.replace(value, **changed) if changed else value
    return value
