"""What the hash chain costs: a row more, a verification, and a withdrawal beside a run.

    python -m bench.hash_chain --rows 100000

In a made-up home on the database that a home has by itself. Rows are entries of the ledger, each in
a transaction of its own and all in one, with the trigger and without it; a withdrawal is made while
another transaction holds the chain and goes on recording.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from assets.core.modes import Mode
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from resources.base.database.roles import owner_url
from resources.maintenance.database_setup import as_owner
from resources.stores import ledger
from resources.stores.chain.hash_chain import HashChain
from simulation.consents import made_up_terms

_KIND = ledger.Kind.EXPORT_DELETED


def seconds(what: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def milliseconds_a_row(session: Session, rows: int) -> tuple[float, float]:
    """Each in a transaction of its own, and all in one."""
    now = session.clock.now()

    def one() -> None:
        with session.database.transaction() as connection:
            ledger.record(connection, _KIND, 1, now)

    def together() -> None:
        with session.database.transaction() as connection:
            for _ in range(rows):
                ledger.record(connection, _KIND, 1, now)

    alone = statistics.median(seconds(one) for _ in range(rows))
    return alone * 1000, seconds(together) / rows * 1000


def without_the_chain(session: Session, rows: int) -> tuple[float, float]:
    """As `milliseconds_a_row`, of rows that are gone afterwards."""
    owner = owner_url(session.url)
    with as_owner(owner) as connection:
        last = connection.execute(sa.text("SELECT max(seq) FROM restricted.ledger")).scalar()
        connection.execute(sa.text("ALTER TABLE restricted.ledger DISABLE TRIGGER chained"))
    took = milliseconds_a_row(session, rows)
    with as_owner(owner) as connection:
        connection.execute(sa.text("ALTER TABLE restricted.ledger DISABLE TRIGGER append_only"))
        statement = sa.text("DELETE FROM restricted.ledger WHERE seq > :last")
        connection.execute(statement, {"last": last})
        connection.execute(sa.text("ALTER TABLE restricted.ledger ENABLE TRIGGER ALL"))
    return took


def fill(session: Session, rows: int) -> None:
    """So many entries, in one statement."""
    with session.database.transaction() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO restricted.ledger (at, kind, count)"
                " SELECT now(), 'export_deleted', 1 FROM generate_series(1, :rows)"
            ),
            {"rows": rows},
        )


def withdrawals_beside_a_run(session: Session, times: int) -> list[float]:
    """How long each takes, in seconds, while another transaction holds the chain and records."""
    now, over = session.clock.now(), threading.Event()
    today = session.clock.today()
    terms = made_up_terms(today, date(today.year + 1, 1, 1))
    refs = session.register.grant_all([terms] * times, now)

    def run() -> None:
        while not over.is_set():
            with session.database.transaction() as connection:
                for _ in range(200):
                    ledger.record(connection, _KIND, 1, now)

    running = threading.Thread(target=run)
    running.start()
    try:
        return [seconds(lambda ref=ref: session.register.withdraw(ref, now)) for ref in refs]
    finally:
        over.set()
        running.join()


def main() -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "home"
        make_home(root, Mode.SYNTHETIC, first_day=date(2026, 9, 1))
        session = open_session(root)
        chained = milliseconds_a_row(session, given.times)
        bare = without_the_chain(session, given.times)
        print(f"a row alone: {chained[0]:.2f} ms, without the chain {bare[0]:.2f} ms")
        print(f"a row of {given.times}: {chained[1]:.2f} ms, without {bare[1]:.2f} ms")
        waits = withdrawals_beside_a_run(session, 30)
        print(f"a withdrawal beside a run: median {statistics.median(waits):.3f} s, worst", end=" ")
        print(f"{max(waits):.3f} s")
        filling = seconds(lambda: fill(session, given.rows))
        print(f"{given.rows} rows in one statement: {filling / given.rows * 1000:.2f} ms each")
        chain = HashChain(session.database)
        today = session.clock.today()
        found = chain.verify(today)
        took = seconds(lambda: chain.verify(today))
        codes = dict(found.faults)
        print(f"verified {found.rows} rows in {took:.1f} s; waiting {found.waiting}; {codes}")


if __name__ == "__main__":
    main()
