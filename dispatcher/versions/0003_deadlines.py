"""Where each complaint stands at its hub, and until when.

Only adds a table, and a column with a default: older code runs beside it.
"""

import sqlalchemy as sa
from alembic import op

from runtime.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispatcher_deadlines",
        sa.Column("complaint_id", types.Id(), nullable=False),
        sa.Column("hub", sa.String(length=63), nullable=False),
        sa.Column("tracking_id", sa.String(length=200), nullable=False),
        sa.Column("begun_at", types.Moment(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", types.Moment(), nullable=False),
        sa.Column("classification", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=63), nullable=True),
        sa.Column("step", sa.String(length=10), nullable=True),
        sa.Column("due", types.Moment(), nullable=True),
        sa.Column("next_at", types.Moment(), nullable=True),
        sa.Column("told", sa.String(length=11), nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "hub"),
    )
    op.create_index("dispatcher_deadlines_next", "dispatcher_deadlines", ["hub", "next_at"], unique=False)
    op.create_index("dispatcher_deadlines_open", "dispatcher_deadlines", ["step", "hub", "told"], unique=False)
    op.create_index(
        "dispatcher_deliveries_finished", "dispatcher_deliveries", ["destination", "finished_at"], unique=False
    )
    op.add_column("dispatcher_routes", sa.Column("timed", sa.Integer(), nullable=False, server_default="0"))
