"""Whole commands and openings of the database beside a running collect and release.

One process collects and releases a made-up home day by day, over and over on new days; others open
the home's database as every command does, and start whole commands as a shell does. Counted are
failures of any of them and PostgreSQL's own deadlocks.

    python -m bench.beside_runs --commands 300 --openings 10000
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from assets.core.modes import Mode
from orchestration.cli.demo import deliver_world
from orchestration.cli.init import make_home
from orchestration.cli.session import open_session
from resources.base.clock import Clock
from resources.base.database.roles import owner_url
from resources.maintenance.database_setup import as_owner
from simulation.chat import make_world

REGIONS = ("greater_london", "east_of_england")
COMMANDS = (
    ["status"],
    ["status", "--scrubbing"],
    ["consent", "list"],
    ["readiness"],
    ["release", "budget"],
    ["lifetimes"],
    ["member", "code", "{group}"],
    ["inbox", "list", "{group}"],
    ["consent", "notice", "{group}", "--informed-on", "{today}", "--notice-version", "v2"],
    ["migrate"],
)
_RUNS = """
import sys
from contextlib import nullcontext
from datetime import date, timedelta
from orchestration.cli.session import open_session
from orchestration.public import public_definitions
from orchestration.range_run import run_range
from orchestration.restricted import restricted_definitions
session = open_session()
first, days = date.fromisoformat(sys.argv[1]), int(sys.argv[2])
with session.instance() as instance:
    definitions = {
        "restricted": restricted_definitions(session.home, session.clock),
        "public": public_definitions(session.home, session.clock),
    }
    for number in range(days):
        day = first + timedelta(days=number)
        outcome = run_range(
            session.home, definitions, instance, first=day, last=day,
            today=session.clock.today(), progress=lambda _: nullcontext(),
        )
        for (job, region), code in sorted(outcome.codes.items()):
            print("run", job, region, code, flush=True)
        if not outcome.codes:
            print("run ok", flush=True)
"""
_OPENINGS = """
import sys
from orchestration.cli.session import open_session
from assets.core.errors import TidelineError
for _ in range(int(sys.argv[1])):
    try:
        session = open_session()
        session.register.sequence()
        session.database.dispose()
        print("opening ok")
    except TidelineError as error:
        print("opening", error.code)
"""


def main() -> None:
    """Print what each kind of work ended with, and how many deadlocks there were."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--commands", type=int, default=300)
    parser.add_argument("--openings", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=60, help="Days of posts.")
    given = parser.parse_args()
    os.environ.pop("TIDELINE_PG_URL", None)
    with tempfile.TemporaryDirectory(prefix="tideline-beside-") as folder:
        root = Path(folder) / "home"
        os.environ["TIDELINE_HOME"] = str(root)
        last = Clock().today() - timedelta(days=3)
        first = last - timedelta(days=given.days - 1)
        make_home(root, Mode.SYNTHETIC, first_day=first, cooling_off_days=0)
        session = open_session(root)
        deliver_world(
            session,
            make_world(
                regions=REGIONS,
                first_day=first,
                days=given.days,
                groups=12,
                without_consent=1,
                people_per_day=60,
                seed=11,
            ),
        )
        groups = [ref for ref, one in session.register.consents().items() if one.active]
        outcomes = _beside_runs(given, first, groups)
        with as_owner(owner_url(session.url)) as connection:
            deadlocks = connection.execute(
                sa.text("SELECT sum(deadlocks) FROM pg_stat_database")
            ).scalar()
        for outcome, count in sorted(outcomes.items()):
            print(f"{count:6d}  {outcome}")
        print(f"{int(deadlocks):6d}  deadlocks")


def _beside_runs(given: argparse.Namespace, first: date, groups: list[str]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    runs = _started(_RUNS, first.isoformat(), str(given.days))
    listener = threading.Thread(target=_count, args=(runs, outcomes), daemon=True)
    listener.start()
    openers = [_started(_OPENINGS, str(given.openings // 2)) for _ in range(2)]
    with ThreadPoolExecutor(max_workers=3) as pool:
        listening = [pool.submit(_count, one, outcomes) for one in openers]
        commands = pool.submit(_commands, given.commands, groups, outcomes)
        for one in (*listening, commands):
            one.result()
    outcomes["runs were still going at the end"] = int(runs.poll() is None)
    # Not terminated, for a run that is interrupted would be counted as one that failed.
    runs.kill()
    runs.wait()
    return outcomes


def _commands(count: int, groups: list[str], outcomes: Counter[str]) -> None:
    today = Clock().today().isoformat()
    program = [sys.executable, "-c", "from orchestration.cli import main; main()"]
    for number in range(count):
        words = COMMANDS[number % len(COMMANDS)]
        filled = [one.format(group=groups[number % len(groups)], today=today) for one in words]
        done = subprocess.run([*program, *filled], capture_output=True, text=True, check=False)
        code = "ok" if done.returncode == 0 else done.stderr.split(":")[0][:60]
        outcomes[f"command {' '.join(words[:2])}: {code}"] += 1


def _started(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True
    )


def _count(process: subprocess.Popen[str], outcomes: Counter[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        outcomes[line.strip()] += 1


if __name__ == "__main__":
    main()
