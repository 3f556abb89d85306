"""The portal's tables. Nobody else reads or writes them; all of it is made from the topic `complaints`.

A complaint's document is kept at its newest revision only: what has been corrected, merged away or declared *rahasia*
since is nowhere to be found. The feed is the order in which revisions appeared; an entry that a newer one has replaced
is passed over by readers.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

from runtime.store.positions import PositionTable
from runtime.store.types import Id, Moment

metadata = MetaData()
positions = PositionTable(metadata, "portal")

complaints = Table(
    "portal_complaints",
    metadata,
    Column("complaint_id", Id, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("agency", String(63), nullable=False),
    Column("state", String(32), nullable=False),
    Column("events", Integer, nullable=False),
    Column("appearances", Integer, nullable=False),
    Column("document", Text, nullable=False),
)
"""Each complaint as it is shown. `events`: records read about it, those among them that were not newer included;
`appearances`: its entries in the feed; `state`: its canonical state, to filter by."""

feed = Table(
    "portal_feed",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("complaint_id", Id, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("agency", String(63), nullable=False),
    Column("channel", String(63), nullable=False),
    Column("appeared_at", Moment, nullable=False),
    Index("portal_feed_by_agency", "agency", "seq"),
)
"""Revisions in the order in which they appeared, numbered 1, 2, 3… without a gap."""

counter = Table(
    "portal_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("feed", String(16), nullable=False),
    Column("last", BigInteger, nullable=False),
)
"""One row: the feed's own random name, and the last number that it gave. Whoever writes to the feed locks it first."""

unreadable = Table(
    "portal_unreadable",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
)
"""Records of `complaints` that are no complaint events."""
