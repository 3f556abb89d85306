"""What is known of each source, who is paused, and how far operators' commands were read."""

import sqlalchemy as sa
from alembic import op

revision = "connectors_0003"
down_revision = "connectors_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connectors_sources",
        sa.Column("source", sa.String(63), primary_key=True),
        sa.Column("messages", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("first_at", sa.BigInteger),
        sa.Column("last_at", sa.BigInteger),
        sa.Column("errors", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("error", sa.String(500)),
        sa.Column("error_at", sa.BigInteger),
        sa.Column("problem", sa.String(500)),
        sa.Column("problem_at", sa.BigInteger),
        sa.Column("paused", sa.String(500)),
        sa.Column("paused_at", sa.BigInteger),
        sa.Column("silent_since", sa.BigInteger),
        sa.Column("habit", sa.JSON, nullable=False),
    )
    op.create_table(
        "connectors_positions",
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "connectors_losses",
        sa.Column("topic", sa.String(64), primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("noticed_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("connectors_losses")
    op.drop_table("connectors_positions")
    op.drop_table("connectors_sources")
