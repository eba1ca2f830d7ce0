"""Mark from which day on scores are by the models that give a message one number in any company.

They are also those of narrow vectors and many writers (docs/decisions/0023): no version of the
program was published between the two, so one break stands for both.

One rule for days that are open: what is stored of a day stays as it is, and the break stands at the
first day of which no region has anything stored (docs/decisions/0016). A home that has published
nothing has nothing to break.
"""

from alembic import op

revision = "2026_11_30"
down_revision = "2026_11_29"
branch_labels = None
depends_on = None

_STATEMENTS = """
INSERT INTO release.method_breaks (day, version_before, version_after, reason, at)
    SELECT max(day) + 1, 'gaussian-1', 'gaussian-1b', 'scores_changed', now()
    FROM (
        SELECT day FROM restricted.vectors
        UNION ALL SELECT day FROM restricted.group_days
        UNION ALL SELECT day FROM restricted.release_steps
        UNION ALL SELECT day FROM release.regional_values
    ) AS stored
    WHERE EXISTS (SELECT FROM release.regional_values)
        AND NOT EXISTS (SELECT FROM release.method_breaks)
    HAVING count(*) > 0;
"""


def upgrade() -> None:
    """Add the break."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
