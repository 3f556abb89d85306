"""Headers of what waits in the outbox, so that its trace survives a crash. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

revision = "connectors_media_0002"
down_revision = "connectors_media_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connectors_media_outbox", sa.Column("headers", sa.Text()))
