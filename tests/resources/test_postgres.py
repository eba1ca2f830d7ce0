from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import StorageError
from assets.core.modes import Mode
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from resources.base.database.connection import Database
from resources.base.database.postgres import dagster_url, postgres_url, public_engine
from resources.base.database.roles import SCHEME
from resources.maintenance.database_setup import as_owner
from resources.stores.published.published_values import PublishedValues
from resources.stores.region_days import RegionDays

CLOSED_PORT = "postgresql://nobody:secret@127.0.0.1:1/none"


def test_the_driver_is_spelled_out(database_url: URL) -> None:
    assert postgres_url(Path("unused")).drivername == "postgresql+psycopg2"
    options = sa.make_url(dagster_url(database_url)).query["options"]
    assert options == "-crole=tideline_dagster -csearch_path=public -csynchronous_commit=off"


@pytest.mark.parametrize("url", ["not a url", "postgresql://host:port/name", "://"])
def test_what_is_no_url_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TIDELINE_PG_URL", url)
    with pytest.raises(StorageError, match=r"^DATABASE_URL_INVALID$"):
        postgres_url(Path("unused"))


def test_an_embedded_server_that_can_not_start_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIDELINE_PG_URL", raising=False)
    (tmp_path / "data").write_bytes(b"a file, where a folder should be")
    with pytest.raises(StorageError, match=r"^POSTGRES_NOT_A_DATA_FOLDER$"):
        postgres_url(tmp_path / "data")


def test_a_server_that_does_not_answer_stops_every_door(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDELINE_PG_URL", CLOSED_PORT)
    closed = sa.make_url(CLOSED_PORT)
    closed = closed.set(drivername=SCHEME)
    locks = RegionDays(Database(closed))
    for door in (
        lambda: open_session(session.home.root, session.clock),
        lambda: make_home(tmp_path / "new", Mode.SYNTHETIC, first_day=date(2026, 9, 1)),
        lambda: locks.writing([("greater_london", date(2026, 9, 1))]).__enter__(),
    ):
        with pytest.raises(StorageError, match=r"^POSTGRES_NOT_REACHABLE$"):
            door()
    with pytest.raises(StorageError, match=r"^PUBLISHED_VALUES_NOT_READABLE$"):
        PublishedValues(closed).read()


def test_the_public_engine_drops_to_the_public_role(session: Session) -> None:
    engine = public_engine(session.url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT current_user")).scalar() == "tideline_public"
    engine.dispose()


def test_the_public_location_may_have_a_login_of_its_own(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_owner(session.url) as connection:
        name = f"login_{session.url.database}"
        connection.execute(sa.text(f"CREATE ROLE {name} LOGIN IN ROLE tideline_public"))
    try:
        own = session.url.set(username=name, drivername="postgresql")
        monkeypatch.setenv("TIDELINE_PUBLIC_PG_URL", own.render_as_string(hide_password=False))
        values = PublishedValues(session.url)
        assert values.read().empty
        with values._engine.connect() as connection:
            assert connection.execute(sa.text("SELECT session_user")).scalar() == name
        values._engine.dispose()
    finally:
        with as_owner(session.url) as connection:
            connection.execute(sa.text(f"DROP ROLE {name}"))
