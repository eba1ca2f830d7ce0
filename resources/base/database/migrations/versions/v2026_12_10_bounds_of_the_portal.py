"""Bound what the portal's role may add in a day, and let the database date members' requests.

Whoever took the portal over can't fill the disk by its login, nor say when something came.
"""

from alembic import op

revision = "2026_12_10"
down_revision = "2026_12_09"
branch_labels = None
depends_on = None

_STATEMENTS = """
ALTER TABLE restricted.member_requests ALTER COLUMN received_on
    SET DEFAULT (clock_timestamp() AT TIME ZONE 'Europe/London')::date;
CREATE INDEX ix_restricted_member_requests_received_on
    ON restricted.member_requests (received_on);
CREATE INDEX ix_restricted_portal_consents_at ON restricted.portal_consents (at);
CREATE INDEX ix_restricted_consent_events_by_portal
    ON restricted.consent_events (at) WHERE via = 'portal';
CREATE FUNCTION restricted.bound_portal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    added bigint;
BEGIN
    -- Compared as JSON, for the function serves tables without the column, too.
    IF TG_TABLE_NAME = 'consent_events' AND to_jsonb(NEW) ->> 'via' IS DISTINCT FROM 'portal' THEN
        RETURN NEW;
    END IF;
    -- Rows of transactions that are open are not seen, so there is one at a time.
    PERFORM pg_advisory_xact_lock(TG_RELID::bigint);
    IF TG_TABLE_NAME = 'member_requests' THEN
        SELECT count(*) INTO added FROM restricted.member_requests
            WHERE received_on = (clock_timestamp() AT TIME ZONE 'Europe/London')::date;
    ELSIF TG_TABLE_NAME = 'portal_consents' THEN
        SELECT count(*) INTO added FROM restricted.portal_consents
            WHERE at > clock_timestamp() - interval '24 hours';
    ELSE
        SELECT count(*) INTO added FROM restricted.consent_events
            WHERE via = 'portal' AND at > clock_timestamp() - interval '24 hours';
    END IF;
    IF added >= TG_ARGV[0]::bigint THEN
        RAISE EXCEPTION 'portal full' USING ERRCODE = 'TD001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bounded BEFORE INSERT ON restricted.consent_events
    FOR EACH ROW EXECUTE FUNCTION restricted.bound_portal('50000');
CREATE TRIGGER bounded BEFORE INSERT ON restricted.member_requests
    FOR EACH ROW EXECUTE FUNCTION restricted.bound_portal('5000');
CREATE TRIGGER bounded BEFORE INSERT ON restricted.portal_consents
    FOR EACH ROW EXECUTE FUNCTION restricted.bound_portal('1000');
"""


def upgrade() -> None:
    """Add the default, the triggers, and what they count by."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
