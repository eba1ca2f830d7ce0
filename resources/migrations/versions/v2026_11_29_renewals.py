"""Mark consents without a listed platform or evidence, and let the portal only withdraw.

A consent that the version before took with any word for a platform, or an empty file for evidence,
is read for four more weeks; then its group is refused until the consent is renewed
(docs/decisions/0009).
"""

from alembic import op

revision = "2026_11_29"
down_revision = "2026_11_22"
branch_labels = None
depends_on = None

_STATEMENTS = """
ALTER TABLE restricted.home
    ADD COLUMN master_check varchar(64),
    ADD COLUMN member_check varchar(64);
CREATE TABLE restricted.consent_renewals (
    seq bigint PRIMARY KEY,
    at timestamp with time zone NOT NULL,
    renew_by date NOT NULL,
    no_platform boolean NOT NULL,
    no_evidence boolean NOT NULL,
    CHECK (no_platform OR no_evidence)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.consent_renewals
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
INSERT INTO restricted.consent_renewals
    SELECT seq, now(), (now() AT TIME ZONE 'Europe/London')::date + 28, no_platform, no_evidence
    FROM (
        SELECT seq,
            lower(trim(platform)) <> 'whatsapp' AS no_platform,
            evidence_digest = encode(sha256(''), 'hex') AS no_evidence
        FROM restricted.consent_events
        WHERE kind IN ('granted', 'renewed')
    ) AS consents
    WHERE no_platform OR no_evidence;
ALTER TABLE restricted.consent_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON restricted.consent_events
    TO tideline_restricted USING (true) WITH CHECK (true);
CREATE POLICY auditor_reads ON restricted.consent_events FOR SELECT
    TO tideline_auditor USING (true);
CREATE POLICY portal_withdraws ON restricted.consent_events FOR INSERT
    TO tideline_portal WITH CHECK (kind = 'withdrawn');
"""


def upgrade() -> None:
    """Add the table, mark the consents, and set the policies."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
