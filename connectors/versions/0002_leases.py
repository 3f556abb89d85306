"""Who serves each polled source; cursors know the last one who took their source over."""

import sqlalchemy as sa
from alembic import op

revision = "connectors_0002"
down_revision = "connectors_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connectors_leases",
        sa.Column("source", sa.String(63), primary_key=True),
        sa.Column("owner", sa.String(36), nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.add_column("connectors_cursors", sa.Column("token", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("connectors_cursors", "token")
    op.drop_table("connectors_leases")
