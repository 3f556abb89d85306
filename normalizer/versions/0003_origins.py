"""Where revisions begin. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "normalizer_origins",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    # Tables that are in use have counted from 1.
    op.execute(
        "INSERT INTO normalizer_origins (number, revision)"
        " SELECT 1, 0 WHERE EXISTS (SELECT 1 FROM normalizer_positions)"
    )
