"""Let the portal ask whether an invitation was answered, which it has to name.

Whoever opens a used invitation is told so, in place of an empty form. The id is random (128 bits),
and adding a second row of it told the same before.
"""

from alembic import op

revision = "2026_12_15"
down_revision = "2026_12_13"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE FUNCTION restricted.is_answered(invitation varchar) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'SELECT EXISTS (SELECT FROM restricted.portal_consents
        WHERE portal_consents.invitation = $1)';
"""


def upgrade() -> None:
    """Add the function; whom it answers, `grant_all` says."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
