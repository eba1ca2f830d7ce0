"""Keep which members' requests no run opens again, so that hostile ones cost a run nothing more.

What can't be opened, and what means no group, is set aside by its number alone.
"""

from alembic import op

revision = "2026_12_11"
down_revision = "2026_12_10"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE restricted.requests_done (
    seq bigint PRIMARY KEY
);
"""


def upgrade() -> None:
    """Add the table."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
