"""The normalizer's tables. Nobody else reads or writes them.

Every message that was ever accepted has one row in `messages`, and by its state one row in just one of `complaints` (it
founded one that lives), `supporters` (it joined one), `ignored`, `dead_letters`. The ledger counts them apart.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

from normalizer.dedup.history import table as words_table
from normalizer.dedup.index import tables as dedup_tables
from runtime.store.outbox import Outbox
from runtime.store.positions import PositionTable
from runtime.store.types import Id, Moment, Words

metadata = MetaData()
positions = PositionTable(metadata, "normalizer")
outbox = Outbox(metadata, "normalizer")
dedup = dedup_tables(metadata)
words = words_table(metadata)
"""In how many complaints each word stood: hashes and counts."""

origins = Table(
    "normalizer_origins",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)
"""One row: the number after which revisions begin. See `normalizer.origin`."""

inbox = Table(
    "normalizer_inbox",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
)
"""Records of `complaints.raw` that were new; the key makes every redelivery visible."""

redeliveries = Table(
    "normalizer_redeliveries",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("message_id", Id, nullable=False),
    Index("normalizer_redeliveries_by_message", "message_id"),
)
"""Records of `complaints.raw` that were not new."""

messages = Table(
    "normalizer_messages",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("requested_attempt", Integer, nullable=False),
    Column("complaint_id", Id),
    Column("agency", String(63), nullable=False),
    Column("channel", String(63), nullable=False),
    Column("source", String(63), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Index("normalizer_messages_by_complaint", "complaint_id"),
)
"""Every accepted message once, with its original (`raw`: the record, sealed inside) so that it can be replayed."""

complaints = Table(
    "normalizer_complaints",
    metadata,
    Column("complaint_id", Id, primary_key=True),
    Column("message_id", Id, nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("agency", String(63), nullable=False),
    Column("channel", String(63), nullable=False),
    Column("source", String(63), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("gathering_since", Moment, nullable=False),
    Column("first_sent_at", Moment, nullable=False),
    Column("last_sent_at", Moment, nullable=False),
    Column("settles_at", Moment),
    Column("parts", Text, nullable=False),
    Column("merged_into", Id),
    Column("leader", Id),
    Column("linked_at", Moment),
    Column("verdict", Text),
    Column("unclear", Boolean, nullable=False),
    Column("rahasia", Boolean, nullable=False),
    Column("document", Text),
    Column("announced_keys", LargeBinary),
    Column("announced_report", Text),
    Column("late", Boolean, nullable=False, server_default=false()),
    Index("normalizer_complaints_due", "settles_at"),
    Index("normalizer_complaints_by_conversation", "conversation", "state"),
    Index("normalizer_complaints_by_target", "merged_into"),
    Index("normalizer_complaints_by_leader", "leader"),
    Index("normalizer_complaints_unclear", "unclear"),
    Index(
        "normalizer_complaints_announced",
        "complaint_id",
        sqlite_where=text("announced_keys IS NOT NULL"),
        postgresql_where=text("announced_keys IS NOT NULL"),
    ),
)
"""Complaints, from their first message on. `state`: gathering, settled, merged (lives on in `merged_into`).

Everything but `document` is what is decided; `document` is what was last published, made from it. `version` rises when
what is decided or who belongs to it changes, for compare-and-set; `revision` with every publication (0: none yet). A
row with a due `settles_at` is waiting to be settled, or published again. `parts` are the mapped messages, sealed.
`announced_…` stand there while it is being settled: what others who settle at the same time compare theirs with.
`late`: something came after it had settled that may bring it together with others or apart.
"""

parted = Table(
    "normalizer_parted",
    metadata,
    Column("complaint_id", Id, primary_key=True),
    Column("other", Id, primary_key=True),
    Column("at", Moment, nullable=False),
)
"""Pairs that an operator took apart or kept apart, each in both directions: never joined by the machine again."""

supporters = Table(
    "normalizer_supporters",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("complaint_id", Id, nullable=False),
    Column("reason", String(16), nullable=False),
    Index("normalizer_supporters_by_complaint", "complaint_id"),
)
"""Messages that joined a complaint."""

ignored = Table(
    "normalizer_ignored",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("reason", Words(64), nullable=False),
)
"""Messages that are no complaints, each for a named reason."""

dead_letters = Table(
    "normalizer_dead_letters",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("reason", Words, nullable=False),
    Column("provenance", Words),
    Column("died_at", Moment, nullable=False),
)
"""Messages that could not be understood and wait for an operator."""

statuses = Table(
    "normalizer_statuses",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("event_id", Id, nullable=False),
    Column("complaint_id", Id, nullable=False),
    Column("hub", String(63), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(32)),
    Column("at", Moment, nullable=False),
    Column("applied", Boolean, nullable=False),
    Index("normalizer_statuses_by_complaint", "complaint_id"),
)
"""What hubs said, record by record: the history of each complaint at each hub."""

media = Table(
    "normalizer_media",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("message_id", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("object", Words(64), nullable=False),
    Column("applied", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Index("normalizer_media_by_message", "message_id"),
)
"""What was fetched for messages that only named it, record by record."""

commands = Table(
    "normalizer_commands",
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
    Index("normalizer_commands_by_event", "event_id"),
    Index("normalizer_commands_by_subject", "subject", postgresql_using="hash"),
)
"""What operators asked for, and what came of it."""
