"""What servers answer to FETCH, in the shapes that imaplib makes of it."""

from datetime import UTC, datetime

import pytest

from connectors.imap.answers import Fetched, Part, fetched
from connectors.imap.connection import Letter
from connectors.imap.mails import groups
from connectors.imap.position import Position, ranges

EARLIER = datetime(2026, 11, 4, tzinfo=UTC)
CAME = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([None], {}),
        ([b'1 (UID 5 RFC822.SIZE 99 INTERNALDATE "24-Nov-2026 14:05:00 +0700")'], {5: Fetched(5, 99, CAME)}),
        ([b'1 (INTERNALDATE " 4-Nov-2026 00:00:00 +0000" RFC822.SIZE 0 UID 5)'], {5: Fetched(5, 0, EARLIER)}),
        ([b'1 (UID 5 RFC822.SIZE 99 INTERNALDATE "00-Jan-0000 00:00:00 +0000")'], {5: Fetched(5, 99, None)}),
        ([(b"1 (UID 5 BODY[]<0> {2}", b"hi"), b")"], {5: Fetched(5, body=b"hi")}),
        ([(b"1 (BODY[] {2}", b"hi"), b" UID 5)"], {5: Fetched(5, body=b"hi")}),
        ([(b"1 (UID 5 FLAGS (\\Seen) BODY[]<0> ~{2}", b"hi"), b")"], {5: Fetched(5, body=b"hi")}),
        ([b'1 (UID 5 BODY[]<0> "UID 7 \\"x\\"")'], {5: Fetched(5, body=b'UID 7 "x"')}),
        ([b'1 (UID 5 BODY[]<0> "")'], {5: Fetched(5, body=b"")}),
        ([b"1 (UID 5 BODY[]<0> NIL)"], {5: Fetched(5)}),
        # News about other mails, unasked.
        ([b"9 (FLAGS (\\Seen))", (b"1 (UID 5 BODY[] {2}", b"hi"), b")", b"1 (FLAGS ())"], {5: Fetched(5, body=b"hi")}),
        # One mail in two answers.
        ([b"1 (UID 5 RFC822.SIZE 2)", (b"1 (UID 5 BODY[]<0> {2}", b"hi"), b")"], {5: Fetched(5, 2, body=b"hi")}),
        ([b"nonsense", b""], {}),
    ],
)  # fmt: skip
def test_answers(parts: list[Part], found: dict[int, Fetched]) -> None:
    assert fetched(parts) == found


def test_what_is_in_memory_together_is_bounded() -> None:
    mib = 1024 * 1024
    letters = [Letter(uid, size, None) for uid, size in enumerate((10, 3 * mib, 2 * mib, 90 * mib, 10), start=1)]
    assert [[each.uid for each in group] for group in groups(letters, 25 * mib)] == [[1, 2], [3], [4], [5]]
    many = [Letter(uid, 10, None) for uid in range(250)]
    assert [len(group) for group in groups(many, mib)] == [100, 100, 50]


def test_a_position_survives_being_written() -> None:
    position = Position(CAME, 7, uid=9, new_from=3, undone=(1, 2, 3, 9))
    owed = position.put_off(4, CAME)
    assert owed is not None
    position = Position(CAME, 7, 9, 3, (1, 2, 3, 9), {4: owed})
    assert position.to_state()["undone"] == "1:3,9"
    assert Position.from_state(position.to_state()) == position
    assert ranges([]) == ""
