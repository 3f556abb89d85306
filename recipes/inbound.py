"""What a transport hands to a recipe: one request, mail or row exactly as it came, and what the recipe makes of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,63}/[a-z0-9!#$&^_.+-]{1,63}")
"""RFC 6838 4.2."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One delivery of a provider, verbatim: an HTTP request, a mail, a row of a file or table."""

    body: bytes
    media_type: str
    """Without parameters, lower case: `application/json`, `message/rfc822`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case. Never stored: they carry signatures and credentials."""
    query: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the URL, the last one where a name repeats."""
    raw_query: bytes = b""
    """The same as they came, where the transport knows: they need not be UTF-8."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message split out of an inbound delivery; becomes one `RawComplaint`, or a counted receipt."""

    payload: bytes
    """What is kept: verbatim where the channel never splits a delivery, else the message with its context as JSON."""
    media_type: str
    external_id: str | None = None
    """The provider's id of the message; None when the provider gives none."""
    sender: str | None = None
    """Whoever wrote, as the provider names them; messages of one sender stay in order."""
    sent_at: datetime | None = None
    """The provider's time of the message, UTC; part of the identity when there is no `external_id`."""
    receipt: str | None = None
    """A named receipt (`delivered`, `read`…) of something that we sent: counted, never a message."""
    defect: str | None = None
    """Why it could not be read, in a sentence for the operator; accepted all the same, a dead letter in the end."""


def media_type(content_type: str) -> str:
    """Of a header `Content-Type`, without parameters, lower case; empty when none was given, or what is none."""
    kind = content_type.split(";", 1)[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else ""
