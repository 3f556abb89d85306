"""The normalizer's first tables."""

import sqlalchemy as sa
from alembic import op

from runtime.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "normalizer_candidate_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False, comment="63-bit hash of kind and value"),
        sa.Column("recency", sa.BigInteger(), nullable=False, comment="seconds << 16 | bits of the id"),
        sa.Column("complaint_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("key", "recency", "complaint_id"),
    )
    op.create_table(
        "normalizer_commands",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("event_id", types.Id(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=63), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "offset"),
    )
    op.create_index("normalizer_commands_by_event", "normalizer_commands", ["event_id"], unique=False)
    op.create_table(
        "normalizer_complaints",
        sa.Column("complaint_id", types.Id(), nullable=False),
        sa.Column("message_id", types.Id(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=63), nullable=False),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("gathering_since", types.Moment(), nullable=False),
        sa.Column("first_sent_at", types.Moment(), nullable=False),
        sa.Column("last_sent_at", types.Moment(), nullable=False),
        sa.Column("settles_at", types.Moment(), nullable=True),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("merged_into", types.Id(), nullable=True),
        sa.Column("leader", types.Id(), nullable=True),
        sa.Column("linked_at", types.Moment(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("unclear", sa.Boolean(), nullable=False),
        sa.Column("rahasia", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("complaint_id"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index(
        "normalizer_complaints_by_conversation", "normalizer_complaints", ["conversation", "state"], unique=False
    )
    op.create_index("normalizer_complaints_by_leader", "normalizer_complaints", ["leader"], unique=False)
    op.create_index("normalizer_complaints_by_target", "normalizer_complaints", ["merged_into"], unique=False)
    op.create_index("normalizer_complaints_due", "normalizer_complaints", ["settles_at"], unique=False)
    op.create_index("normalizer_complaints_unclear", "normalizer_complaints", ["unclear"], unique=False)
    op.create_table(
        "normalizer_dead_letters",
        sa.Column("message_id", types.Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=True),
        sa.Column("died_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "normalizer_ignored",
        sa.Column("message_id", types.Id(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_table(
        "normalizer_inbox",
        sa.Column("message_id", types.Id(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "attempt"),
    )
    op.create_table(
        "normalizer_losses",
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", "position"),
    )
    op.create_table(
        "normalizer_messages",
        sa.Column("message_id", types.Id(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("requested_attempt", sa.Integer(), nullable=False),
        sa.Column("complaint_id", types.Id(), nullable=True),
        sa.Column("agency", sa.String(length=63), nullable=False),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("source", sa.String(length=63), nullable=False),
        sa.Column("received_at", types.Moment(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("normalizer_messages_by_complaint", "normalizer_messages", ["complaint_id"], unique=False)
    op.create_table(
        "normalizer_outbox",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "normalizer_positions",
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
    op.create_table(
        "normalizer_redeliveries",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("message_id", types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "offset"),
    )
    op.create_table(
        "normalizer_reports",
        sa.Column("complaint_id", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=63), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False, comment="seconds since 1970, UTC"),
        sa.Column("key_version", sa.String(length=80), nullable=False, comment="how the keys were made"),
        sa.Column("key_count", sa.Integer(), nullable=False, comment="rows in normalizer_candidate_keys"),
        sa.Column("key_list", sa.LargeBinary(), nullable=False, comment="those keys, eight bytes each"),
        sa.Column("features", sa.Text(), nullable=False, comment="the report, JSON"),
        sa.PrimaryKeyConstraint("complaint_id"),
    )
    op.create_table(
        "normalizer_statuses",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("event_id", types.Id(), nullable=False),
        sa.Column("complaint_id", types.Id(), nullable=False),
        sa.Column("hub", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=True),
        sa.Column("at", types.Moment(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "offset"),
    )
    op.create_index("normalizer_statuses_by_complaint", "normalizer_statuses", ["complaint_id"], unique=False)
    op.create_table(
        "normalizer_supporters",
        sa.Column("message_id", types.Id(), nullable=False),
        sa.Column("complaint_id", types.Id(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("normalizer_supporters_by_complaint", "normalizer_supporters", ["complaint_id"], unique=False)
