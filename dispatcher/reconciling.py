"""Our ledger beside a hub's own listing: what is missing there, extra, different, and what is stuck here.

Compares only. What may be mended, and how, is said with each difference; `muara reconcile --repair` orders it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from dispatcher.receipts import state_event
from dispatcher.rendering import CREATE
from recipes.hubs.listings import FoundChange, ListedReport
from runtime.delivery.outcomes import State
from runtime.store.outbox import Outgoing
from schemas.parts import State as HubWord
from schemas.parts import Status

Kind = Literal["missing", "extra", "different", "stuck"]
KINDS: tuple[Kind, ...] = ("missing", "extra", "different", "stuck")
SETTLES = timedelta(minutes=2)
"""What changed so shortly before the listing was asked for is not judged: it may still be on its way to us."""
_ADOPTABLE: frozenset[State] = frozenset({"pending", "parked", "rejected", "withheld"})


@dataclass(frozen=True, slots=True)
class Noted:
    """One delivery as we have noted it."""

    delivery_id: UUID
    complaint_id: UUID
    kind: str
    state: State
    receipt: str | None
    created: datetime
    finished: datetime | None
    reason: str | None = None
    status: Status | None = None
    """Where the complaint stands; only of a complaint itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a comparison stands on."""

    hub: str
    began: datetime
    """Before the first page was asked for; our deliveries are read after the last."""
    states: Mapping[str, HubWord]
    """The hub's word → canonical state."""
    since: datetime | None = None
    """Only complaints that were to go there since then."""
    stuck_after: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be."""

    kind: Kind
    hub: str
    sentence: str
    """What it is and what to do, for people."""
    tracking_id: str | None = None
    delivery_id: UUID | None = None
    complaint_id: UUID | None = None
    adopt: str | None = None
    """The number under which the hub has it: `adopt` mends it."""
    hear: ListedReport | None = None
    """What the hub says now: told as its news, it mends it."""


def compare(asked: Asked, listed: Iterable[ListedReport], noted: Sequence[Noted]) -> list[Difference]:
    """Every difference, by kind, in the order of the listing and of our deliveries."""
    reports = {each.tracking_id: each for each in listed}
    there: dict[str, list[str]] = {}
    for each in reports.values():
        if each.reference:
            there.setdefault(each.reference.lower(), []).append(each.tracking_id)
    found = [
        *_missing(asked, reports, noted),
        *_of_listing(asked, reports, noted, there),
        *_stuck(asked, noted, there),
    ]
    return sorted(found, key=lambda each: KINDS.index(each.kind))


def stuck(asked: Asked, noted: Sequence[Noted]) -> list[Difference]:
    """What can be told of a hub that lists nothing: what is stuck here."""
    return list(_stuck(asked, noted, {}))


def count(differences: Iterable[Difference]) -> dict[Kind, int]:
    """How many there are of each kind."""
    counts: dict[Kind, int] = dict.fromkeys(KINDS, 0)
    for each in differences:
        counts[each.kind] += 1
    return counts


def _missing(asked: Asked, reports: Mapping[str, ListedReport], noted: Sequence[Noted]) -> Iterator[Difference]:
    for each in noted:
        if each.kind != CREATE or each.receipt is None or each.receipt in reports:
            continue
        if _before(each.created, asked.since) or (asked.since is not None and each.state == "adopted"):
            continue  # what was adopted stood at the hub long before
        if each.finished is not None and each.finished > asked.began - SETTLES:
            continue  # it came about while the listing was read
        yield Difference(
            "missing", asked.hub,
            f"we noted it as {each.state} under {each.receipt}, and the hub does not list it: ask the hub what became"
            " of it (it is not sent again by itself, since the hub may have it all the same)",
            each.receipt, each.delivery_id, each.complaint_id,
        )  # fmt: skip


def _of_listing(
    asked: Asked, reports: Mapping[str, ListedReport], noted: Sequence[Noted], there: Mapping[str, list[str]]
) -> Iterator[Difference]:
    by_receipt = {each.receipt: each for each in noted if each.kind == CREATE and each.receipt is not None}
    by_complaint = {str(each.complaint_id): each for each in noted if each.kind == CREATE}
    for report in reports.values():
        ours = by_receipt.get(report.tracking_id)
        if ours is not None:
            yield from _different(asked, report, ours)
        elif not _before(report.created, asked.since):
            reference = (report.reference or "").lower()
            alone = len(there.get(reference, ())) == 1
            yield from _extra(asked, report, by_complaint.get(reference), alone=alone)


def _different(asked: Asked, report: ListedReport, ours: Noted) -> Iterator[Difference]:
    state, known = asked.states.get(report.word or ""), ours.status
    if state is None or known is None or known.state == state or known.hub not in (None, asked.hub):
        return
    if _before(ours.created, asked.since):
        return
    heard = known.since if known.hub is not None else None  # what we say ourselves until a hub speaks does not count
    if (report.at or heard or ours.created) > asked.began - SETTLES:
        return  # it may still be on its way
    if report.at is not None and heard is not None and heard > report.at:
        return  # ours is newer than the page
    yield Difference(
        "different", asked.hub,
        f"the hub says {report.words or report.word} ({state}), and we have noted {known.state}:"
        " --repair notes what the hub says",
        report.tracking_id, ours.delivery_id, ours.complaint_id, hear=report,
    )  # fmt: skip


def _extra(asked: Asked, report: ListedReport, ours: Noted | None, *, alone: bool) -> Iterator[Difference]:
    if ours is None:
        known = f"the reference {report.reference}" if report.reference else "no reference"
        sentence = f"the hub lists it with {known}, of which nothing is known here: ask who has sent it"
        yield Difference("extra", asked.hub, sentence, report.tracking_id)
        return
    where = (report.tracking_id, ours.delivery_id, ours.complaint_id)
    if ours.receipt is not None:
        sentence = (
            f"the hub has this complaint under another number than {ours.receipt}, our receipt: ask it to remove one"
        )
        yield Difference("extra", asked.hub, sentence, *where)
        return
    if not alone:
        sentence = "the hub has this complaint more than once, and we have no receipt: a person says which one counts"
        yield Difference("extra", asked.hub, sentence, *where)
    elif ours.state not in ("pending", "leased", "parked"):
        # What is parked or under way is no surprise at the hub; it is told as stuck, if it is.
        adopt = report.tracking_id if ours.state in _ADOPTABLE else None
        remedy = "--repair adopts its number" if adopt else "ask the hub to remove it"
        sentence = f"the hub has this complaint, and here it is {ours.state}: {remedy}"
        yield Difference("extra", asked.hub, sentence, *where, adopt=adopt)


def _stuck(asked: Asked, noted: Sequence[Noted], there: Mapping[str, list[str]]) -> Iterator[Difference]:
    for each in noted:
        waits = each.state in ("pending", "leased") and each.created < asked.began - asked.stuck_after
        if not (waits or each.state == "parked") or _before(each.created, asked.since):
            continue
        numbers = there.get(str(each.complaint_id), []) if each.kind == CREATE else []
        adopt = numbers[0] if len(numbers) == 1 and each.state in _ADOPTABLE else None
        what = "it" if each.kind == CREATE else f"its {each.kind}"
        words = f"{what} is {each.state} since {each.created:%Y-%m-%d %H:%M} UTC"
        if each.reason:
            words += f" ({each.reason})"
        if adopt is not None:
            words += f", and the hub lists it as {adopt}: --repair adopts that number"
        elif each.state == "parked":
            words += ": `muara hubs parked resolve` takes your decision"
        else:
            words += ": `muara hubs list` shows whether the hub takes anything"
        number = adopt or each.receipt
        yield Difference("stuck", asked.hub, words, number, each.delivery_id, each.complaint_id, adopt=adopt)


def _before(moment: datetime | None, since: datetime | None) -> bool:
    return since is not None and moment is not None and moment < since


def mended_by(difference: Difference, states: Mapping[str, HubWord], now: datetime) -> Outgoing | None:
    """The hub's news that mend a difference of state, as a poll would have told them; None for all else."""
    report = difference.hear
    if report is None or report.word is None or difference.complaint_id is None:
        return None
    at = report.at or now
    change = FoundChange(
        f"{report.tracking_id}:{report.word}:{at.isoformat()}",
        report.tracking_id, report.reference, report.word, report.words, at,
    )  # fmt: skip
    return state_event(difference.complaint_id, difference.hub, change, states, now)
