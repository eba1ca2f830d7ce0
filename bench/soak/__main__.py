"""A made-up home through many simulated days, each compared with a small reference model.

    python -m bench.soak [--days 365] [--seed N] [--often 1] [--start 2025-09-01] [--models digest]

Two regions of about seven groups; exports come late, twice, damaged or not at all; groups join, run
out, renew and withdraw; members come new, are told again and object; region-days are rescored and
taken back, and the model changes. Every 60 days the home is lost and restored from a backup of that
afternoon, between which a group withdraws and a member objects; every 40 days it is one of an older
version, and migrated by the command; then `tideline verify` must find nothing. Every morning the
same functions run that the schedules ask for: `collect` and `release` of each region, and
`lifetimes`, in a real Dagster instance on a PostgreSQL of its own. With `--models digest` vectors
come from digests of the scrubbed texts, as in the tests; the scrubber is the real one. A mismatch
is told by day, rule and counts.
"""

import argparse
import gc
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql._psycopg_common import _PGDialect_common_psycopg

from assets.core.modes import Mode
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scoring.seed_model import fit_seed_model
from bench.morning import postgres_cpu
from bench.soak.days import Soak
from bench.soak.digest_encoder import DigestEncoder
from bench.soak.site import SimulatedClock, Site
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from resources.base.database.postgres import stop_embedded

NOT_KEPT = ("fsync", "full_page_writes", "synchronous_commit")
"""Nobody cuts the power here."""


@contextmanager
def made_home(first: date, clock: SimulatedClock, under: Path | None = None) -> Iterator[Session]:
    """A home with a server of its own, gone afterwards; in the folder `under`, if one is given."""
    with tempfile.TemporaryDirectory(prefix="tideline-soak-", dir=under) as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        os.environ["TIDELINE_HOME"] = str(home)
        make_home(home, Mode.SYNTHETIC, first_day=first)
        session = open_session(home, clock)
        engine = sa.create_engine(session.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in NOT_KEPT:
                connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(sa.text("SELECT pg_reload_conf()"))
        engine.dispose()
        try:
            yield session
        finally:
            session.database.dispose()
            # After a restore another one runs there.
            stop_embedded(home / "postgres")


@contextmanager
def unpinged() -> Iterator[None]:
    """Without the ping before each transaction, two of five statements: nobody ends a server here.

    What is loaded by now stays, and is not looked through again for what could be let go of.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    with patch.object(_PGDialect_common_psycopg, "do_ping", lambda *_: True):
        yield


@contextmanager
def models(kind: str) -> Iterator[Any]:
    """The construct model, and the encoder that goes with it put in place."""
    if kind == "real":
        yield load_construct_model()
        return
    with patch("assets.restricted.scrubbing.group_step.load_narrow_encoder", DigestEncoder):
        yield fit_seed_model(DigestEncoder())


def main() -> None:
    """Print what is wrong, each hundred days what it cost, and at the end what happened."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--start", type=date.fromisoformat, default=date(2025, 9, 1))
    options.add_argument("--models", choices=["digest", "real"], default="digest")
    options.add_argument("--often", type=float, default=1, help="rare events, and short consents")
    options.add_argument("--minutes", type=float, help="stop after the day on which they are over")
    options.add_argument("--go-on", action="store_true", help="after a mismatch, too")
    given = options.parse_args()
    print(f"seed {given.seed}, {given.days} days from {given.start}", flush=True)
    clock, events, wrong = SimulatedClock(given.start), Counter[str](), 0
    began = time.monotonic()
    with (
        models(given.models) as model,
        made_home(given.start, clock) as session,
        session.instance() as instance,
        ExitStack() as stack,
    ):
        site = Site(session, clock, instance, model)
        stack.enter_context(unpinged())
        soak = Soak(site, given.seed, given.start, given.often)
        done = 0
        for number, one in enumerate(soak.days(given.days), 1):
            done = number
            events.update(one.events)
            wrong += bool(one.wrong)
            for rule in one.wrong:
                print(f"{one.day} (day {number}): {rule}", flush=True)
            if number % 20 == 0:
                database = postgres_cpu(site.session.home.root)
                used = resource.getrusage(resource.RUSAGE_SELF)
                print(
                    f"day {number}: {time.monotonic() - began:.0f} s,"
                    f" {used.ru_utime + used.ru_stime:.0f} + {database:.0f} CPU-s,"
                    f" {used.ru_maxrss / 1024:.0f} MiB",
                    flush=True,
                )
            if one.wrong and not given.go_on:
                break
            if given.minutes and time.monotonic() - began > 60 * given.minutes:
                break
        known = soak.known
        print(f"events: {', '.join(f'{what} {events[what]}' for what in sorted(events))}")
        statuses = Counter(one["reason"] or one["status"] for one in known.closed.values())
        print(f"region-days closed {len(known.closed)}: {dict(statuses)}")
        print(f"group-days settled {len(known.settled)}; deleted: {dict(known.deleted)}")
    print(f"{done} days compared, {wrong} days with a mismatch; seed {given.seed}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
