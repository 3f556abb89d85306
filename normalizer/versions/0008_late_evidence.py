"""What came after a complaint had settled, and whom operators keep apart. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

from runtime.store.types import Id, Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("normalizer_complaints", sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "normalizer_parted",
        sa.Column("complaint_id", Id, nullable=False),
        sa.Column("other", Id, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "other"),
    )
