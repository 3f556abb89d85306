"""The connectors' own tables. Webhooks and mail need none of them; polled tables do."""

from sqlalchemy import JSON, BigInteger, Column, DateTime, MetaData, String, Table

from runtime.store.types import Moment

METADATA = MetaData()

CURSORS = Table(
    "connectors_cursors",
    METADATA,
    Column("source", String(63), primary_key=True),
    Column("state", JSON, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("token", BigInteger, nullable=False, server_default="0"),
)
"""How far each polled source has come; written only after the log has acknowledged what lies before it, and only under
the token of the last lease."""

LEASES = Table(
    "connectors_leases",
    METADATA,
    Column("source", String(63), primary_key=True),
    Column("owner", String(36), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
"""Who serves each polled source, and until when by the database's clock. Rows stay: their tokens only ever grow."""

SEEN = Table(
    "connectors_seen",
    METADATA,
    Column("source", String(63), primary_key=True),
    Column("key", String(32), primary_key=True),
)
"""Which rows of a polled source are on the log: blind indexes of their keys, since a key may be a person's number."""
