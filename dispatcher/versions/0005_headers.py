"""Headers of what waits in the outbox, so that its trace survives a crash. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dispatcher_outbox", sa.Column("headers", sa.Text()))
