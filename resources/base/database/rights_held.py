"""What the roles may do, as the server says it, held against what `grants` meant to give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from resources.base.database.grants import DAGSTER_SCHEMAS, rights_on
from resources.base.database.roles import Role

_OURS = ("restricted", "release")
_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
_BY_COLUMN = ("SELECT", "INSERT", "UPDATE")

# Rights that come by a membership, or that everybody has, count as the role's own.
_HELD = sa.text("""
    SELECT held.role, namespace.nspname || '.' || class.relname AS name, held.may
    FROM pg_class AS class
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    CROSS JOIN unnest(CAST(:roles AS text[])) AS asked(role)
    CROSS JOIN unnest(CAST(:rights AS text[])) AS wanted(may)
    CROSS JOIN LATERAL (SELECT asked.role, wanted.may) AS held
    WHERE namespace.nspname = ANY(:schemas) AND class.relkind IN ('r', 'p', 'v', 'm')
      AND (has_table_privilege(held.role, class.oid, held.may)
           OR (held.may = ANY(:by_column)
               AND has_any_column_privilege(held.role, class.oid,
                   CASE WHEN held.may = ANY(:by_column) THEN held.may ELSE 'SELECT' END)))
""")
_ATTRIBUTES = sa.text("""
    SELECT rolname AS role FROM pg_roles WHERE rolname = ANY(:roles)
    AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication)
""")
_MEMBERSHIPS = sa.text("""
    SELECT member.rolname AS role FROM pg_auth_members
    JOIN pg_roles AS member ON member.oid = pg_auth_members.member
    WHERE member.rolname = ANY(:roles)
""")


@dataclass(frozen=True)
class Excess:
    """One right too many.

    Attributes:
        role: who has it.
        right: such as `UPDATE`; `ATTRIBUTE` or `MEMBERSHIP` for what is the role's as a whole.
        table: on which, with its schema; empty for those two.
    """

    role: str
    right: str
    table: str = ""


def excess_rights(connection: sa.Connection) -> list[Excess]:
    """What roles may do beyond what they are meant to, whoever granted it. Asks in any role."""
    roles = [role.value for role in Role]
    given = {"roles": roles}
    found = [
        *(Excess(row.role, "ATTRIBUTE") for row in connection.execute(_ATTRIBUTES, given)),
        *(Excess(row.role, "MEMBERSHIP") for row in connection.execute(_MEMBERSHIPS, given)),
    ]
    asked = {
        "roles": roles,
        "rights": list(_RIGHTS),
        "by_column": list(_BY_COLUMN),
        "schemas": [*_OURS, *DAGSTER_SCHEMAS],
    }
    meant: dict[str, Mapping[str, frozenset[str]]] = {role.value: rights_on(role) for role in Role}
    found += [
        Excess(row.role, row.may, row.name)
        for row in connection.execute(_HELD, asked)
        if row.may not in _meant(meant[row.role], row.name)
    ]
    return sorted(found, key=lambda one: (one.role, one.table, one.right))


def _meant(rights: Mapping[str, frozenset[str]], table: str) -> frozenset[str]:
    schema = table.partition(".")[0]
    return frozenset().union(*_of(rights, table, f"{schema}.*"))


def _of(rights: Mapping[str, frozenset[str]], *names: str) -> Iterator[frozenset[str]]:
    for name in names:
        yield rights.get(name, frozenset())
