"""Keep what members answer in the pulse, sealed, until it is combined, and what came of it.

The portal's role adds answers and reads nothing. What came of a region's fortnight is never
changed.
"""

from alembic import op

from resources.base.database.migrations.chain_table import chain_table

revision = "2026_12_12"
down_revision = "2026_12_11"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE restricted.pulse_answers (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    received_on date NOT NULL,
    sealed bytea NOT NULL,
    CHECK (received_on BETWEEN '2020-01-01' AND '2100-01-01'),
    CHECK (octet_length(sealed) = 2048)
);
CREATE INDEX ix_restricted_pulse_answers_received_on ON restricted.pulse_answers (received_on);
ALTER TABLE restricted.pulse_answers ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE restricted.pulse_values (
    region varchar(41) NOT NULL,
    fortnight date NOT NULL,
    at timestamp with time zone NOT NULL,
    construct varchar(12) NOT NULL,
    instrument varchar(64) NOT NULL,
    mean double precision,
    micro_rho integer,
    PRIMARY KEY (region, fortnight),
    CHECK (mean IS NULL OR mean BETWEEN 0 AND 1)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.pulse_values
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
"""


def upgrade() -> None:
    """Add both tables, the second one to the hash chain, too."""
    connection = op.get_bind()
    connection.exec_driver_sql(_STATEMENTS)
    chain_table(connection, "restricted.pulse_values", ("region", "fortnight"))
