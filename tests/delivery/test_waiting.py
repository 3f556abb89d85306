"""How long to wait: backoff, `Retry-After`, circuits."""

from datetime import UTC, datetime, timedelta

import pytest

from runtime.delivery.backoff import Backoff, retry_after
from runtime.delivery.circuit import CircuitPolicy, Destination
from runtime.delivery.outcomes import Ambiguous, Delivered, Outcome, Rejected, Retry, Stop, Undecided, Wait

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
POLICY = CircuitPolicy(threshold=3, first=timedelta(seconds=10), longest=timedelta(seconds=40))
FAILED = Retry("down")


@pytest.mark.parametrize(
    ("failures", "jitter", "seconds"),
    [(0, 1.0, 1), (1, 1.0, 1), (1, 0.0, 0.5), (2, 1.0, 2), (5, 1.0, 16), (9, 1.0, 60), (10_000, 1.0, 60), (9, 0.0, 30)],
)
def test_backoff_doubles_to_a_limit_and_is_spread(failures: int, jitter: float, seconds: float) -> None:
    backoff = Backoff(timedelta(seconds=1), timedelta(seconds=60), lambda: jitter)
    assert backoff.after(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30),
        (" 0 ", 0),
        ("Tue, 24 Nov 2026 03:01:00 GMT", 60),
        ("Tue, 24 Nov 2026 02:00:00 GMT", 0),
        ("99999999999999999999", 86_400),
        ("Tue, 24 Nov 2099 03:01:00 GMT", 86_400),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("３０", None),
    ],
)
def test_retry_after_in_both_forms(value: str | None, seconds: int | None) -> None:
    assert retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def _after(*outcomes: Outcome, start: Destination | None = None, now: datetime = NOW) -> Destination:
    destination = start or Destination("hub")
    for outcome in outcomes:
        destination = destination.after(outcome, now, POLICY)
    return destination


def test_a_circuit_opens_after_failures_in_a_row_and_closes_after_one_success() -> None:
    assert _after(FAILED, FAILED).room(NOW, 5, 0) == 5
    assert _after(FAILED, FAILED, Delivered("1"), FAILED, FAILED).circuit(NOW) == "closed"
    opened = _after(FAILED, Ambiguous("?"), FAILED)
    assert (opened.circuit(NOW), opened.room(NOW, 5, 0)) == ("open", 0)
    later = NOW + timedelta(seconds=10)
    assert (opened.circuit(later), opened.room(later, 5, 0), opened.room(later, 5, 1)) == ("half_open", 1, 0)
    assert _after(Rejected("no"), start=opened, now=later).circuit(later) == "closed"
    again = _after(FAILED, start=opened, now=later)
    assert again.open_until == later + timedelta(seconds=20)


def test_an_open_circuit_is_not_kept_open_by_what_was_under_way() -> None:
    opened = _after(FAILED, FAILED, FAILED)
    assert _after(FAILED, FAILED, FAILED, FAILED, start=opened) == opened


def test_the_longest_time_open_is_bounded_but_the_destination_may_ask_for_more() -> None:
    now, destination = NOW, Destination("hub")
    for _ in range(50):
        destination = _after(FAILED, start=destination, now=now)
        now = max(now, destination.open_until or now)
    assert destination.open_until is not None
    assert destination.open_until - (now - timedelta(seconds=40)) == timedelta(seconds=40)
    asked = _after(Retry("down", timedelta(seconds=300)), start=destination, now=now)
    assert asked.open_until == now + timedelta(seconds=300)


@pytest.mark.parametrize(
    ("outcome", "later", "room"),
    [
        (Stop("401"), 10_000, 0),
        (Wait("429", timedelta(seconds=30)), 29, 0),
        (Wait("429", timedelta(seconds=30)), 30, 5),
        (Wait("429"), 4, 0),
        (Wait("429"), 5, 5),
        (Undecided("?"), 0, 5),
    ],
)
def test_what_stops_and_what_pauses(outcome: Outcome, later: int, room: int) -> None:
    destination = _after(outcome)
    assert destination.room(NOW + timedelta(seconds=later), 5, 0) == room
    assert destination.failures == 0
    assert destination.resumed().room(NOW, 5, 0) == 5


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    destination = _after(Wait("429", timedelta(seconds=60)), Wait("429", timedelta(seconds=1)))
    assert destination.wait_until == NOW + timedelta(seconds=60)


def test_a_complaint_that_cannot_be_decided_says_nothing_of_the_hub() -> None:
    opened = _after(FAILED, FAILED, FAILED)
    assert _after(Undecided("?"), start=opened) == opened
