"""What each role may do, asked of the server itself."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError

from assets.core.errors import StorageError
from orchestration.cli.session import Session
from resources.base.database.connection import Database
from resources.base.database.postgres import dagster_url
from resources.base.database.rights_held import excess_rights
from resources.base.database.roles import OWNER_URL, Role, owner_url, url_as, with_option
from resources.base.database.tables import (
    APPEND_ONLY,
    DELETED_WHEN_DUE,
    WRITTEN_BY_TRIGGERS,
    home,
    metadata,
)
from resources.maintenance.database_setup import as_owner, register_home, set_up

pytestmark = pytest.mark.slow

OURS = sorted(metadata.tables)
WITHDRAWAL = (
    "INSERT INTO restricted.consent_events (at, kind, group_ref, mode, via)"
    " VALUES (now(), '{}', 'g-00000000', 'synthetic', 'portal')"
)


def may(login: sa.Engine, statement: str) -> bool:
    """Whether the server takes the statement; nothing of it stays."""
    with login.connect() as connection:
        try:
            connection.execute(sa.text(statement))
        except ProgrammingError as error:
            # InsufficientPrivilege, which a row policy raises too.
            if getattr(error.orig, "pgcode", None) != "42501":
                raise
            return False
        finally:
            connection.rollback()
    return True


def test_what_is_granted_is_what_is_meant(session: Session) -> None:
    """Else the doctor finds a fault in every home that has none."""
    with session.database.transaction() as connection:
        assert excess_rights(connection) == []


@pytest.fixture
def logins(session: Session) -> Iterator[dict[Role, sa.Engine]]:
    """A login of its own for each role, as a site with its own server makes them."""
    names = {role: f"{role.value[9:]}_{session.url.database}" for role in Role}
    with as_owner(session.url) as connection:
        for role, name in names.items():
            connection.execute(sa.text(f"CREATE ROLE {name} LOGIN IN ROLE {role.value}"))
    made = {role: sa.create_engine(session.url.set(username=one)) for role, one in names.items()}
    yield made
    for login in made.values():
        login.dispose()
    with as_owner(session.url) as connection:
        for name in names.values():
            connection.execute(sa.text(f"DROP ROLE {name}"))


def test_a_login_of_one_role_can_not_become_another(logins: dict[Role, sa.Engine]) -> None:
    for role, login in logins.items():
        assert may(login, f"SET ROLE {role.value}"), role
        for other in set(Role) - {role}:
            assert not may(login, f"SET ROLE {other.value}"), (role, other)
        for statement in ("SET ROLE postgres", "CREATE ROLE mine", "CREATE SCHEMA mine"):
            assert not may(login, statement), (role, statement)


def test_no_role_changes_a_table(logins: dict[Role, sa.Engine]) -> None:
    for role, login in logins.items():
        for table in (*OURS, "public.runs", "canary.runs"):
            for statement in (
                f"ALTER TABLE {table} ADD COLUMN mine int",
                f"TRUNCATE {table}",
                f"DROP TABLE {table}",
            ):
                assert not may(login, statement), (role, statement)
        assert not may(login, "CREATE TABLE public.mine (x int)"), role
        trigger = "ALTER TABLE restricted.ledger DISABLE TRIGGER append_only"
        assert not may(login, trigger), role


def test_what_is_read_and_deleted_by_whom(logins: dict[Role, sa.Engine]) -> None:
    for table in OURS:
        released, append_only = table.startswith("release."), metadata.tables[table] in APPEND_ONLY
        reads = {role for role in Role if may(logins[role], f"SELECT count(*) FROM {table}")}
        assert reads == {Role.RESTRICTED, Role.AUDITOR} | ({Role.PUBLIC} if released else set())
        if metadata.tables[table] in DELETED_WHEN_DUE:
            # Only in a transaction that says so: see test_tables.
            continue
        deletes = {role for role in Role if may(logins[role], f"DELETE FROM {table}")}
        only_owner = append_only or metadata.tables[table] in (home, *WRITTEN_BY_TRIGGERS)
        assert deletes == (set() if only_owner else {Role.RESTRICTED}), table


def test_dagster_reaches_its_own_tables_alone(logins: dict[Role, sa.Engine]) -> None:
    for schema in ("public", "canary"):
        for statement in ("SELECT 1 FROM {}.runs", "DELETE FROM {}.event_logs"):
            takers = {role for role in Role if may(logins[role], statement.format(schema))}
            read_too = schema == "public" and statement.startswith("SELECT")
            assert takers == {Role.DAGSTER} | ({Role.AUDITOR} if read_too else set())


def test_the_portal_adds_withdrawals_and_reads_nothing(logins: dict[Role, sa.Engine]) -> None:
    portal = logins[Role.PORTAL]
    assert may(portal, WITHDRAWAL.format("withdrawn"))
    assert not may(portal, WITHDRAWAL.format("granted"))
    assert not may(portal, WITHDRAWAL.format("withdrawn") + " RETURNING seq")
    assert not may(portal, "SELECT 1 FROM restricted.consent_events")
    # Neither in another's name nor at another time.
    assert not may(portal, WITHDRAWAL.format("withdrawn").replace("'portal'", "NULL"))
    for moment in ("now() - interval '1 second'", "now() + interval '1 hour'"):
        assert not may(portal, WITHDRAWAL.format("withdrawn").replace("now()", moment))
    assert may(logins[Role.RESTRICTED], WITHDRAWAL.format("granted"))


def test_a_home_s_name_and_keys_are_set_once(logins: dict[Role, sa.Engine]) -> None:
    restricted = logins[Role.RESTRICTED]
    assert may(restricted, "UPDATE restricted.home SET messages_read = 1")
    for column in ("home_id", "mode", "master_check", "member_check"):
        assert not may(restricted, f"UPDATE restricted.home SET {column} = 'x'")


def test_one_login_for_all_drops_to_the_role(session: Session) -> None:
    for role in Role:
        engine = sa.create_engine(url_as(session.url, role), poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.execute(sa.text("SELECT current_user")).scalar() == role.value


def test_a_login_that_is_configured_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    one = URL.create("postgresql+psycopg2", "all", host="a", database="d")
    own = "postgresql://own:secret@b/d"
    variables = {
        Role.PUBLIC: "TIDELINE_PUBLIC_PG_URL",
        Role.DAGSTER: "TIDELINE_DAGSTER_PG_URL",
        Role.PORTAL: "TIDELINE_PORTAL_PG_URL",
        Role.AUDITOR: "TIDELINE_AUDITOR_PG_URL",
    }
    for role, variable in variables.items():
        monkeypatch.setenv(variable, own)
        assert (url_as(one, role).username, url_as(one, role).host) == ("own", "b")
        monkeypatch.setenv(variable, "no url")
        with pytest.raises(StorageError, match=r"^DATABASE_URL_INVALID$"):
            url_as(one, role)
        monkeypatch.delenv(variable)
        assert url_as(one, role).query["options"] == f"-crole={role.value}"
    assert owner_url(one) == one
    monkeypatch.setenv(OWNER_URL, own)
    assert owner_url(one).username == "own"
    # What Dagster is given goes with a login of its own, too.
    monkeypatch.setenv("TIDELINE_DAGSTER_PG_URL", own)
    assert "search_path%3Dcanary" in dagster_url(one, "canary")


def test_options_are_added_to_those_that_are_there() -> None:
    url = URL.create("postgresql+psycopg2", query={"options": "-ca=b"})
    assert with_option(url, "-cc=d").query["options"] == "-ca=b -cc=d"


def test_an_owner_that_is_no_superuser_may_be_given_the_roles(
    make_empty_database: Callable[..., URL], template_database: str
) -> None:
    # Made before, so that the roles are there.
    assert template_database
    url = make_empty_database()
    owner = f"owner_{url.database}"
    names = ", ".join(Role)
    with as_owner(url) as connection:
        for statement in (
            f"CREATE ROLE {owner} LOGIN CREATEROLE",
            f"ALTER DATABASE {url.database} OWNER TO {owner}",
            f"ALTER SCHEMA public OWNER TO {owner}",
        ):
            connection.execute(sa.text(statement))
    own = url.set(username=owner)
    try:
        # Another home's owner made the roles, which are the server's.
        with pytest.raises(StorageError, match=r"^ROLES_NOT_GRANTED$"):
            set_up(own)
        with as_owner(url) as connection:
            connection.execute(sa.text(f"GRANT {names} TO {owner}"))
        assert set_up(own)
        register_home(own, "0" * 32, "synthetic", {})
        Database(own).require("0" * 32, "synthetic")
    finally:
        with as_owner(url) as connection:
            connection.execute(sa.text(f"ALTER DATABASE {url.database} OWNER TO postgres"))
            connection.execute(sa.text(f"REASSIGN OWNED BY {owner} TO postgres"))
            connection.execute(sa.text(f"DROP OWNED BY {owner}"))
            connection.execute(sa.text(f"DROP ROLE {owner}"))
