"""Kills, with runs going, at random moments of a made-up home: does the next start go on by itself?

Each round delivers an export in each region, asks for `collect` of both and for `release` of a day
of both, so that two run and two wait, and kills something with SIGKILL at a random moment:

- `everything`: `tideline dev`, all it started, and the embedded server;
- `dev`: `tideline dev` alone; `code server`: the restricted location's; `run`: one run's process;
- `command`: a `tideline run` beside a living `tideline dev`, whose own runs must not be touched.

Then `tideline dev` is started again if it has ended. Measured, from the moment it is asked to
start (or from the kill): until no dead run holds a slot and a waiting run has started; until a
`lifetimes` that is asked for has started; until everything that was asked for is done.

    python -m bench.dead_runs --rounds 20 --seed 7
"""

import argparse
import os
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import sqlalchemy as sa
from dagster._core.storage.dagster_run import ACTIVE_RUN_STATUSES

from assets.core.modes import Mode
from bench.dev_process import COMMAND, Dev, until
from bench.leaving import chat
from orchestration.cli.delivering import deliver
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from orchestration.partitions import range_tags
from resources.base.clock import Clock
from resources.base.database.embedded_postgres import url_of
from resources.base.database.postgres import DAGSTER_PG_URL, dagster_url
from resources.base.database.tables import group_days, group_scores, ledger, regional_values
from resources.base.home import Home
from resources.base.runs.run_locks import holders
from simulation.consents import made_up_terms

REGIONS = ("greater_london", "east_of_england")
DAYS = 4
WITHIN = 60.0
"""Seconds."""

LATEST_KILL = 25.0
OTHERS = ("dev", "code server", "run", "command")


