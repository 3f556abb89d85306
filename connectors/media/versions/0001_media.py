"""The queue of files that are to be fetched."""

import sqlalchemy as sa
from alembic import op

from runtime.store.types import Id, Moment, Words

revision = "connectors_media_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connectors_media_positions",
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "connectors_media_losses",
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("position", sa.BigInteger(), primary_key=True),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("noticed_at", Moment, nullable=False),
    )
    op.create_table(
        "connectors_media_outbox",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", Moment, nullable=False),
    )
    name = "connectors_media_jobs"
    op.create_table(
        name,
        sa.Column("delivery_id", Id, primary_key=True),
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("destination", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", Words),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubt", sa.Boolean(), nullable=False),
        sa.Column("next_at", Moment, nullable=False),
        sa.Column("lease_token", sa.String(36)),
        sa.Column("lease_until", Moment),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("request", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.Column("receipt", Words(200)),
        sa.Column("url", Words),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("finished_at", Moment),
        sa.Column("share", sa.String(63), nullable=False, server_default=""),
        sa.Column("turn", sa.BigInteger(), nullable=False, server_default="1"),
    )
    op.create_index(f"{name}_turns", name, ["destination", "state", "turn", "created_at"])
    op.create_index(f"{name}_shares", name, ["destination", "state", "share", "turn"])
    op.create_index(f"{name}_in_order", name, ["subject_id", "destination", "sequence"], unique=True)
    op.create_index(f"{name}_by_receipt", name, ["destination", "receipt"])
    op.create_table(
        "connectors_media_sources",
        sa.Column("destination", sa.String(63), primary_key=True),
        sa.Column("stopped", Words),
        sa.Column("paused", Words),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", Moment),
        sa.Column("wait_until", Moment),
        sa.Column("cursor", Words),
        sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("paced_until", Moment),
        sa.Column("changed_at", Moment, nullable=False),
    )
    op.create_table(
        "connectors_media_books",
        sa.Column("source", sa.String(63), primary_key=True),
        sa.Column("wanted", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ended", sa.Integer(), nullable=False, server_default="0"),
    )
