"""How far each folder of a mailbox has been read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

_PAUSES = tuple(timedelta(minutes=4**n) for n in range(5))
"""Between the tries of a mail that the server does not give: 1, 4, 16, 64 and 256 minutes."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A mail that the server does not give, although it has it."""

    tries: int
    due: datetime
    """When it is asked for again."""

    def later(self, now: datetime) -> "Owed":
        """The same, after the longest pause."""
        return Owed(self.tries, now + _PAUSES[-1])


@dataclass(frozen=True, slots=True)
class Position:
    """The state of one folder."""

    began: datetime
    """When it was first read."""
    validity: int
    """UIDVALIDITY: under another one, the same UIDs mean other mails."""
    uid: int = 0
    """All mails up to this UID are durable, passed over, owed or gone."""
    new_from: int | None = None
    """Mails from this UID on came after `began`, whatever the server says of their time. None: judge by their time."""
    undone: tuple[int, ...] = ()
    """Mails that are durable, and with which has yet to be done what the source says."""
    owed: Mapping[int, Owed] = field(default_factory=dict)

    def put_off(self, uid: int, now: datetime) -> Owed | None:
        """What is noted before a mail is asked for again; None when it was often enough."""
        tries = self.owed[uid].tries if uid in self.owed else 0
        if tries > len(_PAUSES):
            return None
        return Owed(tries + 1, now + _PAUSES[tries] if tries < len(_PAUSES) else now)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Position":
        """What `to_state` wrote."""
        return cls(
            began=datetime.fromisoformat(state["began"]),
            validity=state["validity"],
            uid=state["uid"],
            new_from=state["new_from"],
            undone=tuple(_numbers(state["undone"])),
            owed={int(uid): Owed(tries, datetime.fromisoformat(due)) for uid, (tries, due) in state["owed"].items()},
        )

    def to_state(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "began": self.began.isoformat(),
            "validity": self.validity,
            "uid": self.uid,
            "new_from": self.new_from,
            "undone": ranges(self.undone),
            "owed": {str(uid): [owed.tries, owed.due.isoformat()] for uid, owed in self.owed.items()},
        }


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in short, such as `1:3,7`."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in found)


def _numbers(text: str) -> Iterable[int]:
    for part in text.split(",") if text else []:
        low, _, high = part.partition(":")
        yield from range(int(low), int(high or low) + 1)
