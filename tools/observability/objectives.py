"""What Muara promises, in figures, and the rules that watch how much of the promise is used up.

Alerts are those of many windows and burn rates (Google, *The Site Reliability Workbook*, chapter 5): a budget of 30
days that burns 14.4 times too fast for an hour, or 6 times for six hours, each still burning in a twelfth of the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.observability.times import Times


@dataclass(frozen=True, slots=True)
class Objective:
    """A share of events that are to be good."""

    name: str
    """In the names of its rules: `acceptance`."""
    share: float
    """Of events that are to be good, over 30 days."""
    good: str
    """The rate of good events; `{span}` stands for the window."""
    all: str
    words: str
    """In English: what is promised."""
    kata: str
    """In Indonesian."""


OBJECTIVES = (
    Objective(
        "acceptance",
        0.999,
        'sum(rate(muara_messages_received_total{{outcome=~"accepted|defect|receipt"}}[{span}]))',
        'sum(rate(muara_messages_received_total{{outcome=~"accepted|defect|receipt|unavailable|overloaded"}}[{span}]))',
        "999 of 1,000 messages at the door are taken at the first try",
        "999 dari 1.000 kiriman di pintu diterima pada percobaan pertama",
    ),
    Objective(
        "durable",
        0.99,
        'sum(rate(muara_durable_seconds_bucket{{le="1.0"}}[{span}]))',
        "sum(rate(muara_durable_seconds_count[{span}]))",
        "99 of 100 deliveries are durable within a second",
        "99 dari 100 kiriman tersimpan aman dalam satu detik",
    ),
    Objective(
        "delivered",
        0.95,
        'sum(rate(muara_end_to_end_seconds_bucket{{le="900.0"}}[{span}]))',
        "sum(rate(muara_end_to_end_seconds_count[{span}]))",
        "95 of 100 complaints are at the hub within 15 minutes",
        "95 dari 100 aduan sampai di hub dalam 15 menit",
    ),
)
_BURNS = ((14.4, 60.0, 5.0, "page"), (6.0, 360.0, 30.0, "ticket"))
"""How many times too fast, over how many minutes, and over how many it must still burn, and who is told."""
WINDOWS = (5.0, 30.0, 60.0, 360.0)
"""Minutes."""


def recorded(objective: Objective, minutes: float) -> str:
    """The name under which the share of bad events over a window is recorded."""
    return f"muara:{objective.name}_bad:ratio_rate{minutes:g}m"


def recordings(times: Times) -> Iterator[dict[str, Any]]:
    """Rules that record the share of bad events of each objective over each window; nothing when nothing happened."""
    for objective in OBJECTIVES:
        for minutes in WINDOWS:
            span = times.minutes(minutes)
            good, every = objective.good.format(span=span), objective.all.format(span=span)
            yield {"record": recorded(objective, minutes), "expr": f"1 - ({good} or vector(0)) / ({every} > 0)"}


def budgets(times: Times) -> Iterator[dict[str, Any]]:
    """Rules that record how much of each objective's budget of 30 days is left: 1 all of it, below 0 too much is spent.

    Counted from rates that are recorded every minute, since 30 days of every sample would be read each time anew.
    """
    for objective in OBJECTIVES:
        name, span = objective.name, times.minutes(5)
        good, every = objective.good.format(span=span), objective.all.format(span=span)
        yield {"record": f"muara:{name}_all:rate5m", "expr": every}
        yield {"record": f"muara:{name}_good:rate5m", "expr": f"{good} or ({every} * 0)"}
        month = times.span(30 * 86_400)
        kept, happened = (f"sum_over_time(muara:{name}_{which}:rate5m[{month}])" for which in ("good", "all"))
        spent = f"{1 - objective.share:.6g}"
        yield {"record": f"muara:{name}:budget_left", "expr": f"1 - (1 - {kept} / ({happened} > 0)) / {spent}"}


def burns(objective: Objective) -> Iterator[tuple[str, str]]:
    """Severity and expression of each alert of an objective."""
    for factor, long, short, severity in _BURNS:
        limit = f"{factor * (1 - objective.share):.6g}"
        yield severity, f"{recorded(objective, long)} > {limit} and {recorded(objective, short)} > {limit}"
