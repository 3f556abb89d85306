"""Turns of deliveries, the pace of a hub, and how many attachments a route has.

Only adds columns with defaults: older code runs beside it. What that delivers of attachments meanwhile is not counted,
which the ledger says.
"""

import sqlalchemy as sa
from alembic import op

from runtime.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dispatcher_deliveries", sa.Column("share", sa.String(length=63), nullable=False, server_default=""))
    op.add_column("dispatcher_deliveries", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="1"))
    op.create_index(
        "dispatcher_deliveries_turns",
        "dispatcher_deliveries",
        ["destination", "state", "turn", "created_at"],
        unique=False,
    )
    op.create_index(
        "dispatcher_deliveries_shares", "dispatcher_deliveries", ["destination", "state", "share", "turn"], unique=False
    )
    op.drop_index("dispatcher_deliveries_due", "dispatcher_deliveries")
    op.add_column("dispatcher_hubs", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("dispatcher_hubs", sa.Column("paced_until", types.Moment(), nullable=True))
    op.add_column("dispatcher_routes", sa.Column("attachments", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE dispatcher_routes SET attachments = (SELECT count(*) FROM dispatcher_deliveries AS d"
        " WHERE d.subject_id = dispatcher_routes.complaint_id AND d.destination = dispatcher_routes.hub"
        " AND d.kind = 'attach')"
    )
