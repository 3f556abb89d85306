"""What is known of each source, apart from messages: an estimate, which no ledger counts."""

from sqlalchemy import JSON, BigInteger, Column, MetaData, String, Table

from runtime.store.positions import PositionTable
from runtime.store.types import Moment, Words

METADATA = MetaData()
"""Apart from `connectors.tables`, whose rows are in the ledger."""

POSITIONS = PositionTable(METADATA, "connectors")
"""How far operators' commands were read."""

SOURCES = Table(
    "connectors_sources",
    METADATA,
    Column("source", String(63), primary_key=True),
    Column("messages", BigInteger, nullable=False, server_default="0"),
    Column("first_at", Moment),
    Column("last_at", Moment),
    Column("errors", BigInteger, nullable=False, server_default="0"),
    Column("error", Words(500)),
    Column("error_at", Moment),
    Column("problem", Words(500)),
    Column("problem_at", Moment),
    Column("paused", Words(500)),
    Column("paused_at", Moment),
    Column("silent_since", Moment),
    Column("habit", JSON, nullable=False),
)
"""`error`: the last refused request or failed round; `problem`: why a polled source was not served at `problem_at`,
told again while it holds; `paused`: an operator's reason; `silent_since`: the last message before a silence that holds;
`habit`: see `connectors.habit`."""
