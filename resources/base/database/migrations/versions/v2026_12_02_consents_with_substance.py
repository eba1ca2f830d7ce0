"""Keep the terms of consents, discovery's counts on arrival, and incidents.

Consents that an earlier version recorded come through as they are. They lack the text of the
notice, an answer about the employer, sector, scopes, rhythm and a date of review; nothing is made
up for them. They are read for twelve more weeks, then refused until they are renewed
(docs/decisions/0020). Whoever leaves is asked for nothing of this.
"""

from alembic import op

revision = "2026_12_02"
down_revision = "2026_11_30"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE restricted.consent_terms (
    seq bigint PRIMARY KEY,
    at timestamp with time zone NOT NULL,
    notice_digest varchar(64) NOT NULL,
    departure_approved boolean,
    sector varchar(24),
    scopes varchar(24)[],
    rhythm varchar(24),
    review_by date,
    CHECK (num_nulls(departure_approved, sector, scopes, rhythm, review_by) IN (0, 5))
);
CREATE TABLE restricted.earlier_consents (
    seq bigint PRIMARY KEY,
    at timestamp with time zone NOT NULL,
    counts_until date NOT NULL
);
INSERT INTO restricted.earlier_consents
    SELECT seq, now(), (now() AT TIME ZONE 'Europe/London')::date + 84
    FROM restricted.consent_events
    WHERE kind IN ('granted', 'renewed');
CREATE TABLE restricted.counted_exports (
    digest varchar(64) PRIMARY KEY,
    at timestamp with time zone NOT NULL,
    group_ref varchar(10) NOT NULL,
    messages integer NOT NULL
);
CREATE TABLE restricted.incident_events (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamp with time zone NOT NULL,
    kind varchar(24) NOT NULL,
    incident_ref varchar(10) NOT NULL,
    said_by varchar(20) NOT NULL,
    cause varchar(24),
    aware_at timestamp with time zone,
    outcome varchar(24),
    keys_destroyed integer,
    CHECK (kind IN ('opened', 'keys_destroyed', 'regulator_told', 'closed'))
);
CREATE INDEX ix_restricted_incident_events_incident_ref
    ON restricted.incident_events (incident_ref);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.consent_terms
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.earlier_consents
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.counted_exports
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.incident_events
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
"""


def upgrade() -> None:
    """Add the tables, and say how long earlier consents count."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
