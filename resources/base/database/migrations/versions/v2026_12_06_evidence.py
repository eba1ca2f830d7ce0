"""Keep evidence of how each released region-day came about, for ever.

Of what was released before, a row says what is known, which is not much, and that the rest is not.
Vectors and settled group-days know from now on which run made them.
"""

from alembic import op

from resources.base.database.migrations.chain_table import chain_table, digest_table

revision = "2026_12_06"
down_revision = "2026_12_05"
branch_labels = None
depends_on = None

_IN_FORCE = """
    program_version varchar(40),
    code_digest varchar(64),
    commit_id varchar(64),
    encoder_digest varchar(64),
    tagger_digest varchar(64),
    vocabulary_digest varchar(64),
    construct_model_digest varchar(64),
    register_digest varchar(64),
"""
_STATEMENTS = """
ALTER TABLE restricted.vectors ADD COLUMN run_id varchar(36);
ALTER TABLE restricted.group_days ADD COLUMN run_id varchar(36);
CREATE TABLE restricted.evidence (
    region varchar(41) NOT NULL,
    day date NOT NULL,
    method_version varchar(40) NOT NULL,
    revision integer NOT NULL,
    at timestamp with time zone NOT NULL,
    recorded varchar(10) NOT NULL,
    release_run varchar(36),
    collect_runs varchar(36)[],
    score_runs varchar(36)[],
    encoders_used varchar(64)[],
    taggers_used varchar(64)[],
    vocabularies_used varchar(64)[],
    models_used varchar(40)[],
    IN_FORCE
    gate_passed boolean,
    micro_rho integer,
    groups_commitment varchar(64),
    salt bytea,
    chain_head varchar(64),
    PRIMARY KEY (region, day, method_version, revision),
    CHECK (recorded IN ('at_release', 'afterwards')),
    CHECK (recorded = 'afterwards' OR num_nulls(program_version, code_digest, encoder_digest,
        tagger_digest, vocabulary_digest, construct_model_digest, groups_commitment, salt) = 0)
);
CREATE TABLE release.evidence_cards (
    region varchar(41) NOT NULL,
    day date NOT NULL,
    method_version varchar(40) NOT NULL,
    revision integer NOT NULL,
    closed_on date NOT NULL,
    recorded varchar(10) NOT NULL,
    published boolean NOT NULL,
    IN_FORCE
    gate_passed boolean,
    micro_rho integer,
    groups_commitment varchar(64),
    chain_head varchar(64),
    PRIMARY KEY (region, day, method_version, revision),
    CHECK (recorded IN ('at_release', 'afterwards')),
    CHECK (published OR num_nonnulls(gate_passed, micro_rho) = 0)
);
INSERT INTO restricted.evidence (region, day, method_version, revision, at, recorded, micro_rho)
    SELECT region, day, method_version, revision, min(at), 'afterwards', max(micro_rho)
    FROM (
        SELECT region, day, method_version, revision, closed_at AS at, NULL::integer AS micro_rho
        FROM release.regional_values
        UNION ALL
        SELECT region, day, method_version, revision, at, micro_rho
        FROM restricted.release_steps WHERE step IN ('stored', 'burned')
    ) AS closed
    GROUP BY region, day, method_version, revision;
INSERT INTO release.evidence_cards
    (region, day, method_version, revision, closed_on, recorded, published, micro_rho)
    SELECT region, day, method_version, revision,
        (min(closed_at) AT TIME ZONE 'Europe/London')::date, 'afterwards',
        bool_or(status = 'published'), max(micro_rho) FILTER (WHERE status = 'published')
    FROM release.regional_values
    GROUP BY region, day, method_version, revision;
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON restricted.evidence
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON release.evidence_cards
    FOR EACH STATEMENT EXECUTE FUNCTION restricted.refuse_change();
"""


def upgrade() -> None:
    """Add columns and tables, and a row for all that was released before."""
    connection = op.get_bind()
    connection.exec_driver_sql(_STATEMENTS.replace("IN_FORCE", _IN_FORCE))
    for table in ("restricted.evidence", "release.evidence_cards"):
        chain_table(connection, table, ("region", "day", "method_version", "revision"))
    digest_table(connection, "release.evidence_cards")
