"""No mail holds up the others, and none is lost in silence: what cannot be had becomes a dead letter that says so."""

import os
import shutil
from datetime import timedelta

import pytest

from connectors.imap.failures import MailboxUnavailable
from tools.services.postgres_programs import unprivileged

from .conftest import Box, mail
from .proxy import proxy

MIB = 1024 * 1024


async def test_mails_that_nobody_can_read_are_kept_raw(box: Box) -> None:
    strange = [b"\x01\xff\xfe no mail at all", b"\r\n", b"Message-ID: <>\r\nSubject: =?x?b?\xff?=\r\n\r\n\xff"]
    box.deliver(mail("satu@contoh.example"), *strange, mail("dua@contoh.example"))
    poller = box.poller()
    assert await poller.round() == 5
    raws = await box.house.raws()
    assert [await box.house.payload(raw) for raw in raws[1:4]] == strange
    ids = [box.house.external_id(raw) for raw in raws]
    assert ids[0] == "satu@contoh.example"
    assert ids[4] == "dua@contoh.example"
    assert all(each.startswith("sha256:") for each in ids[1:4])


async def test_a_mail_that_is_too_large_is_a_dead_letter_with_its_beginning(box: Box) -> None:
    large = mail("besar@contoh.example", "x" * 3 * MIB)
    box.deliver(mail("satu@contoh.example"), large, mail("dua@contoh.example"))
    assert await box.poller(max_size=2 * MIB, after="delete").round() == 3
    raws = await box.house.raws()
    assert raws[1].defect is not None
    assert "3.0 MiB" in raws[1].defect
    assert "INBOX, UID 2" in raws[1].defect
    assert "contoh.example" not in raws[1].defect
    assert (await box.house.payload(raws[1])) == large[: 256 * 1024]
    assert [raw.defect for raw in (raws[0], raws[2])] == [None, None]
    assert len(box.files()) == 1, "the only whole copy is the server's"
    box.renumber()
    assert await box.poller().round() == 1, "with room for it, it comes whole"
    assert (await box.ids())[-1] == "besar@contoh.example"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a file away from the server's user and give it back")
async def test_a_mail_that_the_server_refuses_is_asked_for_again(box: Box) -> None:
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(5)))
    assert await box.poller(since="now").round() == 0
    box.deliver(*(mail(f"n{number}@contoh.example") for number in range(5)))
    hidden = next(file for file in box.files() if b"<n2@" in file.read_bytes())
    hidden.chmod(0)
    os.chown(hidden, 0, 0)
    poller, broken = box.poller(), 0
    while True:
        try:
            assert await poller.round() == 4
            break
        except MailboxUnavailable:  # this server hangs up, already when it is asked for the size
            broken += 1
            await poller._hang_up()
    assert broken == 3
    assert await box.ids() == [f"n{number}@contoh.example" for number in (0, 1, 3, 4)]
    assert box.house.counted("imap_mailbox", "withheld") == 1
    assert await box.poller().round() == 0
    shutil.chown(hidden, unprivileged() or "root")
    hidden.chmod(0o644)
    box.clock.ahead = timedelta(minutes=2)
    assert await box.poller().round() == 1
    assert (await box.ids())[-1] == "n2@contoh.example"
    assert (await box.state())["owed"] == {}


@pytest.mark.parametrize(
    "refusal",
    [
        b"%s NO [SERVERBUG] Internal error\r\n",
        b"%s BAD Unknown\r\n",
        b"* 3 FETCH (UID 3 BODY[]<0> NIL)\r\n%s OK Done\r\n",
        b"%s OK Done\r\n",
        b"* 3 FETCH (UID 3\r\n%s OK Done\r\n",
    ],
)
async def test_after_six_refusals_a_dead_letter_stands_for_the_mail(box: Box, refusal: bytes) -> None:
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(1, 6)))
    answer = lambda tag, asked: refusal % tag if 3 in asked else None  # noqa: E731 short
    async with proxy(box.dovecot.port, answer) as port:
        poller = box.poller(port=port, after="delete")
        assert await poller.round() == 4
        assert len(box.files()) == 1
        taken = []
        for minutes in (1, 6, 25, 100, 400, 800):
            box.clock.ahead = timedelta(minutes=minutes)
            taken.append(await poller.round())
        assert taken == [0, 0, 0, 0, 0, 1]
    raws = await box.house.raws()
    assert len(raws) == 5
    assert raws[-1].defect == ("the mail server does not give the mail in INBOX, UID 3: it was asked for it six times")
    assert len(box.files()) == 1, "the server has the only copy"


