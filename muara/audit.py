"""Does the ledger balance? Three sums, each from counts that know nothing of each other.

A, the log: what was appended = what was read + what is in flight. B, the messages: what was read = what became of it.
C, each hub: what was to go there = what became of it. And between the services: what one published, the others have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors import ledger as connectors_ledger
from connectors import migrations as connectors_migrations
from connectors.media import books as media_books
from connectors.media import migrations as media_migrations
from dispatcher import ledger as dispatcher_ledger
from dispatcher import queries
from muara import log_books
from muara.ground import Books, begun
from muara.versions import faults_of_versions
from normalizer import ledger as normalizer_ledger
from portal import ledger as portal_ledger
from runtime.bus.spool_file import look
from schemas.ledger import Check, ServiceLedger
from schemas.topics import COMMANDS, COMPLAINTS, MEDIA, RAW, STATUSES

_READERS = (
    (RAW.name, "normalizer", "positions_raw"),
    (STATUSES.name, "normalizer", "positions_statuses"),
    (COMMANDS.name, "normalizer", "positions_commands"),
    (COMMANDS.name, "dispatcher", "positions_commands"),
    (MEDIA.name, "normalizer", "positions_media"),
    (COMPLAINTS.name, "dispatcher", "positions_complaints"),
    (COMPLAINTS.name, "portal", "positions_complaints"),
)
"""Who reads which topic, and what their count of it is called."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The result."""

    checks: Sequence[Check]
    faults: Sequence[str]
    terms: Mapping[str, int]
    """The terms of the ledger line."""

    @property
    def balanced(self) -> bool:
        """Whether every equation holds."""
        return not self.faults and all(check.holds for check in self.checks)

    def line(self) -> str:
        """The ledger in one line."""
        words = " ".join(f"{name}={count}" for name, count in self.terms.items())
        return f"ledger: {words} balanced={'yes' if self.balanced else 'no'}"


async def audit(books: Books) -> Audit:
    """Count everything. Works beside a running Muara, and without one."""
    # What reads is counted before what it reads, so that traffic in between shows as in flight and not as a fault.
    # The connectors make their tables when they first need them: before that they have nothing to count.
    connectors, media = ServiceLedger("connectors", {}), ServiceLedger("media", {})
    if await begun(books.store, connectors_migrations.SERVICE):
        connectors = await connectors_ledger.read(books.store)
    if await begun(books.store, media_migrations.SERVICE):
        media = await media_books.read(books.store)
    portal = await portal_ledger.read(books.store)
    dispatcher = await dispatcher_ledger.read(books.store, list(books.config.hubs), datetime.now(UTC))
    async with books.store.reading() as connection:
        doubled = await queries.doubled(connection)
    normalizer = await normalizer_ledger.read(books.store)
    ledgers = {each.service: each for each in (normalizer, dispatcher, portal, connectors, media)}
    positions = await log_books.positions(books.store)
    log = await log_books.read(books.bus)
    ends = log.ends
    flight = {(topic, name): ends[topic] - ledgers[name].counts[key] for topic, name, key in _READERS}
    checks = [
        *(
            Check(
                f"A {topic}: end of the log = read by the {name} + in flight",
                ends[topic],
                read + max(ends[topic] - read, 0),
            )
            for topic, name, key in _READERS
            for read in [ledgers[name].counts[key]]
        ),
        *log_books.late_checks(positions, log.bounds, fetching=media.counts.get("media_sources", 0) > 0),
        _messages(normalizer),
        *(
            Check(f"{each.service}: {check.name}", check.left, check.right)
            for each in ledgers.values()
            for check in each.checks
        ),
        *_between(normalizer, dispatcher, portal, flight),
        _files(media, normalizer, flight[MEDIA.name, "normalizer"]),
    ]
    spool = await look(books.home.spool, [RAW.name])
    faults = [
        *log.faults,
        *spool.faults,
        *log_books.strays(positions, log.bounds),
        *await faults_of_versions(books.store),
        *(f for each in ledgers.values() for f in each.faults),
        *await log_books.lost_by_connectors(books.store),
    ]
    faults += [
        f"{lost} records left the log before the {each.service} had read them: its retention is too short"
        for each in ledgers.values()
        if (lost := each.counts.get("lost", 0))
    ]
    terms = _terms(normalizer, dispatcher, flight) | {"doubled": doubled}
    terms["received"] += spool.depth  # accepted, and on its way to the log
    terms["in_flight"] += spool.depth
    return Audit(checks, faults, terms)


def _messages(normalizer: ServiceLedger) -> Check:
    c = normalizer.counts
    told = c["redelivered"] + c["replays"] + c["complaint"] + c["merged"] + c["ignored"] + c["dead"] + c["lost"]
    return Check("B read = redelivered + replays + complaints + merged + ignored + dead", c["positions_raw"], told)


def _between(
    normalizer: ServiceLedger,
    dispatcher: ServiceLedger,
    portal: ServiceLedger,
    flight: Mapping[tuple[str, str], int],
) -> list[Check]:
    """What one publishes, the others have, but for what is under way: in an outbox, or on the log and not yet read."""
    checks = []
    # Tables that were lost and made anew: readers know of complaints that the log no longer has the messages of, and
    # the revisions of all others begin anew, high above those that the readers have until they have read them.
    anew = normalizer.counts["origin"] > 0
    for reader in (dispatcher, portal):
        under_way = normalizer.counts["outbox"] + flight[COMPLAINTS.name, reader.service]
        for term, published in (("complaints", "published"), ("revisions", "revisions")):
            missing = normalizer.counts[published] - reader.counts[term]
            expected = min(max(missing, 0), under_way)
            if anew and (missing < 0 or (under_way and term == "revisions")):
                expected = missing
            name = f"{term} that the normalizer published and the {reader.service} lacks = under way"
            checks.append(Check(name, missing, expected))
    given = dispatcher.counts["delivered"] + dispatcher.counts["adopted"]
    under_way = dispatcher.counts["outbox"] + flight[STATUSES.name, "normalizer"]
    unheard = max(given - normalizer.counts["receipts"], 0)
    checks.append(Check("receipts of hubs that the normalizer lacks = under way", unheard, min(unheard, under_way)))
    return checks


def _files(media: ServiceLedger, normalizer: ServiceLedger, unread: int) -> Check:
    """Each file that was fetched is known to the normalizer, or on its way there."""
    unknown = max(media.counts.get("media_fetched", 0) - normalizer.counts["files"], 0)
    under_way = media.counts.get("media_outbox", 0) + unread
    anew = normalizer.counts["origin"] > 0  # tables made anew know only of files that the log still told them of
    return Check(
        "fetched files that the normalizer lacks = under way", unknown, unknown if anew else min(unknown, under_way)
    )


def _terms(
    normalizer: ServiceLedger, dispatcher: ServiceLedger, flight: Mapping[tuple[str, str], int]
) -> dict[str, int]:
    c, d = normalizer.counts, dispatcher.counts
    in_flight = flight[RAW.name, "normalizer"]
    pending = c["unsettled"] + c["outbox"] + d["pending"] + d["updates_unfinished"] + d["outbox"]
    pending += sum(count for (topic, _), count in flight.items() if topic != RAW.name)
    return {
        "received": c["received"] + in_flight,
        "complaints": c["complaint"],
        "merged": c["merged"],
        "ignored": c["ignored"],
        "dead": c["dead"],
        "redelivered": c["redelivered"],
        "in_flight": in_flight + pending,
        "delivered": d["delivered"],
        "parked": d["parked"],
        "rejected": d["rejected"],
        "withheld": d["withheld"],
        "adopted": d["adopted"],
    }
