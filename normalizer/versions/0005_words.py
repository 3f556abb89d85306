"""In how many complaints each word stood, and since when a report is kept. Only adds: older code runs beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "normalizer_words",
        sa.Column("version", sa.String(16), nullable=False, comment="how words are taken from a text"),
        sa.Column(
            "word", sa.BigInteger(), autoincrement=False, nullable=False, comment="63-bit hash; 0: all documents"
        ),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version", "word"),
    )
    op.add_column(
        "normalizer_reports",
        sa.Column("stored_at", sa.BigInteger(), nullable=False, server_default="0", comment="seconds since 1970, UTC"),
    )
    op.create_index(
        "normalizer_reports_keyed",
        "normalizer_reports",
        ["stored_at"],
        sqlite_where=sa.text("key_count > 0"),
        postgresql_where=sa.text("key_count > 0"),
    )
