"""Reads one folder on from where it stands: oldest first, in groups, each durable before the position moves.

No mail holds up the others. One that the server has and does not give is owed: the position moves on, it is asked for
again at growing intervals, and in the end a dead letter stands for it. So does one at which the connection breaks each
time.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TypeVar

import structlog

from connectors.acceptance import Acceptance, Delivery
from connectors.imap.asking import Ask, Asking
from connectors.imap.connection import Connection, Letter, Opened
from connectors.imap.failures import MailboxUnavailable, Refused
from connectors.imap.mails import HEAD, Mail, groups, oversized, whole, withheld
from connectors.imap.position import Owed, Position
from connectors.imap.settings import MailboxSettings
from connectors.imap.worker import Worker
from connectors.leases import Lease
from connectors.source import Source
from runtime.fault_points import reached

_PAGE = 200
_NO_CHANCE = 3
"""If so many mails are asked for and none is given, the server is in trouble, and not the mails."""
_EMPTY = "it says that it has the mail, and gives nothing"
_log = structlog.get_logger("muara.connectors.imap")

_T = TypeVar("_T")
Save = Callable[[Position], Awaitable[None]]
"""Makes a position durable, under the lease."""


@dataclass(slots=True)
class Visit:
    """One reading of a folder."""

    connection: Connection
    lease: Lease
    save: Save
    go_on: Callable[[], bool]
    taken: int = 0
    """Mails that were made durable."""


@dataclass(slots=True)
class Folder:
    """One folder of one source."""

    name: str
    source: Source
    settings: MailboxSettings
    acceptance: Acceptance
    worker: Worker
    clock: Callable[[], datetime]
    asking: Asking = field(init=False)
    _turned_back: bool = False

    def __post_init__(self) -> None:
        """Begin without suspicion."""
        self.asking = Asking(self.worker)

    async def read(self, visit: Visit, position: Position | None) -> None:
        """Take all that is new, and all that is owed and due.

        Raises:
            FolderMissing: it is not there.
            Refused: the server does not let us do what the source says with mails that are durable.
            MailboxUnavailable: the connection is lost.
            LeaseLost, StoreUnavailable, and what `accept` raises: what is not durable yet comes again.
        """
        changing = self.settings.after != "keep"
        opened = await self.worker.call(visit.connection.select, self.name, changing=changing)
        placed = self._placed(position, opened)
        if placed != position:
            await visit.save(placed)
        position = placed
        for uid in [uid for uid, owed in position.owed.items() if owed.due <= self.clock()]:
            position = await self._ask_again(visit, position, uid)
        while visit.go_on() and (uids := await self.worker.call(visit.connection.newer, position.uid)):
            for start in range(0, len(uids), _PAGE):
                if visit.go_on():
                    position = await self._page(visit, position, uids[start : start + _PAGE])
        await self._finish(visit, position)

    def _placed(self, position: Position | None, opened: Opened) -> Position:
        if position is None:
            first = Position(self.clock(), opened.validity, new_from=opened.next)
            passed = self.settings.since == "now" and opened.next is not None
            return replace(first, uid=(opened.next or 1) - 1) if passed else first
        back = opened.next is not None and opened.next <= position.uid
        if opened.validity == position.validity and (not back or self._turned_back):
            return position
        # A mailbox that was restored from a backup may give numbers out anew. It happens once; a server that errs about
        # its next number would have us read everything each time.
        self._turned_back = back
        _log.warning(
            "folder numbered anew, so it is read anew; what is known already makes no doubles",
            source=self.source.id, folder=self.name, validity=opened.validity,
        )  # fmt: skip
        self.asking.forget()
        return Position(position.began, opened.validity)

    async def _page(self, visit: Visit, position: Position, uids: Sequence[int]) -> Position:
        letters, owed = await self._letters(visit, position, uids)
        position = replace(position, owed={**position.owed, **owed})
        wanted = [letter for letter in letters if self._wanted(letter, position)]
        for group in groups(wanted, self.settings.max_size):
            if not visit.go_on():
                return position
            mails, owed = await self._fetch(visit, position, group)
            last = uids[-1] if group[-1] is wanted[-1] else group[-1].uid
            position = await self._take(visit, replace(position, uid=last, owed={**position.owed, **owed}), mails)
            position = await self._finish(visit, position, quietly=True)
        if position.uid < uids[-1]:
            position = replace(position, uid=uids[-1])
            await visit.save(position)
        return position

    async def _letters(
        self, visit: Visit, position: Position, uids: Sequence[int]
    ) -> tuple[list[Letter], dict[int, Owed]]:
        """What mails are like, and which of them the server withholds: some read a mail to tell its size."""
        ask = visit.connection.letters
        found, owed = await self._each(visit, position, "letter", uids, ask)
        return [found[uid] for uid in uids if uid in found], owed

    async def _fetch(
        self, visit: Visit, position: Position, group: Sequence[Letter]
    ) -> tuple[list[Mail], dict[int, Owed]]:
        """The mails of a group, and which of them the server withholds."""
        # One byte more than is wanted tells whether there is more, whatever size the server has told.
        ask = partial(visit.connection.bodies, most=self.settings.max_size + 1)
        small = [letter.uid for letter in group if not self._is_large(letter.size)]
        bodies, owed = await self._each(visit, position, "body", small, ask)
        mails = []
        for letter in group:
            body = bodies.pop(letter.uid, None)
            if body is not None or self._is_large(letter.size):
                mails.append(await self._mail(visit, letter, body))
        return mails, owed

    async def _each(
        self, visit: Visit, position: Position, what: str, uids: Sequence[int], ask: Ask[_T]
    ) -> tuple[dict[int, _T], dict[int, Owed]]:
        """What is asked of mails, and which of them are withheld. Those that are gone are in neither."""
        found, refusals = await self.asking.each(what, uids, ask)
        absent = [uid for uid in uids if uid not in found]
        there = await self.worker.call(visit.connection.there, absent) if absent else []
        if not found and len(there) >= _NO_CHANCE:
            why = refusals.get(there[0], _EMPTY)
            raise MailboxUnavailable(f"none of {len(there)} mails is given, which is hardly their fault: {why}")
        owed = dict[int, Owed]()
        for uid in there:
            owed |= self._owe(position, uid, refusals.get(uid, _EMPTY))
        return found, owed

    async def _mail(self, visit: Visit, letter: Letter, body: bytes | None) -> Mail:
        if body is not None and not self._is_large(len(body)):
            return await self.worker.call(whole, self.source, letter, body)
        if body is None:
            try:
                body = (await self.worker.call(visit.connection.bodies, [letter.uid], HEAD)).get(letter.uid, b"")
            except Refused:
                body = b""
        large = replace(letter, size=max(letter.size, len(body)))
        place = self._place(letter.uid)
        _log.warning("mail too large", source=self.source.id, place=place, bytes=large.size)
        return await self.worker.call(oversized, self.source, large, body[:HEAD], place, self.settings.max_size)

    async def _take(self, visit: Visit, position: Position, mails: Sequence[Mail]) -> Position:
        """Make mails durable, and then the position behind them."""
        if mails:
            visit.lease.check()
            await self.acceptance.accept_all(self._deliveries(position, mails))
            visit.taken += len(mails)
            reached("connectors.polled")
        if self.settings.after != "keep":
            durable = [mail.letter.uid for mail in mails if mail.whole]
            position = replace(position, undone=(*position.undone, *durable))
        await visit.save(position)
        reached("connectors.cursor_saved")
        return position

    def _deliveries(self, position: Position, mails: Sequence[Mail]) -> list[Delivery]:
        return [
            Delivery(
                self.source,
                [item for mail in several for item in mail.items],
                historical=past,
                provenance=[self._place(mail.letter.uid) for mail in several for _ in mail.items],
            )
            for past, each in groupby(mails, lambda mail: self._past(mail.letter, position))
            for several in [list(each)]
        ]

    async def _finish(self, visit: Visit, position: Position, *, quietly: bool = False) -> Position:
        """Do with durable mails what the source says. What fails is tried again at the next reading."""
        if not position.undone:
            return position
        try:
            for start in range(0, len(position.undone), _PAGE):
                await self.worker.call(visit.connection.finish, position.undone[start : start + _PAGE])
        except Refused:
            if quietly:
                return position
            raise
        position = replace(position, undone=())
        await visit.save(position)
        return position

    async def _ask_again(self, visit: Visit, position: Position, uid: int) -> Position:
        """One more try of a mail that was not given."""
        next_try = position.put_off(uid, self.clock())
        others = {other: owed for other, owed in position.owed.items() if other != uid}
        if next_try is None and not await self._gives_others(visit, uid):
            position = replace(position, owed={**others, uid: position.owed[uid].later(self.clock())})
            await visit.save(position)
            return position
        if next_try is None:
            place = self._place(uid)
            mail = withheld(Letter(uid, 0, None), position.validity, place, "it was asked for it six times")
            _log.error("mail given up; a dead letter stands for it", source=self.source.id, place=place)
            return await self._take(visit, replace(position, owed=others), [mail])
        # Noted before the try: should the connection break over it, the others have their turn first.
        position = replace(position, owed={**others, uid: next_try})
        await visit.save(position)
        letters, owed = await self._letters(visit, position, [uid])
        if not owed:
            mails, owed = await self._fetch(visit, position, letters)
        if owed:
            return position
        return await self._take(visit, replace(position, owed=others), mails)

    async def _gives_others(self, visit: Visit, uid: int) -> bool:
        """Whether the server gives any other mail, as far as there is one: else it is not this one's fault."""
        others = [other for other in await self.worker.call(visit.connection.newer, 0) if other != uid][:_NO_CHANCE]
        for other in others:
            try:
                if await self.worker.call(visit.connection.bodies, [other], 1):
                    return True
            except Refused:
                continue
        return not others

    def _owe(self, position: Position, uid: int, why: str) -> dict[int, Owed]:
        if uid in position.owed:
            return {uid: position.owed[uid]}
        self.acceptance.metrics.received(self.source.channel.recipe.channel, "withheld")
        _log.error("mail not given; asked for again later", source=self.source.id, place=self._place(uid), why=why)
        next_try = position.put_off(uid, self.clock())
        return {uid: next_try} if next_try else {}

    def _wanted(self, letter: Letter, position: Position) -> bool:
        earliest = self.settings.earliest(position.began, self.source.zone)
        return earliest is None or letter.came is None or self._is_new(letter, position) or letter.came >= earliest

    def _past(self, letter: Letter, position: Position) -> bool:
        if self.settings.historical:
            return True
        if letter.came is None or self._is_new(letter, position):
            return False
        return letter.came < position.began - timedelta(days=self.settings.recent_days)

    def _is_new(self, letter: Letter, position: Position) -> bool:
        return position.new_from is not None and letter.uid >= position.new_from

    def _is_large(self, size: int) -> bool:
        return size > self.settings.max_size

    def _place(self, uid: int) -> str:
        return f"{self.name}, UID {uid}"
