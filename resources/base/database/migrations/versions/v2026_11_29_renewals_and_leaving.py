"""Mark consents without a listed platform or evidence, and keep what those who leave ask for.

A consent that the version before took with any word for a platform, or an empty file for evidence,
is read for four more weeks; then its group is refused until the consent is renewed
(docs/decisions/0009). Members' events are deleted at the end of their lifetime, and by nothing
else. The portal, whose role comes with this version, may add withdrawals and no other event.
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
CREATE TABLE restricted.leaving_requests (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamp with time zone NOT NULL,
    kind varchar(10) NOT NULL,
    group_ref varchar(10) NOT NULL,
    CHECK (kind IN ('exports', 'surveys'))
);
CREATE INDEX ix_restricted_leaving_requests_group_ref ON restricted.leaving_requests (group_ref);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.leaving_requests
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE FUNCTION restricted.refuse_unless_due() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_setting('tideline.due', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'deleted when due';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER append_only ON restricted.member_events;
CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON restricted.member_events
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER deleted_when_due BEFORE DELETE ON restricted.member_events
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_unless_due();
ALTER TABLE restricted.consent_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON restricted.consent_events
    TO tideline_restricted USING (true) WITH CHECK (true);
CREATE POLICY auditor_reads ON restricted.consent_events FOR SELECT
    TO tideline_auditor USING (true);
CREATE POLICY portal_withdraws ON restricted.consent_events FOR INSERT
    TO tideline_portal WITH CHECK (kind = 'withdrawn');
"""


def upgrade() -> None:
    """Add the tables, mark the consents, and set triggers and policies."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
