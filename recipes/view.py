"""What became of a message, as JSON for people and scripts: the form of `muara channels parse` and of examples."""

from datetime import datetime

from recipes.channel import Channel
from recipes.inbound import Item
from recipes.mapped import Ignored, Mapped, MappingError, Value


def complaint_view(mapped: Mapped) -> dict[str, Value]:
    """A message in the clear: ids as the provider gave them, phones E.164, times ISO 8601 UTC.

    Fields that few channels have stand there only when they are set.
    """
    view: dict[str, Value] = {
        "text": mapped.text,
        "title": mapped.title,
        "reporter": {"name": mapped.name, "phone": mapped.phone, "email": mapped.email},
        "sent_at": instant_view(mapped.sent_at),
        "attachments": [
            {name: value for name in _ATTACHMENT if (value := getattr(attachment, name)) is not None}
            for attachment in mapped.attachments
        ],
        "location": None
        if mapped.location is None
        else {name: getattr(mapped.location, name) for name in ("latitude", "longitude", "name", "address")},
    }
    for name in ("address", "classification", "category", "refers_to", "relation", "group", "sequence", "hub_receipt"):
        if getattr(mapped, name) is not None:
            view[name] = getattr(mapped, name)
    if mapped.incident_date is not None:
        view["incident_date"] = mapped.incident_date.isoformat()
    for flag in ("anonim", "rahasia"):
        if getattr(mapped, flag):
            view[flag] = True
    return view


_ATTACHMENT = ("media_type", "filename", "url", "media_id", "size", "part")


def item_view(channel: Channel, item: Item, *, zone: str, settings: dict[str, Value] | None = None) -> dict[str, Value]:
    """What one item becomes: `{"outcome", "reason", "external_id", "sender", "complaint"}`.

    The outcome is `accepted`, `ignored`, `dead` or `receipt`; the complaint is None except for `accepted`.

    :param zone: IANA name of the zone of the source.
    """
    view: dict[str, Value] = {
        "outcome": "accepted",
        "reason": None,
        "external_id": item.external_id,
        "sender": item.sender,
        "complaint": None,
    }
    if item.receipt is not None:
        return {**view, "outcome": "receipt", "reason": item.receipt}
    if item.defect is not None:
        return {**view, "outcome": "dead", "reason": item.defect}
    try:
        mapped = channel.map(item.payload, item.media_type, zone=zone, source_settings=settings)
    except MappingError as error:
        return {**view, "outcome": "dead", "reason": str(error)}
    if isinstance(mapped, Ignored):
        return {**view, "outcome": "ignored", "reason": mapped.reason}
    return {**view, "complaint": complaint_view(mapped)}


def instant_view(moment: datetime | None) -> str | None:
    """An instant in UTC as `2026-11-24T07:05:00Z`; None stays None."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
