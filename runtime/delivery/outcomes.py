"""What can come of a try, and the port through which a try is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

State = Literal["pending", "leased", "delivered", "rejected", "parked", "withheld", "adopted", "superseded"]
"""`pending`: to be sent. `leased`: being sent. `delivered`: the destination has it. `rejected`: it refused. `parked`: a
person must decide. `withheld`: not to be sent, for the reason named. `adopted`: it stood there already. `superseded`: a
later one says the same and more."""

STATES: tuple[State, ...] = (
    "pending", "leased", "delivered", "rejected", "parked", "withheld", "adopted", "superseded",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to send, leased to us."""

    delivery_id: UUID
    """Also its idempotency key."""
    subject_id: UUID
    destination: str
    kind: str
    sequence: int
    """Order among the deliveries of one subject to one destination."""
    attempts: int
    """Tries so far that count."""
    doubt: bool
    """An earlier try may have succeeded."""
    token: str
    """Of the lease."""
    request: str | None
    """What is sent, sealed (subject: delivery id, field: request)."""
    created_at: datetime
    turn: int = 0
    """Its place in the queue; see `runtime.delivery.turns`."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The destination has it."""

    receipt: str | None
    """Its number there."""
    url: str | None = None
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Retry:
    """It was not taken, and may be later."""

    reason: str
    after: timedelta | None = None
    """When the destination says so; else the backoff decides."""
    counts: bool = True
    """Whether it uses up one of the delivery's attempts: not when the destination was not even reached."""
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Wait:
    """The destination asks for a pause of everything."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Our configuration is wrong: nothing goes there until a person resumes."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The destination refuses this one."""

    reason: str
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It may have been taken or not."""

    reason: str
    after: timedelta | None = None
    """How long the destination asks to be left alone, when it says so."""
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Undecided:
    """An earlier try may have been taken, and nobody can find out: a person must."""

    reason: str
    answer: bytes = b""


Outcome = Delivered | Retry | Wait | Stop | Rejected | Ambiguous | Undecided


@dataclass(frozen=True, slots=True)
class Found:
    """A look-up shows that the destination has it."""

    receipt: str
    url: str | None = None
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Absent:
    """A look-up shows nothing."""

    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no look-up, or it could not be made now; then `again` says what to do."""

    reason: str
    again: Retry | Wait | Stop | None = None


@dataclass(frozen=True, slots=True)
class Doubts:
    """How a destination lets a doubt be settled, for one kind of delivery."""

    repeatable: bool
    """The same bytes with the same key again do no harm."""
    settle_after: timedelta
    """Until then a look-up proves nothing."""
    absence_proves: bool
    """A look-up that finds nothing proves that nothing is there."""


class Sender(Protocol):
    """Makes tries. Never raises for what a destination does: that is an outcome."""

    def doubts(self, kind: str, frozen: bytes | None = None) -> Doubts:
        """How doubts of this kind are settled, for these bytes when they are named."""
        ...

    async def send(self, delivery: Delivery, frozen: bytes) -> Outcome:
        """One try with these very bytes."""
        ...

    async def lookup(self, delivery: Delivery, frozen: bytes) -> Found | Absent | Unknown:
        """Ask whether an earlier try with these bytes succeeded."""
        ...
