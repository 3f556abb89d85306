"""The topics of the log: what they carry, how they are keyed, how long they are kept."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Keys never show a person."""

    name: str
    key: str
    """What its records are keyed, and so ordered, by."""
    retention: timedelta


RAW = Topic("complaints.raw", "HMAC of source and sender: one conversation stays in order", timedelta(days=7))
COMPLAINTS = Topic("complaints", "complaint id", timedelta(days=30))
STATUSES = Topic("complaints.statuses", "complaint id", timedelta(days=30))
REPLIES = Topic("complaints.replies", "complaint id", timedelta(days=30))
COMMANDS = Topic("complaints.commands", "id of what the command acts on", timedelta(days=30))
MEDIA = Topic("complaints.media", "message id", timedelta(days=30))
WANTED = Topic("complaints.media.wanted", "message id", timedelta(days=30))
DEAD = Topic("complaints.dead", "message id", timedelta(days=30))

TOPICS = (RAW, COMPLAINTS, STATUSES, REPLIES, COMMANDS, MEDIA, WANTED, DEAD)
