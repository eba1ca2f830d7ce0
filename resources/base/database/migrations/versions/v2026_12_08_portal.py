"""Let the portal put answers to invitations down, and know its withdrawals from others.

The portal's role may add both, with the database's own time, and read neither.
"""

from alembic import op

from resources.base.database.migrations.chain_table import chain_table

revision = "2026_12_08"
down_revision = "2026_12_07"
branch_labels = None
depends_on = None

_STATEMENTS = """
ALTER TABLE restricted.consent_events ADD COLUMN via varchar(10);
ALTER TABLE restricted.consent_events ADD CHECK (via IS NULL OR via = 'portal');
DROP POLICY portal_withdraws ON restricted.consent_events;
CREATE POLICY portal_withdraws ON restricted.consent_events FOR INSERT
    TO tideline_portal WITH CHECK (kind = 'withdrawn' AND via IS NOT DISTINCT FROM 'portal'
        AND at >= transaction_timestamp() AND at <= clock_timestamp()
        AND group_ref ~ '^g-[0-9a-f]{8}$' AND mode ~ '^(synthetic|discovery|study)$');
CREATE TABLE restricted.portal_consents (
    invitation varchar(32) PRIMARY KEY,
    at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    group_ref varchar(10) NOT NULL,
    renews boolean NOT NULL,
    region varchar(41) NOT NULL,
    platform varchar(20) NOT NULL,
    employer_ref varchar(10) NOT NULL,
    expires timestamp with time zone NOT NULL,
    signature bytea NOT NULL,
    adult_workplace boolean NOT NULL,
    informed_on date NOT NULL,
    manages_members boolean NOT NULL,
    member_basis varchar(24) NOT NULL,
    sector varchar(24) NOT NULL,
    scopes varchar(24)[] NOT NULL,
    rhythm varchar(24) NOT NULL,
    valid_until date NOT NULL,
    notice_version varchar(20) NOT NULL,
    notice_digest varchar(64) NOT NULL,
    CHECK (octet_length(signature) = 64),
    CHECK (expires BETWEEN '2020-01-01' AND '2100-01-01'),
    CHECK (informed_on BETWEEN '2020-01-01' AND '2100-01-01'),
    CHECK (valid_until BETWEEN '2020-01-01' AND '2100-01-01'),
    CHECK (cardinality(scopes) <= 8)
);
CREATE INDEX ix_restricted_portal_consents_group_ref ON restricted.portal_consents (group_ref);
CREATE TABLE restricted.portal_taken (
    what varchar(10) NOT NULL,
    key varchar(32) NOT NULL,
    at timestamp with time zone NOT NULL,
    group_ref varchar(10) NOT NULL,
    outcome varchar(40) NOT NULL,
    PRIMARY KEY (what, key),
    CHECK (what IN ('consent', 'withdrawal'))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.portal_consents
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.portal_taken
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
"""


def upgrade() -> None:
    """Add the tables, to the hash chain, too, and narrow what the portal may add."""
    connection = op.get_bind()
    connection.exec_driver_sql(_STATEMENTS)
    chain_table(connection, "restricted.portal_consents", ("invitation",))
    chain_table(connection, "restricted.portal_taken", ("what", "key"))
