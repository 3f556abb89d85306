"""Indexes for the story of one message. Large tables cannot be written while they are built: run it at a quiet hour.

Only adds: older code runs beside it.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("normalizer_redeliveries_by_message", "normalizer_redeliveries", ["message_id"])
    op.create_index("normalizer_media_by_message", "normalizer_media", ["message_id"])
    # By hash, since a subject may be longer than what a tree takes.
    op.create_index("normalizer_commands_by_subject", "normalizer_commands", ["subject"], postgresql_using="hash")
