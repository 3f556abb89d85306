"""Asks something of many mails at once, and of each by itself where that fails, so that none spoils the others."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from connectors.imap.failures import MailboxUnavailable, Refused
from connectors.imap.worker import Worker

_DEADLY = 3
"""So often may the connection break over one mail before the mail is taken for the cause."""
_BREAKS = "each time that it is asked for it, the connection breaks"
_T = TypeVar("_T")
Ask = Callable[[list[int]], dict[int, _T]]
"""Blocks; from UIDs to what the server gives of them."""


class Asking:
    """Remembers over broken connections whom they broke over."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._deaths: Counter[tuple[str, int]] = Counter()

    def forget(self) -> None:
        """UIDs mean other mails from now on."""
        self._deaths.clear()

    async def each(self, what: str, uids: Sequence[int], ask: Ask[_T]) -> tuple[dict[int, _T], dict[int, str]]:
        """What is given, by UID, and the reasons of refusals.

        Raises:
            MailboxUnavailable: the connection broke. Next time each of these mails is asked for by itself.
        """
        found, refusals = dict[int, _T](), dict[int, str]()
        together = [uid for uid in uids if not self._deaths[what, uid]]
        if together:
            try:
                found = await self._asked(what, together, ask)
            except Refused:
                found = {}  # one of them is to blame
        for uid in uids:
            if uid in found:
                continue
            if self._deaths[what, uid] >= _DEADLY:
                refusals[uid] = _BREAKS
            else:
                try:
                    found |= await self._asked(what, [uid], ask)
                except Refused as refusal:
                    refusals[uid] = str(refusal)
            self._deaths.pop((what, uid), None)
        return found, refusals

    async def _asked(self, what: str, uids: list[int], ask: Ask[_T]) -> dict[int, _T]:
        try:
            return await self._worker.call(ask, uids)
        except MailboxUnavailable:
            self._deaths.update((what, uid) for uid in uids)
            raise
