"""Keep what members ask by the portal, sealed, and answers that only who asked can open.

The portal's role adds requests. Of answers it may ask for one, by the digest of a receipt code, of
a function that tells nothing else. What members say may come by the portal from now on, and be
taken back.
"""

from alembic import op

revision = "2026_12_09"
down_revision = "2026_12_08"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE restricted.member_requests (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    received_on date NOT NULL,
    receipt varchar(64) NOT NULL,
    sealed bytea NOT NULL,
    CHECK (received_on BETWEEN '2020-01-01' AND '2100-01-01'),
    CHECK (octet_length(sealed) = 10240)
);
CREATE INDEX ix_restricted_member_requests_receipt ON restricted.member_requests (receipt);
CREATE TABLE restricted.member_answers (
    receipt varchar(64) PRIMARY KEY,
    answer bytea NOT NULL,
    CHECK (octet_length(answer) = 4124)
);
ALTER TABLE restricted.member_requests ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE restricted.member_answers ALTER COLUMN answer SET STORAGE EXTERNAL;
CREATE FUNCTION restricted.answer_to(receipt varchar) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'SELECT answer FROM restricted.member_answers WHERE member_answers.receipt = $1';
ALTER TABLE restricted.member_events DROP CONSTRAINT member_events_kind_check;
ALTER TABLE restricted.member_events DROP CONSTRAINT member_events_source_check;
ALTER TABLE restricted.member_events
    ADD CONSTRAINT member_events_kind_check
    CHECK (kind IN ('objected', 'opted_in', 'withdrawn', 'taken_back'));
ALTER TABLE restricted.member_events
    ADD CONSTRAINT member_events_source_check CHECK (source IN ('command', 'chat', 'portal'));
"""


def upgrade() -> None:
    """Add the tables and the function, and what members' events may say."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
