"""Withdrawals and objections at random moments of runs, by real processes on a made-up home.

Beside a loop of `collect` and `release` in one process, the command `tideline` is started at random
moments to withdraw groups and to record objections. Every one must be recorded and in effect within
two seconds of the command's own work, nothing may settle of a group afterwards, and after the next
`lifetimes` nothing of it may be left.

    python -m bench.leaving --withdrawals 100 --objections 20 --seed 7
"""

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assets.core.modes import Mode
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from resources.base.database.tables import (
    consent_events,
    group_days,
    group_scores,
    member_events,
    seen_senders,
    vectors,
)
from simulation.consents import made_up_terms

REGION = "greater_london"
LINES = (
    "we are so tired after the night shift and nobody came to help",
    "that was a lovely day with a good team and lots of help",
    "they changed the rota again and nobody asked us about it",
    "the kettle is broken so bring your own tea to the late shift",
)
WITHIN = 2.0
"""Seconds."""

AT_ONCE = 4
"""Commands that may run at the same time."""

_LOOP = """
import sys
from datetime import date
from orchestration.cli.session import open_session
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
session = open_session()
first, last = date.fromisoformat(sys.argv[1]), date.fromisoformat(sys.argv[2])
definitions = restricted_definitions(session.home, session.clock)
with session.instance() as instance:
    print("ready", flush=True)
    for line in sys.stdin:
        day = date.fromisoformat(line.strip())
        for job, start, end in (("collect", first, last), ("release", day, day)):
            days = {"region": "greater_london", "first": start, "last": end}
            code = run_job(definitions, job, instance, **days)
            print(job, day, code, flush=True)
"""

_WITHDRAW = """
import sys, time
from orchestration.cli.session import open_session
session = open_session()
started = time.monotonic()
session.register.withdraw(sys.argv[1], session.clock.now())
print(time.monotonic() - started, flush=True)
gone = session.ways_out.leaving.delete_all_of(sys.argv[1], session.clock.now())
print(time.monotonic() - started, *gone.failures, flush=True)
"""


def chat(first: date, last: date, seed: int) -> bytes:
    """An export in which six people write once a day."""
    lines = [
        f"{first - timedelta(days=30):%d/%m/%Y}, {8 + p:02d}:00 - Ama {'abcdef'[p]}: hello"
        for p in range(6)
    ]
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for p in range(6):
            text = f"{LINES[(p + number + seed) % len(LINES)]} {100 * number + 10 * p + seed}"
            lines.append(f"{day:%d/%m/%Y}, {8 + p:02d}:15 - Ama {'abcdef'[p]}: {text}")
    return ("\n".join(lines) + "\n").encode()


def counts(session: Session, table: sa.Table, ref: str) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(table.c.group_ref == ref)
    if table is vectors:
        query = query.where(vectors.c.destroyed.is_(False))
    with session.database.transaction() as connection:
        return connection.execute(query).scalar_one()


def grant(session: Session, first: date) -> str:
    terms = made_up_terms(first - timedelta(days=20), first + timedelta(days=300), REGION)
    return session.register.grant(terms, session.clock.now())