async def test_a_server_that_gives_no_mail_at_all_is_in_trouble_itself(box: Box) -> None:
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(1, 6)))
    sick = True

    def answer(tag: bytes, asked: list[int]) -> bytes | None:
        return b"%s NO [SERVERBUG] Internal error\r\n" % tag if sick or 3 in asked else None

    async with proxy(box.dovecot.port, answer) as port:
        poller = box.poller(port=port)
        with pytest.raises(MailboxUnavailable, match=r"none of 5 mails is given.*SERVERBUG"):
            await poller.round()
        assert (await box.state())["uid"] == 0
        sick = False
        assert await poller.round() == 4
        for minutes in (1, 6, 25, 100, 400):
            box.clock.ahead = timedelta(minutes=minutes)
            assert await poller.round() == 0
        sick = True
        box.clock.ahead = timedelta(minutes=800)
        assert await poller.round() == 0, "nobody is given up by a server that is sick"
        sick = False
        box.clock.ahead = timedelta(minutes=1200)
        assert await poller.round() == 1
    assert [raw.defect is None for raw in await box.house.raws()] == [True] * 4 + [False]


async def test_a_mail_over_which_the_connection_breaks_does_not_hold_up_the_others(box: Box) -> None:
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(1, 6)))
    async with proxy(box.dovecot.port, lambda _, asked: b"" if 3 in asked else None) as port:
        poller = box.poller(port=port)
        broken = 0
        for _ in range(4):
            try:
                await poller.round()
            except MailboxUnavailable:
                broken += 1
                await poller._hang_up()
        assert broken == 3
        assert await box.ids() == [f"m{number}@contoh.example" for number in (1, 2, 4, 5)]
        box.clock.ahead = timedelta(minutes=2)
        box.deliver(mail("m6@contoh.example"))
        with pytest.raises(MailboxUnavailable):
            await poller.round()  # it is tried once more, and is put off before that
        await poller._hang_up()
        assert await poller.round() == 1
    assert (await box.ids())[-1] == "m6@contoh.example"
    assert list((await box.state())["owed"]) == ["3"]


async def test_a_mail_that_vanishes_in_between_is_gone(box: Box) -> None:
    box.deliver(*(mail(f"m{number}@contoh.example") for number in range(1, 4)))

    def vanish(tag: bytes, asked: list[int]) -> None:
        for path in box.files()[1:2]:
            path.unlink()

    async with proxy(box.dovecot.port, vanish) as port:
        poller = box.poller(port=port)
        await poller.round()
        box.clock.ahead = timedelta(minutes=2)
        await poller.round()
    assert {"m1@contoh.example", "m3@contoh.example"} == set(await box.ids())


async def test_a_server_that_tells_a_wrong_size_does_not_fill_the_memory(box: Box) -> None:
    box.deliver(mail("besar@contoh.example", "x" * 3 * MIB), mail("satu@contoh.example"))
    poller = box.poller(max_size=MIB)
    asked = []

    def look(tag: bytes, found: list[int]) -> None:
        asked.append(found)

    async with proxy(box.dovecot.port, look) as port:
        poller = box.poller(port=port, max_size=MIB)
        await poller.round()
    raws = await box.house.raws()
    assert [raw.defect is None for raw in raws] == [False, True]
    assert sorted(asked) == [[1], [2]]
