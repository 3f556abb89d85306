"""What is being settled is announced to others who settle at the same time. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("normalizer_complaints", sa.Column("announced_keys", sa.LargeBinary(), nullable=True))
    op.add_column("normalizer_complaints", sa.Column("announced_report", sa.Text(), nullable=True))
    op.create_index(
        "normalizer_complaints_announced",
        "normalizer_complaints",
        ["complaint_id"],
        unique=False,
        sqlite_where=sa.text("announced_keys IS NOT NULL"),
        postgresql_where=sa.text("announced_keys IS NOT NULL"),
    )
