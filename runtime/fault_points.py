"""For tests alone: the boundaries between one durable write and the next, at each of which a process can be let die.

The environment variable `MUARA_FAULT_POINT=NAME[:NTH]` chooses one of `POINTS`. When the process passes that point for
the nth time (the first by default) it kills itself with SIGKILL: nothing is finished, nothing is flushed. The variable
is read once, when this module is imported; without it a point costs one comparison.
"""

import os
import signal
import sys

VARIABLE = "MUARA_FAULT_POINT"

POINTS = {
    "connectors.logged": "the log has what was received; its sender was not answered yet",
    "connectors.spooled": "the spool has what was received; its sender was not answered yet",
    "connectors.drained": "the log has what the spool held; the spool holds it still",
    "connectors.polled": "the log has what a source was asked for; its cursor does not know it yet",
    "connectors.cursor_saved": "the cursor of a source has moved",
    "connectors.imported": "the log has all rows of a file; the file lies where it was",
    "normalizer.committed": "a batch is in the tables; the group's offsets and the log's events are not told yet",
    "normalizer.offsets": "the group's offsets are told; the batch's events are in the outbox alone",
    "normalizer.settled": "a round of settling is in the tables; its events are in the outbox alone",
    "outbox.published": "the log has the events; the outbox holds them still",
    "outbox.deleted": "the outbox has let the events go",
    "dispatcher.committed": "complaints and what is to be delivered are in the tables; the offsets are not told yet",
    "dispatcher.offsets": "the group's offsets are told",
    "dispatcher.heard": "a hub's news are in the tables, and where to go on; their events are in the outbox alone",
    "delivery.leased": "deliveries are leased and frozen; nothing was sent",
    "delivery.answered": "the hub has answered; nobody has written it down",
    "delivery.recorded": "what the hub answered is in the tables; its events are in the outbox alone",
    "portal.committed": "the feed shows a batch; the group's offsets are not told yet",
}
"""Name → what has happened when it is passed, and what has not."""


def _chosen() -> tuple[str, int]:
    name, _, nth = os.environ.get(VARIABLE, "").partition(":")
    if name and (name not in POINTS or (nth and not (nth.isdecimal() and int(nth) > 0))):
        sys.exit(f"{VARIABLE} is NAME or NAME:NTH with a name out of {', '.join(POINTS)}")
    return name, int(nth or 1)


_name, _left = _chosen()


def reached(name: str) -> None:
    """Say that a point is passed. It is only a test that asked for it whose process ends here."""
    global _left  # noqa: PLW0603 a count of this process, which ends with it
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
