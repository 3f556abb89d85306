"""A connection to a mailbox. Its methods block, and belong into one thread; `interrupt` may come from another."""

import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from imap_tools import BaseMailBox
from imap_tools.utils import encode_folder

from connectors.imap.answers import Fetched, checked, fetched, text
from connectors.imap.failures import FolderMissing, MailboxUnavailable, Refused, told
from connectors.imap.idle import wait
from connectors.imap.login import connected, log_in
from connectors.imap.position import ranges
from connectors.imap.settings import MailboxSettings

_GOODBYE = 3.0
"""Seconds that the server may take to say goodbye."""
_AT_ONCE = 50_000
"""UIDs in one answer, which is held in memory."""
_NAMES = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """What the server says of a folder."""

    validity: int
    exists: int
    next: int | None
    """The UID that the next mail will have, or more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is fetched."""

    uid: int
    size: int
    """Bytes, as the server has it; some only guess."""
    came: datetime | None
    """When the server took it."""


class Connection:
    """Made without connecting; `open` does that.

    What changes a mailbox is said by us and not by the library, which expunges whatever anybody has marked.
    """

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._mailbox: BaseMailBox | None = None
        self._opened = Opened(0, 0, None)

    @property
    def server(self) -> str:
        """Host and port, for people."""
        return self._settings.server

    def open(self, secret: str) -> None:
        """Connect and log in with a password or token.

        Raises:
            LoginRefused: the server is there, but does not let us in.
            MailboxUnavailable: it is not there, or is not what we trust.
        """
        try:
            with told(self._settings, secret):
                self._mailbox = connected(self._settings)
                log_in(self._mailbox, self._settings, secret)
        except Refused as error:
            raise MailboxUnavailable(str(error)) from None

    def folders(self) -> list[str]:
        """Names of all folders that can be opened."""
        with told(self._settings):
            found = self._live.folder.list()
        return [each.name for each in found if "\\noselect" not in {flag.lower() for flag in each.flags}]

    def select(self, folder: str, *, changing: bool) -> Opened:
        """Open a folder; without `changing`, so that nothing in it can change by our doing.

        Raises:
            FolderMissing: it is not there.
        """
        try:
            with told(self._settings):
                self._live.folder.set(folder, readonly=not changing)
        except Refused:
            names = self.folders()
            if folder in names:
                raise
            raise FolderMissing(missing(folder, names)) from None
        self._opened = Opened(self._number("UIDVALIDITY") or 0, self._number("EXISTS") or 0, self._number("UIDNEXT"))
        return self._opened

    def newer(self, uid: int) -> list[int]:
        """UIDs beyond one, ascending: all, or the first ones of very many; none only when there are none."""
        if self._opened.exists <= _AT_ONCE:
            return self._search(f"{uid + 1}:*", uid)
        low, last = uid + 1, max(self._search("*", uid), default=uid)
        while low <= last:
            if found := self._search(f"{low}:{low + _AT_ONCE - 1}", uid):
                return found
            low += _AT_ONCE
        return []

    def there(self, uids: Collection[int]) -> list[int]:
        """Those of the mails that are still there."""
        return self._search(ranges(uids), 0)

    def letters(self, uids: Collection[int]) -> dict[int, Letter]:
        """What mails are like; without those that are gone."""
        found = self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)")
        return {uid: Letter(uid, found[uid].size or 0, found[uid].came) for uid in uids if uid in found}

    def bodies(self, uids: Collection[int], most: int) -> dict[int, bytes]:
        """Mails as they are, `most` bytes of each, unread as before. What is not given is not among them."""
        found = self._fetch(uids, f"(UID BODY.PEEK[]<0.{most}>)")
        return {uid: found[uid].body or b"" for uid in uids if uid in found and found[uid].body is not None}

    def finish(self, uids: Collection[int]) -> None:
        """Do with mails what the source says. Those that are gone are left out, so that it can be done again."""
        settings = self._settings
        if not (there := self.there(uids)):
            return
        chosen = ranges(there)
        with told(settings):
            client = self._live.client
            if settings.after == "seen":
                checked(client.uid("STORE", chosen, "+FLAGS.SILENT", r"(\Seen)"))
                return
            if settings.target is not None:
                way = "MOVE" if "MOVE" in client.capabilities else "COPY"
                target = encode_folder(settings.target).decode("ascii")
                checked(client.uid(way, chosen, target))
                if way == "MOVE":
                    return
            checked(client.uid("STORE", chosen, "+FLAGS.SILENT", r"(\Deleted)"))
            if "UIDPLUS" in client.capabilities:
                checked(client.uid("EXPUNGE", chosen))
            # Without it, only everything that anybody has marked could be expunged: that is left to others.

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of new mail by itself."""
        return "IDLE" in self._live.client.capabilities

    def wait(self, seconds: float, go_on: Callable[[], bool]) -> bool:
        """Wait for new mail in the selected folder; see `idle.wait`."""
        with told(self._settings):
            return wait(self._live.client, seconds, go_on)

    def interrupt(self) -> None:
        """Let whatever another thread is doing here fail now."""
        mailbox = self._mailbox
        if mailbox is not None:
            try:
                mailbox.client.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it was closed already

    def close(self) -> None:
        """Log out, if the server is still there; the connection is closed in any case."""
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is None:
            return
        try:
            with told(self._settings):
                mailbox.client.sock.settimeout(_GOODBYE)
                mailbox.client.logout()
        except (MailboxUnavailable, Refused):
            try:
                with told(self._settings):
                    mailbox.client.shutdown()
            except (MailboxUnavailable, Refused):
                return  # the other side was quicker

    @property
    def _live(self) -> BaseMailBox:
        if self._mailbox is None:
            raise MailboxUnavailable(f"there is no connection to {self._settings.server}")
        return self._mailbox

    def _number(self, name: str) -> int | None:
        """A number that the server told when the folder was opened."""
        found = re.match(r"\d+", text((self._live.client.response(name)[1] or [None])[-1]))
        return int(found[0]) if found else None

    def _search(self, which: str, beyond: int) -> list[int]:
        with told(self._settings):
            found = checked(self._live.client.uid("SEARCH", "UID", which))
            numbers = [int(number) for line in found for number in text(line).split()]
        # `7:*` means the last mail even where its UID is 3.
        return sorted({number for number in numbers if number > beyond})

    def _fetch(self, uids: Collection[int], items: str) -> dict[int, Fetched]:
        with told(self._settings):
            return fetched(checked(self._live.client.uid("FETCH", ranges(uids), items)))


def missing(folder: str, names: Sequence[str]) -> str:
    """That there is no folder of that name, and which there are."""
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f'there is no folder "{folder}"; there are: {", ".join(sorted(names)[:_NAMES])}{more}'
