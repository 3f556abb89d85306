"""Headers of what waits in the outbox, so that its trace survives a crash. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("normalizer_outbox", sa.Column("headers", sa.Text()))
