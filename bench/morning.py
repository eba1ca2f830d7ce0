"""What a morning costs: 100 groups' new day from cold, a morning with nothing new, and a backfill.

    python -m bench.morning [--groups 100] [--new 20] [--older 20000] [--days 60]

A made-up home, two regions, and groups whose phones export the whole chat each day. The evening
before was collected. Then three times the command that a data engineer would type, in a process of
its own that has loaded nothing: the morning with new exports, the same once more with nothing new,
and, in a home of its own, a range of many days of two small groups without its stages (every group
without consent), which is what Dagster around the stages costs.

Of each: seconds, CPU-seconds of the command's processes and of the home's PostgreSQL, and the
largest resident memory of one process (MiB).
"""

import argparse
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from assets.core.london_time import LONDON
from assets.core.modes import Mode
from bench.reader import FORMS, NAMES, WORDS
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from resources.base.database.postgres import stop_embedded
from simulation.consents import COOLING_OFF, made_up_terms

REGIONS = ("greater_london", "east_of_england")
OPEN_DAYS = 3
"""Days that a morning looks at: those that have not closed."""


@dataclass(frozen=True)
class Cost:
    """Of one command."""

    seconds: float
    cpu_seconds: float
    postgres_cpu_seconds: float
    largest_mib: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:7.1f} s  {self.cpu_seconds:7.1f} CPU-s"
            f"  (PostgreSQL {self.postgres_cpu_seconds:5.1f})  {self.largest_mib:6.0f} MiB"
        )


def chat(seed: int, older: int, new: int, last: date) -> bytes:
    """An Android export: this many messages before a day, by 20 a day, and the day's own.

    One with the last day's successor continues it.
    """
    header, end = FORMS["android"]
    chance = random.Random(seed)
    days = older // 20
    start = datetime.now(UTC).date() - timedelta(days=days + 2)
    lines = []
    for number in range((last - start).days + 1):
        day = start + timedelta(days=number)
        for one in range(new):
            at = datetime(day.year, day.month, day.day, 7) + timedelta(minutes=40 * one)
            text = " ".join(chance.choices(WORDS, k=chance.randrange(4, 20)))
            lines.append(f"{header.format(at)}{chance.choice(NAMES)}: {text}{end}")
    return "".join(lines).encode()


def postgres_cpu(home: Path) -> float:
    """CPU-seconds of the home's database server and its processes, also of those that ended."""
    pid = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
    tick = os.sysconf("SC_CLK_TCK")
    spent = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == pid:
            spent += sum(map(int, fields[11:15])) / tick
        elif int(fields[1]) == pid:
            spent += sum(map(int, fields[11:13])) / tick
    return spent


def command(home: Path, *words: str) -> Cost:
    """Run `tideline` in the home and say what it cost."""
    database = postgres_cpu(home)
    tideline = str(Path(sys.executable).with_name("tideline"))
    cost = process([tideline, *words], os.environ | {"TIDELINE_HOME": str(home)})
    return replace(cost, postgres_cpu_seconds=postgres_cpu(home) - database)


def process(arguments: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run any program and say what it cost, a database server's part apart."""
    began = time.monotonic()
    done = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit status {done.returncode}")
    return Cost(seconds, used.ru_utime + used.ru_stime, 0.0, used.ru_maxrss / 1024)


@contextmanager
def made_home(first_day: date) -> Iterator[Path]:
    """A home of its own, its server stopped afterwards."""
    with tempfile.TemporaryDirectory(prefix="tideline-morning-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        os.environ["TIDELINE_HOME"] = str(home)
        make_home(home, Mode.SYNTHETIC, first_day=first_day, close_after_days=OPEN_DAYS)
        try:
            yield home
        finally:
            stop_embedded(home / "postgres")


def consented(session: Session, groups: int) -> list[str]:
    """References of so many groups whose consent holds, by turns in each region."""
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=20), today + timedelta(days=300)
    return [
        session.register.grant(
            made_up_terms(first, last, REGIONS[number % len(REGIONS)]),
            session.clock.now() - COOLING_OFF,
        )
        for number in range(groups)
    ]


def deliver(session: Session, refs: Sequence[str], older: int, new: int, last: date) -> None:
    """Seal an export of each group into the inbox, up to a day and in the night after it.

    One that came later would settle the days up to then as days without a message.
    """
    midnight = datetime.combine(last + timedelta(days=1), clock_time(), LONDON)
    for seed, ref in enumerate(refs):
        content = io.BytesIO(chat(seed, older, new, last))
        session.ways_out.inbox.add(ref, content, midnight + timedelta(seconds=1))


def mornings(groups: int, older: int, new: int) -> Iterator[tuple[str, Cost]]:
    """The evening before, the morning, and one with nothing new."""
    today = datetime.now(UTC).date()
    yesterday, before = today - timedelta(days=1), today - timedelta(days=2)
    with made_home(today - timedelta(days=OPEN_DAYS)) as home:
        session = open_session(home)
        refs = consented(session, groups)
        for name, last in (("first reading", before), ("morning", yesterday)):
            deliver(session, refs, older, new, last)
            yield name, command(home, "run", "--from", str(last), "--to", str(last))
        yield (
            "nothing new",
            command(home, "run", "--from", str(yesterday), "--to", str(yesterday)),
        )


def backfill(days: int) -> Iterator[tuple[str, Cost]]:
    """A range of two regions without anything to read."""
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=days), today - timedelta(days=1)
    with made_home(first) as home:
        open_session(home)
        one = command(home, "run", "--from", str(last), "--to", str(last))
        yield "1 day, no group", one
        whole = command(home, "run", "--from", str(first), "--to", str(last))
        yield f"{days} days, no group", whole
        each = (whole.seconds - one.seconds) / ((days - 1) * len(REGIONS))
        print(f"each further region-day: {each:.3f} s", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--groups", type=int, default=100)
    options.add_argument("--new", type=int, default=20, help="messages of a day")
    options.add_argument("--older", type=int, default=20_000, help="messages before, by export")
    options.add_argument("--days", type=int, default=60, help="of the backfill; 0 for none")
    chosen = options.parse_args()
    for name, cost in mornings(chosen.groups, chosen.older, chosen.new):
        print(f"{name:24} {cost}", flush=True)
    for name, cost in backfill(chosen.days) if chosen.days else ():
        print(f"{name:24} {cost}", flush=True)


if __name__ == "__main__":
    main()
