"""Note which exports are being deleted, so that each is counted once whoever is killed."""

from alembic import op

revision = "2026_12_17"
down_revision = "2026_12_16"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE restricted.exports_going (
    group_ref varchar(10) NOT NULL,
    arrived_at timestamptz NOT NULL,
    digest varchar(64) NOT NULL,
    kind varchar(20) NOT NULL,
    claim varchar(32),
    PRIMARY KEY (group_ref, arrived_at, digest)
);
"""


def upgrade() -> None:
    """Add the table."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
