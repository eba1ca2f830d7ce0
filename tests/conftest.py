"""Homes for tests: each with a database of its own on one PostgreSQL server, and a clock to set."""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """The server named by TIDELINE_TEST_PG_URL, else an embedded one for the session."""
    from resources.postgres import SCHEME, postgres_url

    configured = os.environ.get("TIDELINE_TEST_PG_URL")
    if configured:
        return sa.make_url(configured).set(drivername=SCHEME)
    os.environ.pop("TIDELINE_PG_URL", None)
    # Not under pytest's own folder: another pytest run as root would shut the server's user out.
    folder = Path(tempfile.mkdtemp(prefix="tideline-pg-"))
    # Registered before the server starts, so that it is called after the server has stopped.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return postgres_url(folder / "data")


@pytest.fixture
def database_url(postgres_server: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[URL]:
    """An empty database, named by TIDELINE_PG_URL while the test runs."""
    name = f"t_{secrets.token_hex(6)}"
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = postgres_server.set(database=name)
    monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
    yield url
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


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
