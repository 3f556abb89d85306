"""Indexes for the story of one message. Large tables cannot be written while they are built: run it at a quiet hour.

Only adds: older code runs beside it.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # By hash, since a subject may be longer than what a tree takes.
    op.create_index("dispatcher_commands_by_subject", "dispatcher_commands", ["subject"], postgresql_using="hash")
