"""Keep the facts that cross the wall, of which the public records are made."""

from alembic import op

from resources.base.database.migrations.chain_table import chain_table

revision = "2026_12_07"
down_revision = "2026_12_05"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE release.reviewed_facts (
    seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamp with time zone NOT NULL,
    kind varchar(8) NOT NULL,
    name varchar(40) NOT NULL,
    value jsonb NOT NULL,
    register_digest varchar(64),
    CHECK (kind IN ('words', 'setting', 'model', 'quarter')),
    CHECK ((kind = 'words') = (register_digest IS NOT NULL)),
    CHECK (octet_length(value::text) <= 65536)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON release.reviewed_facts
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER digested AFTER INSERT ON release.reviewed_facts
    FOR EACH ROW EXECUTE FUNCTION restricted.digest_row();
"""


def upgrade() -> None:
    """Add the table, to the hash chain, too."""
    connection = op.get_bind()
    connection.exec_driver_sql(_STATEMENTS)
    chain_table(connection, "release.reviewed_facts", ("seq",))
