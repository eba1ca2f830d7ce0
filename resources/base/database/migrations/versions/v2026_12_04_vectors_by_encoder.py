"""Keep which encoder made the vectors of a group-day.

Vectors of another encoder may have the same width and mean something else. Those stored before
are of an unknown one: they are not scored, and the next collect makes them anew.
"""

from alembic import op

revision = "2026_12_04"
down_revision = "2026_12_03"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.get_bind().exec_driver_sql(
        "ALTER TABLE restricted.vectors ADD COLUMN encoder_digest varchar(64) NOT NULL DEFAULT '';"
        "ALTER TABLE restricted.vectors ALTER COLUMN encoder_digest DROP DEFAULT;"
    )