@dataclass
class Round:
    """What came of one kill; seconds."""

    kind: str
    moment: float
    going: int = 0
    dead: int = 0
    free: float = 0.0
    up: float = 0.0
    moved: float = 0.0
    lifetimes: float = 0.0
    done: float = 0.0
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """Print each round and what was lost, done twice or late."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20, help="Of killing everything.")
    parser.add_argument("--others", type=int, default=1, help="Rounds of each other kind.")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    draw = random.Random(given.seed)
    kinds = ["everything"] * given.rounds + list(OTHERS) * given.others
    draw.shuffle(kinds)
    with tempfile.TemporaryDirectory(prefix="tideline-dead-") as folder:
        Path(folder).chmod(0o755)
        os.environ["TIDELINE_HOME"] = str(Path(folder) / "home")
        today = Clock().today()
        make_home(Path(folder) / "home", Mode.SYNTHETIC, first_day=today - timedelta(days=100))
        Bench(Path(folder), draw, today).run(kinds)


class Bench:
    """A home with its `tideline dev`."""

    def __init__(self, folder: Path, draw: random.Random, today: date) -> None:
        self._output, self._draw, self._today = folder / "output", draw, today
        self._dev: Dev | None = None

    def run(self, kinds: list[str]) -> None:
        rounds = []
        try:
            for number, kind in enumerate(kinds):
                one = self._round(number, kind)
                rounds.append(one)
                print(
                    f"{number + 1:2} {kind:12} at {one.moment:4.1f} s: going {one.going},"
                    f" dead {one.dead}; freed {one.free:5.1f}, UI {one.up:5.1f},"
                    f" queue moved {one.moved:5.1f}, lifetimes {one.lifetimes:4.1f},"
                    f" all done {one.done:5.1f}"
                    f" {' '.join(one.wrong)}",
                    flush=True,
                )
            self._report(rounds)
        finally:
            if self._dev is not None:
                self._dev.stop()

    def _round(self, number: int, kind: str) -> Round:
        one = Round(kind, self._draw.uniform(0, LATEST_KILL))
        if self._dev is None:
            self._dev = Dev(self._output)
            self._dev.wait()
        dev, session = self._dev, open_session()
        refs = [self._deliver(session, region, number) for region in REGIONS]
        with _instance(session.home) as instance:
            asked = self._ask_for_runs(dev, number)
            command = self._command() if kind == "command" else None
            time.sleep(one.moment)
            before = _active(instance)
            one.going = len(before)
            began = self._kill(kind, dev, instance, command)
        session.database.dispose()
        if began is None:
            dev = self._dev = Dev(self._output)
            began = dev.started
        with _instance(session.home) as instance:
            until(lambda: not self._dead(instance))
            one.free = time.monotonic() - began
            waiting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
            queue = {run.run_id for run in instance.get_runs(waiting)}
            dev.wait()
            one.up = time.monotonic() - began
            told = time.monotonic()
            tick = dev.launch("lifetimes", {})
            until(lambda: _status(instance, tick) in _BEGUN)
            one.lifetimes = time.monotonic() - told
            if queue:
                begun = [_start_of(instance, queue)]
                until(lambda: begun.append(_start_of(instance, queue)) or begun[-1])
                one.moved = (begun[-1] or float("inf")) - time.time() + time.monotonic() - began
            session = open_session()
            until(lambda: self._is_done(session, instance, refs, [*asked, tick]))
            one.done = time.monotonic() - began
            one.dead = sum(_died(instance, run.run_id) for run in before)
            one.wrong = self._wrong(session, instance, refs, [*asked, tick])
        session.database.dispose()
        return one

    def _deliver(self, session: Session, region: str, number: int) -> str:
        first = self._today - timedelta(days=DAYS)
        terms = made_up_terms(first - timedelta(days=20), first + timedelta(days=300), region)
        ref = session.register.grant(terms, session.clock.now())
        path = self._output.with_name(f"{ref}.txt")
        path.write_bytes(chat(first, self._today - timedelta(days=1), number))
        deliver(session, ref, path)
        return ref

    def _ask_for_runs(self, dev: Dev, number: int) -> list[str]:
        first, last = self._today - timedelta(days=DAYS - 1), self._today - timedelta(days=1)
        closing = self._today - timedelta(days=99 - number)
        return [dev.launch("collect", range_tags(region, first, last)) for region in REGIONS] + [
            dev.launch("release", range_tags(region, closing, closing)) for region in REGIONS
        ]

    def _command(self) -> "subprocess.Popen[bytes]":
        day = (self._today - timedelta(days=DAYS)).isoformat()
        return subprocess.Popen(
            [COMMAND, "run", "--from", day, "--to", day],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _kill(
        self, kind: str, dev: Dev, instance: dg.DagsterInstance, command: Any
    ) -> float | None:
        """Kill. Returns the moment; None if `tideline dev` has to be started again."""
        if kind == "command":
            until(lambda: any(_is_commands(run) for run in _active(instance)), 60)
            command.kill()
            command.wait()
        elif kind == "code server":
            for one in dev.processes("api grpc"):
                one.kill()
        elif kind == "run":
            until(lambda: dev.processes("spawn_main"), 60)
            for one in dev.processes("spawn_main")[:1]:
                one.kill()
        elif kind == "dev":
            started = psutil.Process(dev.process.pid).children(recursive=True)
            dev.process.kill()
            dev.process.wait()
            psutil.wait_procs(started, timeout=60)
            return None
        else:
            started = psutil.Process(dev.process.pid).children(recursive=True)
            server = Path(os.environ["TIDELINE_HOME"]) / "postgres" / "postmaster.pid"
            postmaster = psutil.Process(int(server.read_text().split()[0]))
            started += [postmaster, *postmaster.children()]
            for one in [psutil.Process(dev.process.pid), *started]:
                try:
                    one.kill()
                except psutil.NoSuchProcess:
                    continue
            dev.process.wait()
            psutil.wait_procs(started, timeout=60)
            return None
        return time.monotonic()

    def _dead(self, instance: dg.DagsterInstance) -> list[str]:
        active = [run.run_id for run in _active(instance)]
        with instance.run_storage.connect() as connection:  # pyright: ignore
            held = holders(connection, active)
        return [one for one in active if one not in held]

    def _is_done(
        self, session: Session, instance: dg.DagsterInstance, refs: list[str], asked: list[str]
    ) -> bool:
        over = not instance.get_runs_count(
            dg.RunsFilter(statuses=[*ACTIVE_RUN_STATUSES, dg.DagsterRunStatus.QUEUED])
        )
        return over and not self._wrong(session, instance, refs, asked)

    def _wrong(
        self, session: Session, instance: dg.DagsterInstance, refs: list[str], asked: list[str]
    ) -> list[str]:
        """What was lost or done twice."""
        found = []
        wanted = {(ref, self._today - timedelta(days=n)) for ref in refs for n in range(1, DAYS)}
        with session.database.transaction() as connection:
            rows = connection.execute(sa.select(group_days.c.group_ref, group_days.c.day)).all()
        if lost := wanted - {(row.group_ref, row.day) for row in rows}:
            found.append(f"LOST {len(lost)} group-days")
        for run_id in asked:
            group = instance.get_run_group(run_id)
            runs = list(group[1]) if group else [instance.get_run_by_id(run_id)]
            ends = [run.status for run in runs if run is not None]
            if dg.DagsterRunStatus.SUCCESS not in ends:
                found.append(f"NOT DONE {run_id[:8]}")
            if ends.count(dg.DagsterRunStatus.SUCCESS) > 1:
                found.append(f"TWICE {run_id[:8]}")
        return found

    def _report(self, rounds: list[Round]) -> None:
        session = open_session()
        with session.database.transaction() as connection:
            closed = connection.execute(
                sa.select(ledger.c.region, ledger.c.day, sa.func.count())
                .where(ledger.c.kind == "region_day_closed")
                .group_by(ledger.c.region, ledger.c.day)
            ).all()
            keys = [
                tuple(row)
                for table, columns in (
                    (group_days, ("region", "day", "group_ref")),
                    (group_scores, ("region", "day", "group_ref", "construct")),
                    (regional_values, ("region", "day", "construct")),
                )
                for row in connection.execute(
                    sa.select(sa.literal(table.name), *(table.c[one] for one in columns))
                )
            ]
            values = connection.execute(
                sa.select(sa.func.count(sa.distinct(regional_values.c.day)))
            ).scalar_one()
        twice = sum(number - 1 for number in Counter(keys).values())
        late = [one for one in rounds if max(one.free, one.moved, one.lifetimes) > WITHIN]
        for name in ("free", "up", "moved", "lifetimes", "done"):
            took = sorted(getattr(one, name) for one in rounds)
            print(f"{name}: median {took[len(took) // 2]:.1f} s, longest {took[-1]:.1f} s")
        print(f"rounds {len(rounds)}, two or more going in {sum(r.going >= 2 for r in rounds)}")
        print(f"runs that died {sum(one.dead for one in rounds)}")
        print(f"rounds late (over {WITHIN:.0f} s): {len(late)}")
        print(f"rounds in which something was lost or twice: {sum(bool(r.wrong) for r in rounds)}")
        print(f"rows stored twice: {twice}; days with values {values};")
        print(f"region-days closed twice: {sum(row[2] > 1 for row in closed)} of {len(closed)}")


@contextmanager
def _instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """The home's, as soon as its database answers; nothing of it is left to the commands."""
    os.environ[DAGSTER_PG_URL] = dagster_url(url_of(home.postgres))
    made: list[dg.DagsterInstance] = []
    until(lambda: made.append(dg.DagsterInstance.from_config(str(home.dagster))) or True)
    try:
        yield made[0]
    finally:
        made[0].dispose()
        del os.environ[DAGSTER_PG_URL]


def _start_of(instance: dg.DagsterInstance, run_ids: set[str]) -> float | None:
    """When the first of these runs started, seconds since 1970."""
    records = instance.get_run_records(dg.RunsFilter(run_ids=list(run_ids)))
    return min((one.start_time for one in records if one.start_time), default=None)


_BEGUN = frozenset(
    {
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.SUCCESS,
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.CANCELED,
    }
)


def _active(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return list(instance.get_runs(dg.RunsFilter(statuses=ACTIVE_RUN_STATUSES)))


def _is_commands(run: dg.DagsterRun) -> bool:
    return ".dagster/grpc_info" not in run.tags and run.status is dg.DagsterRunStatus.STARTED


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus | None:
    run = instance.get_run_by_id(run_id)
    return run.status if run else None


def _died(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is not None and run.tags.get("dagster/failure_reason") == "UNEXPECTED_TERMINATION"


if __name__ == "__main__":
    main()
