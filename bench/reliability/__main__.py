"""Faults brought on while a made-up home's jobs run; every morning must end as if there were none.

    python -m bench.reliability [kills database disk clock daemons slow-inbox failing-inbox]
        [--days 8] [--seed N] [--everywhere 2]

Each simulated morning every job (`collect` and `release` of each region, `lifetimes`) is run once
in a forked process while the fault strikes at a drawn act (a statement, a commit, an event of a
step, a change of a file), then once more undisturbed, and all that the home then holds is compared
with the soak's reference model. With `--everywhere N` kills, restarts and the full disk strike one
forked process after another, until each kind of act (each table's statement and commit, each event
of each step, each change of a file in each part of the home) was struck N times. `disk` needs root,
for it mounts a small file system in memory. A draw that a kill has lost shows nothing for good;
that is the one trace that may be left.
"""

import argparse
import os
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from bench.morning import postgres_cpu
from bench.reliability.disturbed import Disturbance, DisturbedSite
from bench.reliability.faults import FAULTS, JOBS, made
from bench.soak.__main__ import made_home, models
from bench.soak.days import Soak
from bench.soak.site import SimulatedClock

MIB = 250
"""Size of the file system that runs full: what PostgreSQL and Dagster take at first, and some."""


@contextmanager
def small_file_system() -> Iterator[Path]:
    """A folder on a file system of its own, in memory."""
    with tempfile.TemporaryDirectory(prefix="tideline-full-") as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={MIB}m,mode=755", "tmpfs", folder]
        subprocess.run(mount, check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def disturbed(
    name: str, disturbance: Disturbance, given: argparse.Namespace, under: Path | None = None
) -> int:
    """Print what came of one fault. Returns on how many days something was wrong."""
    days, seed, first = given.days, given.seed, given.start
    began, wrong, clock = time.monotonic(), 0, SimulatedClock(first)
    cpu = _cpu_seconds()
    with (
        models("digest") as model,
        made_home(first, clock, under) as session,
        session.instance() as instance,
    ):
        # Children find the server that runs, and start none of their own.
        os.environ["TIDELINE_PG_URL"] = session.url.render_as_string(hide_password=False)
        site = DisturbedSite(
            session, clock, instance, model, disturbance=disturbance, chance=random.Random(seed)
        )
        for one in Soak(site, seed, first).days(days):
            wrong += bool(one.wrong)
            for rule in one.wrong:
                print(f"{name}: {one.day}: {rule}", flush=True)
        told = ", ".join(f"{what} {count}" for what, count in sorted(site.told.items()))
        cpu = _cpu_seconds() - cpu + postgres_cpu(site.session.home.root)
        del os.environ["TIDELINE_PG_URL"]
    print(
        f"{name}: {days - 1} mornings, {wrong} with a mismatch, draws lost {len(site.lost)};"
        f" {told}; seed {seed}, {time.monotonic() - began:.0f} s, {cpu:.0f} CPU-s",
        flush=True,
    )
    return wrong


def _cpu_seconds() -> float:
    """Of this process and those that it waited for; a server that was restarted is not of them."""
    used = [resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """One fault after another."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("faults", nargs="*", default=list(FAULTS))
    options.add_argument("--days", type=int, default=8)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--everywhere", type=int, default=0, help="how often, before each kind")
    options.add_argument("--jobs", nargs="+", default=JOBS, choices=JOBS, help="with --everywhere")
    options.add_argument("--start", type=date.fromisoformat, default=date(2025, 9, 1))
    given = options.parse_args()
    wrong = 0
    for name in given.faults:
        disturbance = made(name, given.everywhere, given.jobs)
        if name == "disk":
            with small_file_system() as folder:
                wrong += disturbed(name, disturbance, given, folder)
        else:
            wrong += disturbed(name, disturbance, given)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
