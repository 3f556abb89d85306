"""The dispatcher's tables. Nobody else reads or writes them.

Each complaint has one row, each pair of complaint and hub one route and one delivery of kind `create`, and each later
change that the hub should hear of one of kind `update`. Counts are kept beside what they count, in another table, so
that the ledger notices when a row is gone or doubled.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from runtime.delivery.tables import delivery_table, destination_table
from runtime.store.outbox import Outbox
from runtime.store.positions import PositionTable
from runtime.store.types import Id, Moment, Words

metadata = MetaData()
positions = PositionTable(metadata, "dispatcher")
outbox = Outbox(metadata, "dispatcher")
deliveries = delivery_table(metadata, "dispatcher_deliveries")
hubs = destination_table(metadata, "dispatcher_hubs")

complaints = Table(
    "dispatcher_complaints",
    metadata,
    Column("complaint_id", Id, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("routes", Integer, nullable=False),
    Column("historical", Boolean, nullable=False),
    Column("document", Text, nullable=False),
)
"""The newest revision of each complaint; `events`: records of the log that were about it, stale ones among them."""

unreadable = Table(
    "dispatcher_unreadable",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Records of `complaints` that are no complaint events."""

routes = Table(
    "dispatcher_routes",
    metadata,
    Column("complaint_id", Id, primary_key=True),
    Column("hub", String(63), primary_key=True),
    Column("updates", Integer, nullable=False),
    Column("attachments", Integer, nullable=False, server_default="0"),
    Column("routed_at", Moment, nullable=False),
    Column("timed", Integer, nullable=False, server_default="0"),
)
"""Which hub is to have which complaint; `updates`, `attachments`: deliveries of these kinds that were made for it;
`timed`: rows of deadlines."""

deadlines = Table(
    "dispatcher_deadlines",
    metadata,
    Column("complaint_id", Id, primary_key=True),
    Column("hub", String(63), primary_key=True),
    Column("tracking_id", Words(200), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("state", String(20), nullable=False),
    Column("since", Moment, nullable=False),
    Column("classification", String(20), nullable=False),
    Column("category", String(63)),
    Column("step", String(10)),
    Column("due", Moment),
    Column("next_at", Moment),
    Column("told", String(11), nullable=False),
    Index("dispatcher_deadlines_next", "hub", "next_at"),
    Index("dispatcher_deadlines_open", "step", "hub", "told"),
)
"""Where each complaint stands at its hub, and until when its step is to be done; without a step nothing is awaited.
`begun_at`: when the hub had it; `told`: what was said of this deadline; `next_at`: when there is more to say."""

Index("dispatcher_deliveries_finished", deliveries.c.destination, deliveries.c.finished_at)

commands = Table(
    "dispatcher_commands",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("event_id", Id, nullable=False),
    Column("action", String(16), nullable=False),
    Column("subject", Words, nullable=False),
    Column("origin", String(63), nullable=False),
    Column("reason", Words),
    Column("outcome", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Index("dispatcher_commands_by_subject", "subject", postgresql_using="hash"),
)
"""What operators asked for, and what came of it."""

NOT_OURS = "not for the dispatcher"
"""The outcome of a command that others obey."""
