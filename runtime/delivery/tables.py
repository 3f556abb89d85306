"""The two tables of whoever delivers: its deliveries, and its destinations with their circuits."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

from runtime.store.types import Id, Moment, Words


def delivery_table(metadata: MetaData, name: str) -> Table:
    """One row for each thing to send, kept for ever: the row is the proof.

    `request` and `answer` are sealed; `reason` is for people, without identities. `fingerprint` tells whether a later
    state of the subject would be sent otherwise. `share` is who sends (an agency); `turn` orders what is due, see
    `runtime.delivery.turns`.
    """
    return Table(
        name,
        metadata,
        Column("delivery_id", Id, primary_key=True),
        Column("subject_id", Id, nullable=False),
        Column("destination", String(63), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("sequence", Integer, nullable=False),
        Column("state", String(16), nullable=False),
        Column("reason", Words),
        Column("attempts", Integer, nullable=False),
        Column("doubt", Boolean, nullable=False),
        Column("next_at", Moment, nullable=False),
        Column("lease_token", String(36)),
        Column("lease_until", Moment),
        Column("fingerprint", String(64)),
        Column("request", Text),
        Column("answer", Text),
        Column("receipt", Words(200)),
        Column("url", Words),
        Column("created_at", Moment, nullable=False),
        Column("finished_at", Moment),
        Column("share", String(63), nullable=False, server_default=""),
        Column("turn", BigInteger, nullable=False, server_default="1"),
        Index(f"{name}_turns", "destination", "state", "turn", "created_at"),
        Index(f"{name}_shares", "destination", "state", "share", "turn"),
        Index(f"{name}_in_order", "subject_id", "destination", "sequence", unique=True),
        Index(f"{name}_by_receipt", "destination", "receipt"),
    )


def destination_table(metadata: MetaData, name: str) -> Table:
    """One row for each destination: why nothing goes there, its circuit, and how far its news were read.

    `turn`: the latest turn that was served; `paced_until`: when its rate has a place again.
    """
    return Table(
        name,
        metadata,
        Column("destination", String(63), primary_key=True),
        Column("stopped", Words),
        Column("paused", Words),
        Column("failures", Integer, nullable=False),
        Column("open_until", Moment),
        Column("wait_until", Moment),
        Column("cursor", Words),
        Column("turn", BigInteger, nullable=False, server_default="0"),
        Column("paced_until", Moment),
        Column("changed_at", Moment, nullable=False),
    )
