"""Keep which days an export says that it holds, and by what a consent knows its chat.

An export of the canonical form says from when to when it holds everything, and which earlier
messages were deleted; a file that holds several chats is read for the one whose keyed digest the
consent has.
"""

from alembic import op

revision = "2026_12_03"
down_revision = "2026_12_02"
branch_labels = None
depends_on = None

_STATEMENTS = """
ALTER TABLE restricted.export_reports
    ADD COLUMN covered_from timestamp with time zone,
    ADD COLUMN covered_until timestamp with time zone,
    ADD COLUMN deletions integer;
CREATE TABLE restricted.consent_chats (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamp with time zone NOT NULL,
    group_ref varchar(10) NOT NULL,
    chat_digest varchar(64) NOT NULL,
    key_check varchar(64) NOT NULL
);
CREATE INDEX ix_restricted_consent_chats_group_ref ON restricted.consent_chats (group_ref);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.consent_chats
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
"""


def upgrade() -> None:
    """Add the columns and the table."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
