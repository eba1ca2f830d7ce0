"""Bound and date pulse answers as members' requests are, and let no bound keep a group in.

The withdrawal of a group that has begun and not left since passes, however many others came.
"""

from alembic import op

revision = "2026_12_13"
down_revision = "2026_12_12"
branch_labels = None
depends_on = None

_STATEMENTS = """
ALTER TABLE restricted.pulse_answers ALTER COLUMN received_on
    SET DEFAULT (clock_timestamp() AT TIME ZONE 'Europe/London')::date;
-- Else what the portal's login has dated later would lie there until then.
UPDATE restricted.pulse_answers SET received_on = DEFAULT
    WHERE received_on > (clock_timestamp() AT TIME ZONE 'Europe/London')::date;
CREATE OR REPLACE FUNCTION restricted.bound_portal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    added bigint;
    begun bigint;
    answered timestamptz;
BEGIN
    -- Compared as JSON, for the function serves tables without the column, too.
    IF TG_TABLE_NAME = 'consent_events' AND to_jsonb(NEW) ->> 'via' IS DISTINCT FROM 'portal' THEN
        RETURN NEW;
    END IF;
    -- With an older snapshot nothing is seen of what others have added since.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'not read committed' USING ERRCODE = '25000';
    END IF;
    -- Rows of transactions that are open are not seen, so there is one at a time.
    PERFORM pg_advisory_xact_lock(TG_RELID::bigint);
    IF TG_TABLE_NAME = 'member_requests' THEN
        SELECT count(*) INTO added FROM restricted.member_requests
            WHERE received_on = (clock_timestamp() AT TIME ZONE 'Europe/London')::date;
    ELSIF TG_TABLE_NAME = 'pulse_answers' THEN
        SELECT count(*) INTO added FROM restricted.pulse_answers
            WHERE received_on = (clock_timestamp() AT TIME ZONE 'Europe/London')::date;
    ELSIF TG_TABLE_NAME = 'portal_consents' THEN
        SELECT count(*) INTO added FROM restricted.portal_consents
            WHERE at > clock_timestamp() - interval '24 hours';
    ELSE
        -- By number, which the portal can't choose; a withdrawal of another mode is none of it.
        SELECT max(seq) INTO begun FROM restricted.consent_events
            WHERE group_ref = NEW.group_ref AND kind IN ('granted', 'renewed');
        IF begun IS NOT NULL AND NOT EXISTS (SELECT FROM restricted.consent_events
            WHERE group_ref = NEW.group_ref AND kind = 'withdrawn' AND mode = NEW.mode
            AND seq > begun)
        THEN
            RETURN NEW;
        END IF;
        -- Answers have no number. One of this transaction is later than its own beginning, by
        -- which a withdrawal may be dated: such a withdrawal is not after it.
        SELECT max(at) INTO answered FROM restricted.portal_consents
            WHERE group_ref = NEW.group_ref;
        IF NEW.at >= answered AND NOT EXISTS (SELECT FROM restricted.consent_events
            WHERE group_ref = NEW.group_ref AND kind = 'withdrawn' AND mode = NEW.mode
            AND at >= answered)
        THEN
            RETURN NEW;
        END IF;
        SELECT count(*) INTO added FROM restricted.consent_events
            WHERE via = 'portal' AND at > clock_timestamp() - interval '24 hours';
    END IF;
    IF added >= TG_ARGV[0]::bigint THEN
        RAISE EXCEPTION 'portal full' USING ERRCODE = 'TD001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bounded BEFORE INSERT ON restricted.pulse_answers
    FOR EACH ROW EXECUTE FUNCTION restricted.bound_portal('20000');
"""


def upgrade() -> None:
    """Add the default and the trigger, and replace the function."""
    op.get_bind().exec_driver_sql(_STATEMENTS)
