"""The tables of the fetch queue: jobs and their destinations (one for each source), positions, outbox, books."""

from uuid import UUID, uuid5

from sqlalchemy import Column, Integer, MetaData, String, Table

from connectors.media.migrations import SERVICE
from runtime.delivery.tables import delivery_table, destination_table
from runtime.store.outbox import Outbox
from runtime.store.positions import PositionTable

METADATA = MetaData()
POSITIONS = PositionTable(METADATA, SERVICE)
OUTBOX = Outbox(METADATA, SERVICE)
JOBS = delivery_table(METADATA, "connectors_media_jobs")
"""One row for each file that is wanted. `receipt` is the key of the stored file."""
SOURCES = destination_table(METADATA, "connectors_media_sources")

BOOKS = Table(
    "connectors_media_books",
    METADATA,
    Column("source", String(63), primary_key=True),
    Column("wanted", Integer, nullable=False, server_default="0"),
    Column("ended", Integer, nullable=False, server_default="0"),
)
"""How many files were asked for, and how many of them came to an end: what the ledger holds the jobs against."""


def job_id(message_id: UUID, number: int) -> UUID:
    """The job that fetches a message's file of that number: the same, whoever asks for it."""
    return uuid5(message_id, f"media|{number}")
