"""What becomes of a mail once it is durable: nothing unless a source says so, and never before."""

from typing import Any

import pytest

from connectors.cursors import Cursors
from connectors.imap.connection import Connection
from connectors.imap.failures import MailboxUnavailable
from runtime.bus.protocol import BusUnavailable
from runtime.store.engine import StoreUnavailable

from .conftest import Box, mail


@pytest.mark.parametrize(("after", "flags", "moved"), [
    ("keep", ["T", "", "", ""], 0),
    ("seen", ["T", "S", "S", "S"], 0),
    ("delete", ["T"], 0),
    ("move Selesai & Arsip", ["T"], 3),
])  # fmt: skip
@pytest.mark.parametrize("able", [True, False])
async def test_after_acceptance(
    box: Box, monkeypatch: pytest.MonkeyPatch, after: str, flags: list[str], moved: int, *, able: bool
) -> None:
    target = "Selesai &- Arsip"
    box.dovecot.mailbox(box.user, target)
    box.deliver(mail("sampah@contoh.example"))
    await box.poller(since="now").round()
    [theirs] = box.files()
    # Somebody has marked a mail for deletion, which is no business of ours.
    theirs.rename(theirs.parent.parent / "cur" / f"{theirs.name.partition(':')[0]}:2,T")
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(3)))
    if not able:
        _forget(monkeypatch, "MOVE")
    box.house.bus.away = True
    with pytest.raises(BusUnavailable):
        await box.poller(after=after).round()
    assert sorted(box.flags()) == ["", "", "", "T"], "nothing is done before a mail is durable"
    box.house.bus.away = False
    assert await box.poller(after=after).round() == 3
    assert sorted(box.flags(), reverse=True) == sorted(flags, reverse=True)
    assert len(box.files(target)) == moved
    assert await box.poller(after=after).round() == 0


async def test_without_uid_expunge_deleted_mails_are_only_marked(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.deliver(mail("m@contoh.example"))
    _forget(monkeypatch, "UIDPLUS")
    assert await box.poller(after="delete").round() == 1
    assert box.flags() == ["T"]


@pytest.mark.parametrize("after", ["seen", "delete", "move Selesai"])
async def test_a_crash_before_it_was_done_leaves_it_to_the_next_process(
    box: Box, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    box.dovecot.mailbox(box.user, "Selesai")
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(3)))
    with monkeypatch.context() as patch:
        patch.setattr(Connection, "finish", _cut)
        with pytest.raises(MailboxUnavailable):
            await box.poller(after=after).round()
    assert box.flags() == ["", "", ""]
    assert (await box.state())["undone"] == "1:3"
    assert await box.poller(after=after).round() == 0
    assert set(box.flags()) <= {"S"}
    assert (await box.state())["undone"] == ""
    assert len(await box.ids()) == 3


async def test_a_crash_after_it_was_done_does_no_harm(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.dovecot.mailbox(box.user, "Selesai")
    box.deliver(mail("m0@contoh.example"))
    save, calls = Cursors.save, 0

    async def fail_late(self: Cursors, *given: Any) -> None:  # noqa: ANN401 as it is
        nonlocal calls
        calls += 1
        if calls == 3:  # the first tells that the folder is known, the second that the mail is durable
            raise StoreUnavailable("away")
        await save(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Cursors, "save", fail_late)
        with pytest.raises(StoreUnavailable):
            await box.poller(after="move Selesai").round()
    assert len(box.files("Selesai")) == 1
    assert await box.poller(after="move Selesai").round() == 0
    assert len(box.files("Selesai")) == 1
    assert (await box.state())["undone"] == ""


async def test_a_target_that_is_missing_stops_no_mail(box: Box) -> None:
    box.deliver(mail("m0@contoh.example"))
    poller = box.poller(after="move Selesai")
    assert await poller.round() == 1
    assert "Selesai" in str(poller.problem)
    box.deliver(mail("m1@contoh.example"))
    assert await poller.round() == 1
    box.dovecot.mailbox(box.user, "Selesai")
    assert await poller.round() == 0
    assert poller.problem is None
    assert len(box.files("Selesai")) == 2


def _cut(connection: Connection, uids: object) -> None:
    raise MailboxUnavailable("cut")


def _forget(monkeypatch: pytest.MonkeyPatch, capability: str) -> None:
    """A server that lacks something."""
    open_ = Connection.open

    def without(self: Connection, secret: str) -> None:
        open_(self, secret)
        client = self._live.client
        client.capabilities = tuple(each for each in client.capabilities if each != capability)

    monkeypatch.setattr(Connection, "open", without)
