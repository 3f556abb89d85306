"""The connectors' own tables. Webhooks and mail need none of them; polled tables do."""

from sqlalchemy import JSON, Column, DateTime, MetaData, String, Table

METADATA = MetaData()

CURSORS = Table(
    "connectors_cursors",
    METADATA,
    Column("source", String(63), primary_key=True),
    Column("state", JSON, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
"""How far each polled source has come; written only after the log has acknowledged what lies before it."""

SEEN = Table(
    "connectors_seen",
    METADATA,
    Column("source", String(63), primary_key=True),
    Column("key", String(32), primary_key=True),
)
"""Which rows of a polled source are on the log: blind indexes of their keys, since a key may be a person's number."""
