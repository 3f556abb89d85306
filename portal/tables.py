"""The portal's tables. Nobody else reads or writes them; all of it is made from the topic `complaints`.

A complaint's document is kept at its newest revision only: what has been corrected, merged away or declared *rahasia*
since is nowhere to be found. The feed is the journal of what appeared when; readers walk along the complaints by the
number of their last appearance, so that replaced states cost them nothing.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

from runtime.store.positions import PositionTable
from runtime.store.types import Id, Moment, Words

metadata = MetaData()
positions = PositionTable(metadata, "portal")

complaints = Table(
    "portal_complaints",
    metadata,
    Column("complaint_id", Id, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("agency", String(63), nullable=False),
    Column("channel", String(63), nullable=False),
    Column("state", String(32), nullable=False),
    Column("events", Integer, nullable=False),
    Column("appearances", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Index("portal_complaints_by_seq", "seq"),
    Index("portal_complaints_by_agency", "agency", "seq"),
    Index("portal_complaints_by_channel", "channel", "seq"),
    Index("portal_complaints_by_state", "state", "seq"),
)
"""Each complaint as it is shown. `seq`: the number of this revision in the feed; `events`: records read about it, those
among them that were not newer included; `appearances`: its entries in the feed; `state`: its canonical state."""

feed = Table(
    "portal_feed",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("complaint_id", Id, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("appeared_at", Moment, nullable=False),
    Index("portal_feed_by_complaint", "complaint_id"),
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
    Column("reason", Words, nullable=False),
)
"""Records of `complaints` that are no complaint events."""
