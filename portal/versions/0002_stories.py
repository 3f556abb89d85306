"""Indexes for the story of one message. Large tables cannot be written while they are built: run it at a quiet hour.

Only adds: older code runs beside it.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("portal_feed_by_complaint", "portal_feed", ["complaint_id"])
