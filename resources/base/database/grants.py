"""What each role may do, granted anew after every migration, so that nothing else is left over."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from assets.core.errors import StorageError
from resources.base.database.roles import Role
from resources.base.database.tables import (
    APPEND_ONLY,
    DELETED_WHEN_DUE,
    WRITTEN_BY_TRIGGERS,
    consent_events,
    home,
    member_requests,
    metadata,
    portal_consents,
    pulse_answers,
)

DAGSTER_SCHEMAS = ("public", "canary")
"""Dagster's own tables: of the instance, and of the canary (`resources.containment.canary`)."""

_ALL_SCHEMAS = ("restricted", "release", *DAGSTER_SCHEMAS)
_ADDED_BY_PORTAL: Mapping[sa.Table, tuple[str, ...]] = {
    # What may be added is narrowed by the table's policy: withdrawals alone, at this moment.
    consent_events: ("at", "kind", "group_ref", "mode", "via"),
    # When anything else came is the database's to say.
    portal_consents: tuple(one.name for one in portal_consents.columns if one.name != "at"),
    member_requests: ("receipt", "sealed"),
    pulse_answers: ("sealed",),
}
"""The columns that the portal gives of a row."""

_CHANGING = "SELECT, INSERT, UPDATE, DELETE"
_SET_IS_A_RIGHT = 160000
"""From this version on membership alone does not let a login become the role."""


def create_roles(connection: sa.Connection) -> None:
    """Make the roles where they are missing; they are the whole server's, not the database's.

    Raises:
        StorageError: `ROLES_NOT_GRANTED` where another login made them, and this one may not take
            them on.
    """
    for role in Role:
        # Another home's `init` on the same server may make it at this moment.
        connection.execute(
            sa.text(
                f"DO $$ BEGIN CREATE ROLE {role.value} NOLOGIN;"
                " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        )
        # A login that serves all roles drops to each.
        if not _may_become(connection, role) and not _granted(connection, role):
            raise StorageError("ROLES_NOT_GRANTED")


def grant_all(connection: sa.Connection) -> None:
    """Take every right back and grant what each role needs, within the caller's transaction."""
    for role in Role:
        for schema in _ALL_SCHEMAS:
            _run(connection, f"REVOKE ALL ON SCHEMA {schema} FROM {role}")
            _run(connection, f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}")
            _run(connection, f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role}")
    # Triggers call them in the owner's name, whoever writes.
    _run(connection, "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA restricted FROM PUBLIC")
    _run(connection, f"GRANT EXECUTE ON FUNCTION restricted.chain_head(date) TO {Role.RESTRICTED}")
    # Functions that run in the owner's name must not find anybody's own types and operators.
    _run(
        connection,
        "DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC',"
        " current_database()); END $$",
    )
    # What every role has by default in older servers.
    _run(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    _run(connection, f"GRANT USAGE ON SCHEMA restricted, release TO {Role.RESTRICTED}")
    for schema in ("restricted", "release"):
        _run(connection, f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {Role.RESTRICTED}")
    for table in metadata.tables.values():
        if table is not home and table not in WRITTEN_BY_TRIGGERS:
            _run(connection, f"GRANT {_rights(table)} ON {table.fullname} TO {Role.RESTRICTED}")
    _run(connection, f"GRANT UPDATE (messages_read) ON {home.fullname} TO {Role.RESTRICTED}")
    _run(connection, f"GRANT USAGE ON SCHEMA release TO {Role.PUBLIC}")
    _run(connection, f"GRANT SELECT ON ALL TABLES IN SCHEMA release TO {Role.PUBLIC}")
    for schema in DAGSTER_SCHEMAS:
        _run(connection, f"GRANT USAGE ON SCHEMA {schema} TO {Role.DAGSTER}")
        _run(connection, f"GRANT {_CHANGING} ON ALL TABLES IN SCHEMA {schema} TO {Role.DAGSTER}")
        _run(connection, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {Role.DAGSTER}")
    _run(connection, f"GRANT USAGE ON SCHEMA restricted TO {Role.PORTAL}")
    for table, columns in _ADDED_BY_PORTAL.items():
        given = ", ".join(columns)
        _run(connection, f"GRANT INSERT ({given}) ON {table.fullname} TO {Role.PORTAL}")
    for asked in ("answer_to", "is_answered"):
        function = f"FUNCTION restricted.{asked}(varchar)"
        _run(connection, f"GRANT EXECUTE ON {function} TO {Role.PORTAL}")
    for schema in ("restricted", "release", "public"):
        _run(connection, f"GRANT USAGE ON SCHEMA {schema} TO {Role.AUDITOR}")
        _run(connection, f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {Role.AUDITOR}")


def rights_on(role: Role) -> dict[str, frozenset[str]]:
    """What a role is meant to be able to do, on a whole table or on columns of it.

    Returns:
        Rights by table, `schema.table`, or `schema.*` for all that a schema has.
    """
    every, reading = frozenset(_CHANGING.split(", ")), frozenset({"SELECT"})
    match role:
        case Role.RESTRICTED:
            own = {
                table.fullname: frozenset(_rights(table).split(", "))
                for table in metadata.tables.values()
                if table is not home and table not in WRITTEN_BY_TRIGGERS
            }
            own[home.fullname] = frozenset({"UPDATE"})
            return own | {"restricted.*": reading, "release.*": reading}
        case Role.PUBLIC:
            return {"release.*": reading}
        case Role.DAGSTER:
            return {f"{schema}.*": every for schema in DAGSTER_SCHEMAS}
        case Role.PORTAL:
            return {table.fullname: frozenset({"INSERT"}) for table in _ADDED_BY_PORTAL}
        case Role.AUDITOR:
            return {f"{schema}.*": reading for schema in ("restricted", "release", "public")}


def _rights(table: sa.Table) -> str:
    if table in {member_requests, pulse_answers}:
        return "DELETE"
    if table in APPEND_ONLY:
        return "INSERT"
    return "INSERT, DELETE" if table in DELETED_WHEN_DUE else "INSERT, UPDATE, DELETE"


def _run(connection: sa.Connection, statement: str) -> None:
    connection.execute(sa.text(statement))


def _may_become(connection: sa.Connection, role: Role) -> bool:
    """Whether the login may drop to the role; who makes one in newer servers may not yet."""
    version = connection.execute(sa.text("SELECT current_setting('server_version_num')")).scalar()
    kind = "SET" if int(str(version)) >= _SET_IS_A_RIGHT else "MEMBER"
    query = sa.text("SELECT pg_has_role(current_user, :role, :kind)")
    return bool(connection.execute(query, {"role": role.value, "kind": kind}).scalar())


def _granted(connection: sa.Connection, role: Role) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(sa.text(f"GRANT {role.value} TO CURRENT_USER"))
    except ProgrammingError:
        return False
    return True
