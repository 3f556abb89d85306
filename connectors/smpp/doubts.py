"""Messages whose answer may not have reached the SMSC, which will send them again then.

SMPP gives a message no id, and no time. So a name is given to each and written down before it becomes durable, and
forgotten once the SMSC is known to have read our answer: it answers a question that we asked later, on the same
connection. When a connection ends, what is still remembered is in doubt: the same words of the same sender to the same
number are that message. Friday's "lampu mati" is none of Monday's.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

_MOST = 5_000
"""Messages that are remembered; when there are more, the oldest is forgotten, and could come twice."""


@dataclass(slots=True)
class _Doubt:
    index: str
    at: float
    """Seconds since the epoch when it was last seen."""
    open: bool
    """Whether it may be sent again; not while it is being taken, or waits for the SMSC to have read our answer."""


class Doubts:
    """Those of one source."""

    def __init__(self, state: Mapping[str, Any], within: float) -> None:
        """What `to_state` gave; `within`: seconds after which nothing is sent again any more."""
        self._within = within
        self._by_name: dict[str, _Doubt] = {
            name: _Doubt(index, at, open=True) for name, index, at in state.get("doubts") or ()
        }
        self.changed = False
        """Whether something was noted since the last `to_state`."""

    def name(self, index: str, now: float) -> str:
        """The name of a message that has come, by the index of its fingerprint: that of the first time, or a new one.

        `now`: seconds since the epoch.
        """
        self.changed = True
        for name, doubt in self._by_name.items():
            if doubt.open and doubt.index == index and now - doubt.at <= self._within:
                doubt.open, doubt.at = False, now
                return name
        new = f"smpp:{uuid.uuid4()}"
        self._by_name[new] = _Doubt(index, now, open=False)
        return new

    def reopen(self, names: Collection[str] | None = None) -> None:
        """They may be sent again: they were refused, or answered too late; without names, the connection has ended."""
        for name, doubt in self._by_name.items():
            doubt.open = doubt.open or names is None or name in names

    def forget(self, names: Collection[str]) -> None:
        """The SMSC has read our answers to them."""
        for name in names:
            doubt = self._by_name.get(name)
            if doubt is not None and not doubt.open:
                del self._by_name[name]
                self.changed = True

    def to_state(self, now: float) -> dict[str, Any]:
        """As JSON, without what is too old."""
        self._by_name = {name: doubt for name, doubt in self._by_name.items() if now - doubt.at <= self._within}
        while len(self._by_name) > _MOST:
            del self._by_name[next(iter(self._by_name))]
        self.changed = False
        return {"doubts": [[name, doubt.index, doubt.at] for name, doubt in self._by_name.items()]}
