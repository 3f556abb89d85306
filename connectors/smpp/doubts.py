"""Messages whose answer may not have reached the SMSC, which will send them again then.

SMPP gives a message no id, and no time. So a name is given to each and written down before it becomes durable, and
forgotten once the SMSC is known to have read our answer: it answers a question that we asked later, on the same
connection. When a connection ends, what is still remembered is in doubt: the same words of the same sender to the same
number are that message. Friday's "lampu mati" is none of Monday's.
"""

import uuid
from collections import defaultdict
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
        self._by_name: dict[str, _Doubt] = {}
        self._names = defaultdict[str, list[str]](list)
        """By index, oldest first."""
        self.changed = False
        """Whether something was noted since the last `to_state`."""
        for name, index, at in state.get("doubts") or ():
            self._add(name, _Doubt(index, at, open=True))

    def name(self, index: str, now: float) -> str:
        """The name of a message that has come, by the index of its fingerprint: that of the first time, or a new one.

        `now`: seconds since the epoch.
        """
        self.changed = True
        for name in self._names[index]:
            doubt = self._by_name[name]
            if doubt.open and now - doubt.at <= self._within:
                doubt.open, doubt.at = False, now
                return name
        new = f"smpp:{uuid.uuid4()}"
        self._add(new, _Doubt(index, now, open=False))
        return new

    def reopen(self, names: Collection[str] | None = None) -> None:
        """They may be sent again: they were refused, or answered too late; without names, the connection has ended."""
        for name in self._by_name if names is None else names:
            if name in self._by_name:
                self._by_name[name].open = True

    def forget(self, names: Collection[str]) -> None:
        """The SMSC has read our answers to them."""
        for name in names:
            doubt = self._by_name.get(name)
            if doubt is not None and not doubt.open:
                self._drop(name)
                self.changed = True

    def to_state(self, now: float) -> dict[str, Any]:
        """As JSON, without what is too old."""
        for name in [name for name, doubt in self._by_name.items() if now - doubt.at > self._within]:
            self._drop(name)
        while len(self._by_name) > _MOST:
            self._drop(next(iter(self._by_name)))
        self.changed = False
        return {"doubts": [[name, doubt.index, doubt.at] for name, doubt in self._by_name.items()]}

    def _add(self, name: str, doubt: _Doubt) -> None:
        self._by_name[name] = doubt
        self._names[doubt.index].append(name)

    def _drop(self, name: str) -> None:
        index = self._by_name.pop(name).index
        self._names[index].remove(name)
        if not self._names[index]:
            del self._names[index]
