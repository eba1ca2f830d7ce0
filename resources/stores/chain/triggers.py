"""Whether the triggers that keep and chain what is recorded are all there, and do what they did."""

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa

from resources.base.database.tables import APPEND_ONLY, CHAINED, DIGESTED, member_events
from resources.base.database.tables.portal_bounds import MOST_A_DAY

_AFTER_INSERT_OF_ROW = 5
_BEFORE_INSERT_OF_ROW = 7
_AFTER_INSERT_OR_DELETE_OF_ROW = 13
_BEFORE_ANY_CHANGE = 58
_BEFORE_UPDATE_OR_TRUNCATE = 50
_BEFORE_DELETE = 10

FUNCTIONS = "011b380a738dd92d9f3318ebfde6bb3123e51b307455b0fa234cb119f4c220e9"
"""Digest of the functions' sources (`digest_of_functions`); set by who changes one."""

_TRIGGERS = sa.text(
    "SELECT schemas.nspname || '.' || relname AS of_table, tgname, tgtype, tgargs,"
    " CASE own.nspname WHEN 'restricted' THEN proname ELSE own.nspname || '.' || proname END"
    " AS proname"
    " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
    " JOIN pg_namespace AS own ON own.oid = pronamespace"
    " JOIN pg_class ON pg_class.oid = tgrelid"
    " JOIN pg_namespace AS schemas ON schemas.oid = relnamespace"
    " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgqual IS NULL AND tgattr = ''"
    " AND schemas.nspname IN ('restricted', 'release')"
)
_OTHERS = sa.text(
    "SELECT schemaname || '.' || tablename FROM pg_rules"
    " WHERE schemaname IN ('restricted', 'release')"
    " UNION ALL SELECT inhparent::regclass::text FROM pg_inherits"
    " JOIN pg_class ON pg_class.oid = inhparent"
    " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname IN ('restricted', 'release')"
)
_POLICIES = sa.text(
    "SELECT schemaname || '.' || tablename, policyname, permissive, cmd, qual, with_check"
    " FROM pg_policies WHERE schemaname IN ('restricted', 'release')"
)
_EXPECTED_POLICIES = {
    ("restricted.consent_events", "everything", "PERMISSIVE", "ALL", "true", "true"),
    ("restricted.consent_events", "auditor_reads", "PERMISSIVE", "SELECT", "true", None),
    (
        "restricted.consent_events",
        "portal_withdraws",
        "PERMISSIVE",
        "INSERT",
        None,
        "(((kind)::text = 'withdrawn'::text) AND (NOT ((via)::text IS DISTINCT FROM"
        " 'portal'::text)) AND (at >= transaction_timestamp()) AND (at <= clock_timestamp())"
        " AND ((group_ref)::text ~ '^g-[0-9a-f]{8}$'::text)"
        " AND ((mode)::text ~ '^(synthetic|discovery|study)$'::text))",
    ),
}
_SOURCES = sa.text(
    "SELECT proname, prosrc, prosecdef, provolatile::text, array_to_string(proconfig, ' ')"
    " FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace"
    " WHERE nspname = 'restricted' ORDER BY proname, proargtypes::text"
)


def other_triggers(connection: sa.Connection) -> Iterator[str]:
    """The tables that have other triggers, rules, policies or children than they should have.

    Args:
        connection: of any role that may read the catalogue, which is every one; with no schema of
            ours in its search path.
    """
    found = {
        (row.of_table, row.tgname, row.tgtype, row.proname, bytes(row.tgargs))
        for row in connection.execute(_TRIGGERS)
    }
    if digest_of_functions(connection) != FUNCTIONS:
        yield "functions"
    policies = {tuple(row) for row in connection.execute(_POLICIES)}
    different = (_expected() ^ found) | (_EXPECTED_POLICIES ^ policies)
    yield from sorted({*(one[0] for one in different), *connection.execute(_OTHERS).scalars()})


def digest_of_functions(connection: sa.Connection) -> str:
    """A digest of the source of every function of ours, 64 hex digits."""
    rows = [list(map(str, row)) for row in connection.execute(_SOURCES)]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _expected() -> set[tuple[str, str, int, str, bytes]]:
    expected = {
        (table.fullname, "append_only", _BEFORE_ANY_CHANGE, "refuse_change", b"")
        for table in APPEND_ONLY
    }
    for table in CHAINED:
        keys = b"".join(one.name.encode() + b"\0" for one in table.primary_key.columns)
        expected.add((table.fullname, "chained", _AFTER_INSERT_OF_ROW, "chain_row", keys))
    for table in DIGESTED:
        expected.add((table.fullname, "digested", _AFTER_INSERT_OF_ROW, "digest_row", b""))
    for table, most in MOST_A_DAY.items():
        bound = f"{most}\0".encode()
        expected.add((table.fullname, "bounded", _BEFORE_INSERT_OF_ROW, "bound_portal", bound))
    members = member_events.fullname
    return expected | {
        (members, "chained", _AFTER_INSERT_OR_DELETE_OF_ROW, "chain_member", b""),
        (members, "never_changed", _BEFORE_UPDATE_OR_TRUNCATE, "refuse_change", b""),
        (members, "deleted_when_due", _BEFORE_DELETE, "refuse_unless_due", b""),
    }
