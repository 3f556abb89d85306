"""Cursors of polled sources, and the rows that were seen."""

import sqlalchemy as sa
from alembic import op

revision = "connectors_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connectors_cursors",
        sa.Column("source", sa.String(63), primary_key=True),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "connectors_seen",
        sa.Column("source", sa.String(63), primary_key=True),
        sa.Column("key", sa.String(32), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("connectors_seen")
    op.drop_table("connectors_cursors")
