"""What was fetched for messages that only named it. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

from runtime.store.types import Id, Moment, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "normalizer_media",
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object", Words(64), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("partition", "offset"),
    )
