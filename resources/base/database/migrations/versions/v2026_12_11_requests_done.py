"""Keep which members' requests no run opens again, so that hostile ones cost a run nothing more.

What can't be opened, and what means no group, is set aside by its number alone.
"""

from alembic import op

revision = "2026_12_11"
down_revision = "2026_12_09"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE restricted.requests_done (
    seq bigint PRIMARY KEY
);
CREATE INDEX ix_restricted_member_requests_received_on
    ON restricted.member_requests (received_on);
"""


def upgrade() -> None:
    """Add the table, and an index for what is due."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
