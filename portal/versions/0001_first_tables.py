"""The portal's first tables."""

import secrets

import sqlalchemy as sa
from alembic import op

from runtime.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_complaints",
        sa.Column("complaint_id", types.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.String(length=63), nullable=False),
        sa.Column("channel", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("appearances", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id"),
    )
    op.create_index("portal_complaints_by_seq", "portal_complaints", ["seq"], unique=False)
    op.create_index("portal_complaints_by_agency", "portal_complaints", ["agency", "seq"], unique=False)
    op.create_index("portal_complaints_by_channel", "portal_complaints", ["channel", "seq"], unique=False)
    op.create_index("portal_complaints_by_state", "portal_complaints", ["state", "seq"], unique=False)
    counter = op.create_table(
        "portal_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("feed", sa.String(length=16), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(counter, [{"id": 1, "feed": secrets.token_hex(4), "last": 0}])
    op.create_table(
        "portal_feed",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("complaint_id", types.Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("appeared_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "portal_losses",
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", "position"),
    )
    op.create_table(
        "portal_positions",
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition"),
    )
    op.create_table(
        "portal_unreadable",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "offset"),
    )