class Loop:
    """`collect` and `release` in a process of their own, again and again."""

    def __init__(self, first: date, last: date) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LOOP, first.isoformat(), last.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.outcomes: dict[str, int] = {}
        self._days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        self._ready = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        self._ready.wait()
        self.again()

    def again(self) -> None:
        """Ask for one more round."""
        day = self._days[len(self.outcomes) % len(self._days)]
        assert self._process.stdin is not None
        self._process.stdin.write(f"{day.isoformat()}\n")
        self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip() == "ready":
                self._ready.set()
                continue
            job, _, code = line.split()
            key = f"{job} {code}"
            self.outcomes[key] = self.outcomes.get(key, 0) + 1
            if job == "release":
                self.again()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def main() -> None:
    """Print what was recorded, how fast, and what was left."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--withdrawals", type=int, default=100)
    parser.add_argument("--objections", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}")
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="tideline-leaving-") as folder:
        Path(folder).chmod(0o755)
        os.environ["TIDELINE_HOME"] = str(Path(folder) / "home")
        today = datetime.now(UTC).date()
        first, last = today - timedelta(days=6), today - timedelta(days=1)
        make_home(Path(folder) / "home", Mode.SYNTHETIC, first_day=first - timedelta(days=25))
        session = open_session()
        os.environ.update(session.environment())
        stay = [grant(session, first) for _ in range(8)]
        for number, ref in enumerate(stay):
            session.ways_out.inbox.add(
                ref, io.BytesIO(chat(first, last, number)), session.clock.now()
            )
        loop = Loop(first, last)
        run(session, loop, draw, given, first, last, stay)
        loop.stop()


@dataclass
class Left:
    """What came of one withdrawal; seconds and counts."""

    failure: str = ""
    recorded: float = 0.0
    finished: float = 0.0
    later: int = 0
    left: int = 0


def withdrawn_by_command(session: Session, ref: str) -> Left:
    done = subprocess.run(
        [sys.executable, "-c", _WITHDRAW, ref],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.split()
    if done.returncode or len(said) != 2:
        return Left(failure=" ".join(said) + "".join(done.stderr.strip().splitlines()[-1:]))
    settled = counts(session, group_days, ref)
    left = sum(counts(session, table, ref) for table in (group_scores, vectors, seen_senders))
    left += len(list((Path(session.home.config.inbox) / ref).glob("*")))
    left += len(list(session.home.vectors.rglob(f"{ref}-*")))
    time.sleep(2)
    later = counts(session, group_days, ref) - settled
    return Left("", float(said[0]), float(said[1]), later, left)


def run(
    session: Session,
    loop: Loop,
    draw: random.Random,
    given: Any,
    first: date,
    last: date,
    stay: list[str],
) -> None:
    def withdrawal(number: int) -> Left:
        ref = grant(session, first)
        export = io.BytesIO(chat(first, last, 10 + number))
        session.ways_out.inbox.add(ref, export, session.clock.now())
        time.sleep(random.Random(given.seed * 1000 + number).uniform(0, 6))
        return withdrawn_by_command(session, ref)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        every = list(pool.map(withdrawal, range(given.withdrawals)))
    failures = [one.failure for one in every if one.failure]
    recorded = [one.recorded for one in every if not one.failure]
    finished = [one.finished for one in every if not one.failure]
    later, left = sum(one.later for one in every), sum(one.left for one in every)
    objected = sum(objection(draw, draw.choice(stay)) for _ in range(given.objections))
    session.ways_out.lifetimes.enforce(session.clock.now())
    with session.database.transaction() as connection:
        withdrawn = connection.execute(
            sa.select(sa.func.count()).where(consent_events.c.kind == "withdrawn")
        ).scalar_one()
        events = connection.execute(
            sa.select(sa.func.count()).select_from(member_events)
        ).scalar_one()
        after = connection.execute(
            sa.select(sa.func.count())
            .select_from(group_days)
            .join(consent_events, consent_events.c.group_ref == group_days.c.group_ref)
            .where(consent_events.c.kind == "withdrawn", group_days.c.at > consent_events.c.at)
        ).scalar_one()
    print(f"withdrawals: {given.withdrawals}, recorded {withdrawn}, failed {len(failures)}")
    print(
        f"recorded within: median {sorted(recorded)[len(recorded) // 2]:.3f} s,"
        f" longest {max(recorded):.3f} s; over {WITHIN} s: {sum(one > WITHIN for one in recorded)}"
    )
    print(f"all deleted within: longest {max(finished):.3f} s")
    print(f"group-days settled after the withdrawal: {later} seen, {after} by the database")
    print(f"rows and files left of them: {left}")
    print(f"objections: {given.objections}, commands that succeeded {objected}, recorded {events}")
    print(f"runs beside: {loop.outcomes}")
    for one in failures:
        print(f"failure: {one}")


def objection(draw: random.Random, ref: str) -> bool:
    time.sleep(draw.uniform(0, 3))
    code = "from orchestration.cli import main; main()"
    command = [sys.executable, "-c", code, "member", "object", ref, "--name"]
    name = f"Ama {draw.choice('abcdef')}\n"
    return (
        subprocess.run(command, input=name, text=True, capture_output=True, check=False).returncode
        == 0
    )


if __name__ == "__main__":
    main()
