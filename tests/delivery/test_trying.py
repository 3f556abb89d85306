"""What a try makes of a delivery: every outcome, with and without doubts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from runtime.delivery.backoff import Backoff
from runtime.delivery.outcomes import (
    Absent,
    Ambiguous,
    Delivered,
    Delivery,
    Doubts,
    Found,
    Outcome,
    Rejected,
    Retry,
    Stop,
    Undecided,
    Unknown,
    Wait,
)
from runtime.delivery.queue import Change
from runtime.delivery.trying import TryPolicy, attempt, settle

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SETTLE = timedelta(seconds=30)
POLICY = TryPolicy(attempts=3, backoff=Backoff(timedelta(seconds=1), timedelta(seconds=8), lambda: 1.0))


def _delivery(*, doubt: bool = False, attempts: int = 0) -> Delivery:
    return Delivery(UUID(int=1), UUID(int=2), "hub", "create", 1, attempts, doubt, "token", "sealed", NOW)


class Script:
    """A sender that does as told, and notes what it was asked."""

    def __init__(self, looks: Found | Absent | Unknown, *, repeatable: bool, proves: bool) -> None:
        self.looks = looks
        self.how = Doubts(repeatable, SETTLE, proves)
        self.asked: list[str] = []

    def doubts(self, kind: str, frozen: bytes | None = None) -> Doubts:
        assert kind == "create"
        assert frozen is None or isinstance(frozen, bytes)
        return self.how

    async def send(self, delivery: Delivery, frozen: bytes) -> Outcome:
        assert delivery.token == "token"
        self.asked.append(f"send {frozen.decode()}")
        return Delivered("17")

    async def lookup(self, delivery: Delivery, frozen: bytes) -> Found | Absent | Unknown:
        assert delivery.doubt
        assert isinstance(frozen, bytes)
        self.asked.append("look")
        return self.looks


@pytest.mark.parametrize(
    ("doubt", "how", "looks", "asked", "outcome"),
    [
        (False, (False, False), Absent(), ["send x"], Delivered("17")),
        (True, (True, False), Absent(), ["send x"], Delivered("17")),
        (True, (False, False), Found("9", "u"), ["look"], Delivered("9", "u")),
        (True, (False, True), Absent(), ["look", "send x"], Delivered("17")),
        (True, (False, False), Absent(), ["look"], Undecided),
        (True, (False, True), Unknown("no look-up"), ["look"], Undecided),
        (True, (False, True), Unknown("down", Retry("down")), ["look"], Retry("down")),
        (True, (False, True), Unknown("401", Stop("401")), ["look"], Stop("401")),
    ],
)
async def test_a_doubt_is_settled_before_anything_is_sent_again(
    doubt: bool,
    how: tuple[bool, bool],
    looks: Found | Absent | Unknown,
    asked: list[str],
    outcome: Outcome | type[Undecided],
) -> None:
    repeatable, proves = how
    sender = Script(looks, repeatable=repeatable, proves=proves)
    came = await attempt(sender, _delivery(doubt=doubt), b"x")
    assert sender.asked == asked
    assert isinstance(came, Undecided) if outcome is Undecided else came == outcome


def _settled(
    outcome: Outcome, *, doubt: bool = False, attempts: int = 0, counting: bool = True, repeatable: bool = False
) -> Change:
    return settle(
        _delivery(doubt=doubt, attempts=attempts),
        outcome,
        doubts=Doubts(repeatable, SETTLE, False),
        counting=counting,
        now=NOW,
        policy=POLICY,
        seal=lambda answer: f"sealed {answer.decode()}",
    )


@pytest.mark.parametrize(
    ("outcome", "state", "attempts", "doubt", "wait"),
    [
        (Delivered("17"), "delivered", 1, False, None),
        (Rejected("no"), "rejected", 1, False, None),
        (Undecided("?"), "parked", 0, False, None),
        (Stop("401"), "pending", 0, False, 0),
        (Wait("429"), "pending", 0, False, 0),
        (Retry("500"), "pending", 1, False, 1),
        (Retry("500", timedelta(seconds=7)), "pending", 1, False, 7),
        (Retry("unreachable", counts=False), "pending", 0, False, 1),
        (Ambiguous("broken"), "pending", 1, True, 30),
        (Ambiguous("503", timedelta(seconds=90)), "pending", 1, True, 90),
    ],
)
def test_each_outcome(outcome: Outcome, state: str, attempts: int, doubt: bool, wait: int | None) -> None:
    change = _settled(outcome)
    assert (change.state, change.attempts, change.doubt) == (state, attempts, doubt)
    assert change.next_at == (None if wait is None else NOW + timedelta(seconds=wait))


def test_a_doubt_stays_until_it_is_settled() -> None:
    for outcome in (Retry("look-up failed"), Stop("401"), Wait("429")):
        assert _settled(outcome, doubt=True).doubt
    assert _settled(Ambiguous("broken"), repeatable=True).next_at == NOW + timedelta(seconds=1)


def test_attempts_end_but_not_while_the_circuit_is_open() -> None:
    parked = _settled(Retry("500", answer=b"evidence"), attempts=2)
    assert (parked.state, parked.answer) == ("parked", "sealed evidence")
    assert parked.reason == "given up after 3 tries; the last: 500"
    assert _settled(Retry("500"), attempts=2, counting=False).state == "pending"
    assert _settled(Ambiguous("broken"), attempts=2).doubt
