"""What the four applications share: the shape of a message, the table, the statements."""

import os
from typing import Any

from pydantic import BaseModel, Field

KAFKA, TOPIC_IN, TOPIC_OUT = os.environ["BENCH_KAFKA"], os.environ["BENCH_IN"], os.environ["BENCH_OUT"]
DATABASE, GROUP, STATE = os.environ["BENCH_DATABASE"], os.environ["BENCH_GROUP"], os.environ["BENCH_STATE"]
TABLE = """\
CREATE TABLE IF NOT EXISTS reports (
    id text PRIMARY KEY, sender text NOT NULL, words text NOT NULL, sent_at bigint NOT NULL, payload text NOT NULL
)"""
INSERT = """\
INSERT INTO reports (id, sender, words, sent_at, payload) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING id"""
INSERT_MANY = """\
INSERT INTO reports (id, sender, words, sent_at, payload)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
ON CONFLICT DO NOTHING RETURNING id"""


class Text(BaseModel):
    """The words."""

    body: str = ""


class Message(BaseModel):
    """One message."""

    id: str
    sender: str = Field(alias="from")
    timestamp: int
    text: Text = Text()


class Value(BaseModel):
    """What changed."""

    messages: list[Message] = []


class Change(BaseModel):
    """One change."""

    value: Value


class Entry(BaseModel):
    """One account."""

    changes: list[Change]


class Webhook(BaseModel):
    """The body of a webhook of the WhatsApp Cloud API."""

    entry: list[Entry]

    def rows(self) -> list[tuple[str, str, str, int, str]]:
        """A row for each message."""
        return [
            (each.id, each.sender, each.text.body, each.timestamp, each.model_dump_json(by_alias=True))
            for entry in self.entry
            for change in entry.changes
            for each in change.value.messages
        ]


class Complaint(BaseModel):
    """What is published."""

    id: str
    sender: str
    words: str
    sent_at: int

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> "Complaint":
        """From a row."""
        return cls(id=row[0], sender=row[1], words=row[2], sent_at=row[3])
