"""What is compared: the few facts of a complaint that tell a duplicate, without anybody's identity in the clear."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Report:
    """One complaint, as the search for duplicates sees it."""

    complaint_id: UUID
    agency: str
    """The agency (OPD) that received it. Duplicates are sought across agencies; it only narrows unresolved places."""
    identities: frozenset[str]
    """Opaque blind-index tokens (phone, e-mail, conversation). One equal token means the same person."""
    reporter_known: bool
    """Whether the channel told who reports. Two known reporters without a common token never merge."""
    comparable: str
    """The text folded for comparison: casefolded, greetings removed, identities masked."""
    region_code: str | None
    """Kemendagri's dotted code at whatever level is known, such as `16.73.01.1001`."""
    street: str | None
    number: str | None
    """House number on the street."""
    rt: str | None
    rw: str | None
    kilometre: float | None
    """Kilometre post on the road."""
    latitude: float | None
    longitude: float | None
    """Degrees, WGS 84. Both or neither."""
    category: str | None
    sent_at: datetime
    """When the citizen sent it: aware, UTC."""
    attachments: frozenset[str]
    """Content hashes of its attachments."""
    landmark: str | None = None
    """A named place as written, with or without a word of position: `SDN 5 Melati`, `depan Pasar Baru`."""
    where: str = ""
    """What an address field says, folded as `comparable` is: a form's text itself often names no place."""
    region_name: str = ""
    """Of the region, with those around it, nearest first: what is a region's name is no street's."""

    def __post_init__(self) -> None:
        if self.sent_at.tzinfo is None:
            raise ValueError("Report.sent_at needs a time zone; use datetime.now(UTC) or an aware time")
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("Report needs both latitude and longitude, or neither")


def absorb(leader: Report, supporter: Report) -> Report:
    """The leader after a merge: it also answers to the supporter's identities, and knows the places that it lacked.

    Put it back with `CandidateIndex.replace`; otherwise a second person could merge into a report whose reporter
    became known only by the first merge. The longer text stands, since containment looks for the shorter in it.
    """
    located = leader if leader.latitude is not None else supporter
    longer = max(leader.comparable, supporter.comparable, key=len)
    return replace(
        leader,
        identities=leader.identities | supporter.identities,
        reporter_known=leader.reporter_known or supporter.reporter_known,
        comparable=longer,
        region_code=_finer(leader.region_code, supporter.region_code),
        street=leader.street or supporter.street,
        number=leader.number or supporter.number,
        rt=leader.rt or supporter.rt,
        rw=leader.rw or supporter.rw,
        kilometre=leader.kilometre if leader.kilometre is not None else supporter.kilometre,
        latitude=located.latitude,
        longitude=located.longitude,
        category=leader.category or supporter.category,
        attachments=leader.attachments | supporter.attachments,
        landmark=leader.landmark or supporter.landmark,
        where=leader.where or supporter.where,
        region_name=max(leader.region_name, supporter.region_name, key=len),
    )


def _finer(ours: str | None, theirs: str | None) -> str | None:
    """The more exact of two codes when one lies in the other; else our own."""
    if ours is None or (theirs is not None and theirs.startswith(f"{ours}.")):
        return theirs
    return ours


def to_json(report: Report) -> str:
    """The report as JSON text, for the database; identical for equal reports."""
    fields: dict[str, Any] = {
        "complaint_id": str(report.complaint_id),
        "agency": report.agency,
        "identities": sorted(report.identities),
        "reporter_known": report.reporter_known,
        "comparable": report.comparable,
        "region_code": report.region_code,
        "street": report.street,
        "number": report.number,
        "rt": report.rt,
        "rw": report.rw,
        "kilometre": report.kilometre,
        "latitude": report.latitude,
        "longitude": report.longitude,
        "category": report.category,
        "sent_at": report.sent_at.astimezone(UTC).isoformat(),
        "attachments": sorted(report.attachments),
        "landmark": report.landmark,
        "where": report.where,
        "region_name": report.region_name,
    }
    return orjson.dumps(fields).decode()


def from_json(text: str) -> Report:
    """The report that `to_json` wrote.

    Raises:
        ValueError: the text is not what `to_json` writes.
    """
    try:
        fields = cast("dict[str, Any]", orjson.loads(text))
        fields["complaint_id"] = UUID(fields["complaint_id"])
        fields["identities"] = frozenset(fields["identities"])
        fields["attachments"] = frozenset(fields["attachments"])
        fields["sent_at"] = datetime.fromisoformat(fields["sent_at"])
        return Report(**fields)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a stored report ({error}); rebuild the index of duplicates") from error
