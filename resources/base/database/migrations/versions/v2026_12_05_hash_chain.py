"""Chain what is recorded by its hashes, so that what was changed afterwards is seen.

Rows that a home has already are committed to as they are now: whether they were changed before,
nobody can tell. Triggers write the chain, in the owner's name; no other role can.
"""

from pathlib import Path

from alembic import op

from resources.base.database.migrations.chain_table import chain_table, digest_table

revision = "2026_12_05"
down_revision = "2026_12_04"
branch_labels = None
depends_on = None

_DRAW = ("region", "day", "method_version", "revision")
_TABLES = {
    "restricted.consent_events": ("seq",),
    "restricted.consent_terms": ("seq",),
    "restricted.consent_renewals": ("seq",),
    "restricted.earlier_consents": ("seq",),
    "restricted.consent_chats": ("seq",),
    "restricted.leaving_requests": ("seq",),
    "restricted.incident_events": ("seq",),
    "restricted.settings_events": ("seq",),
    "restricted.ledger": ("seq",),
    "restricted.rescorings": ("seq",),
    "restricted.release_steps": (*_DRAW, "step"),
    "restricted.noisy_draws": _DRAW,
    "restricted.release_reasons": _DRAW,
    "restricted.method_shadows": ("seq",),
    "restricted.release_people": ("seq",),
    "restricted.release_requests": ("ref",),
    "restricted.release_approvals": ("seq",),
    "release.regional_values": ("region", "day", "construct", "method_version", "revision"),
    "release.retractions": (*_DRAW, "scope"),
    "release.method_breaks": ("day",),
}


def upgrade() -> None:
    """Make the chain, and put into it what there is."""
    connection = op.get_bind()
    statements = Path(__file__).with_name("chain_2026_12_05.sql").read_text("utf-8")
    connection.exec_driver_sql(statements)
    for table, keys in _TABLES.items():
        chain_table(connection, table, keys)
    for table in ("release.regional_values", "release.retractions", "release.method_breaks"):
        digest_table(connection, table)
    # Of events that were deleted when due, nothing is left but that they were.
    connection.exec_driver_sql(
        "INSERT INTO restricted.member_waiting SELECT sha256(restricted.chain_salt())"
        " FROM generate_series(1, (SELECT sum(count) FROM restricted.ledger"
        " WHERE kind = 'member_events_deleted'))"
    )
    members = "SELECT seq FROM restricted.member_events"
    if connection.exec_driver_sql(members).first() is not None:
        connection.exec_driver_sql(
            "SET LOCAL timezone = 'UTC';"
            "WITH made AS ("
            "    SELECT seq, salt, sha256(salt || convert_to(content, 'UTF8')) AS commitment"
            "    FROM ("
            "        SELECT seq, restricted.chain_salt() AS salt,"
            "            jsonb_strip_nulls(to_jsonb(one))::text AS content"
            "        FROM restricted.member_events AS one OFFSET 0"
            "    ) AS salted"
            "), kept AS ("
            "    INSERT INTO restricted.member_salts SELECT commitment, seq, salt FROM made"
            ") INSERT INTO restricted.member_waiting SELECT commitment FROM made"
        )
