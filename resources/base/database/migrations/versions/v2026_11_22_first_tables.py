"""Make the tables of 22 November 2026.

A home made before there were migrations has them already and is only marked.
"""

from pathlib import Path

from alembic import op

revision = "2026_11_22"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the statements that pg_dump wrote of that version."""
    statements = Path(__file__).with_name("home_of_2026_11_22.sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(
        statements.replace("CREATE SCHEMA restricted;", "CREATE SCHEMA IF NOT EXISTS restricted;")
    )
