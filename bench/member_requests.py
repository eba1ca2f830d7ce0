"""How long a run takes while a table of members' requests is full of hostile ones.

A made-up home of one group; of the requests two fifths can't be opened, one fifth means no group,
one fifth complains, and one fifth objects with the group's own code, each in another name. They are
put down as a portal that somebody took over would. Then `collect` runs again and again over one
day. Prints seconds of each run, how many of them its process was busy, and how many requests still
still waited after it.

    python -m bench.member_requests 100000 --runs 4
"""

import argparse
import io
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from assets.core.modes import Mode
from bench.leaving import REGION, chat, grant
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.base.database.tables import member_answers, member_requests, requests_done
from resources.base.database.tables.requests import SEALED_BYTES
from resources.maintenance.database_setup import as_owner
from resources.stores.requests.matching import group_code
from resources.stores.requests.member_request import Asks, MemberRequest
from resources.stores.requests.receipts import digest_of, new_code
from resources.stores.requests.sealing import seal

AT_A_TIME = 500


def hostile(count: int, code: str, recipient: str, draw: random.Random) -> Iterator[dict]:
    """Rows of the table."""
    today = datetime.now(UTC).date()
    for number in range(count):
        receipt = new_code()
        kind = number % 5
        if kind < 2:
            sealed = draw.randbytes(SEALED_BYTES)
        elif kind == 2:
            other = MemberRequest(Asks.OBJECT, receipt, group="A" * 16, name=f"Zed {number}")
            sealed = seal(other, recipient)
        elif kind == 3:
            sealed = seal(MemberRequest(Asks.COMPLAIN, receipt, text=f"{number}"), recipient)
        else:
            own = MemberRequest(Asks.OBJECT, receipt, group=code, name=f"Zed {number} Quastorp")
            sealed = seal(own, recipient)
        yield {"received_on": today, "receipt": digest_of(receipt), "sealed": sealed}


def fill(session: Session, rows: Iterator[dict]) -> None:
    some: list[dict] = []
    with as_owner(session.url) as connection:
        for row in rows:
            some.append(row)
            if len(some) == AT_A_TIME:
                connection.execute(member_requests.insert(), some)
                some = []
        if some:
            connection.execute(member_requests.insert(), some)


def waiting(session: Session) -> int:
    answered = sa.exists().where(member_answers.c.receipt == member_requests.c.receipt)
    done = sa.exists().where(requests_done.c.seq == member_requests.c.seq)
    query = sa.select(sa.func.count()).select_from(member_requests).where(~answered, ~done)
    with session.database.transaction() as connection:
        return connection.execute(query).scalar_one()


def main() -> None:
    """Print the seconds of each run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--runs", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tideline-requests-") as folder:
        Path(folder).chmod(0o755)
        os.environ["TIDELINE_HOME"] = str(Path(folder) / "home")
        today = datetime.now(UTC).date()
        day = today - timedelta(days=2)
        make_home(Path(folder) / "home", Mode.SYNTHETIC, first_day=day - timedelta(days=25))
        session = open_session()
        os.environ.update(session.environment())
        ref = grant(session, day)
        export = chat(day, today - timedelta(days=1), 0)
        session.ways_out.inbox.add(ref, io.BytesIO(export), session.clock.now())
        code = group_code(session.members.marker(ref))
        definitions = restricted_definitions(session.home, session.clock)
        with session.instance() as instance:

            def collect() -> str:
                started, busy = time.monotonic(), time.process_time()
                failed = run_job(
                    definitions, "collect", instance, region=REGION, first=day, last=day
                )
                took, busy = time.monotonic() - started, time.process_time() - busy
                return f"{took:.1f} s, {busy:.1f} of them CPU{f', {failed}' if failed else ''}"

            print(f"without any request: {collect()}", flush=True)
            recipient = session.home.config.inbox_recipient
            fill(session, hostile(given.count, code, recipient, random.Random(5)))
            for number in range(given.runs):
                print(
                    f"run {number + 1} with {given.count}: {collect()};"
                    f" waiting: {waiting(session)}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
