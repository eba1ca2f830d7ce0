"""Homes for tests: each with a database of its own on one PostgreSQL server, and a clock to set."""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """The server named by TIDELINE_TEST_PG_URL, else an embedded one for the session."""
    from resources.embedded_postgres import open_server, url_of
    from resources.roles import SCHEME

    configured = os.environ.get("TIDELINE_TEST_PG_URL")
    if configured:
        return sa.make_url(configured).set(drivername=SCHEME)
    os.environ.pop("TIDELINE_PG_URL", None)
    folder = Path(tempfile.mkdtemp(prefix="tideline-pg-"))
    # Registered before the server starts, so that it is called after the server has stopped.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return url_of(open_server(folder / "data"))


@pytest.fixture(scope="session")
def template_database(postgres_server: URL) -> str:
    """A database with everything but a home in it, for others to be made from at once."""
    from resources.database_setup import set_up

    name = f"template_{secrets.token_hex(6)}"
    _on_server(postgres_server, f"CREATE DATABASE {name}")
    set_up(postgres_server.set(database=name))
    return name


def _on_server(server: URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


@pytest.fixture
def make_empty_database(postgres_server: URL) -> Iterator[Callable[..., URL]]:
    """Makes databases, empty or like a template, that are gone after the test."""
    made: list[str] = []

    def make(template: str = "template0") -> URL:
        name = f"t_{secrets.token_hex(6)}"
        _on_server(postgres_server, f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return postgres_server.set(database=name)

    yield make
    for name in made:
        _on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def make_database(
    make_empty_database: Callable[..., URL], template_database: str
) -> Callable[[], URL]:
    """Makes databases with all tables and no home."""
    return lambda: make_empty_database(template_database)


@pytest.fixture
def database_url(make_database: Callable[[], URL], monkeypatch: pytest.MonkeyPatch) -> URL:
    """A database without a home, named by TIDELINE_PG_URL while the test runs."""
    url = make_database()
    monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
    return url


class SetClock:
    """A clock that stands where the test puts it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        from resources.clock import LONDON

        return self.moment.astimezone(LONDON).date()

    def set_to(self, day: date, hour: int = 9) -> None:
        """Stand at this hour (UTC) of a day."""
        self.moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    """A clock at 9:00 UTC on 15 October 2026, a Thursday."""
    return SetClock(datetime(2026, 10, 15, 9, tzinfo=UTC))


@pytest.fixture
def session(tmp_path: Path, database_url: URL, clock: SetClock):
    """A synthetic home, first day 1 September 2026, opened under `clock`."""
    from assets.governance.modes import Mode
    from orchestration.cli.init import make_home
    from orchestration.cli.session import open_session

    root = tmp_path / "home"
    make_home(root, Mode.SYNTHETIC, first_day=date(2026, 9, 1))
    opened = open_session(root, clock)
    yield opened
    opened.database.dispose()
    opened.resources["register"]._database.dispose()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fast tests first, then the slow ones, then those in a browser."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("browser") is not None,
            item.get_closest_marker("slow") is not None,
        )
    )


@pytest.fixture
def without_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws that add nothing, for what is tested to the last bit; they cost what real ones cost."""
    from assets.aggregation.noise import NoisyTotals

    monkeypatch.setattr(
        "assets.aggregation.region_release.draw",
        lambda totals, micro_rho: NoisyTotals(
            totals.person_days, dict(totals.sums_milli), micro_rho
        ),
    )
