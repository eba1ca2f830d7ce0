"""Many runs of `publish` at the same time, some of them killed, beside a release and a reader.

Each publisher is a process that runs the job as `tideline run` does. Meanwhile days close, and a
reader opens every public file over and over. Each file must be whole whenever it is read, a
forecast and a release once made must stay as they are, and no run may fail.

    python -m bench.publishers --publishes 300 --at-once 8 --kill 0.2 --seed 7
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from csv import reader as csv_reader
from datetime import date, timedelta
from pathlib import Path

from assets.core.modes import Mode
from assets.public.page.asset import written_state
from assets.released.standard_errors import BANDS
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from orchestration.public import public_definitions
from orchestration.runs import run_job
from resources.base.clock import Clock
from resources.base.database.tables import evidence_cards, regional_values
from resources.stores.published.published_values import PublishedValues, state_of

REGIONS = ("greater_london", "east_of_england")
CONSTRUCTS = ("burnout", "resilience", "resistance")
FORK = multiprocessing.get_context("fork")


def main() -> None:
    """Print how the runs ended, what the reader saw, and what lies there in the end."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--publishes", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--kill", type=float, default=0.2, help="Share that is killed.")
    parser.add_argument("--days", type=int, default=60, help="Days closed before it begins.")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    os.environ.pop("TIDELINE_PG_URL", None)
    with tempfile.TemporaryDirectory(prefix="tideline-publishers-") as folder:
        root = Path(folder) / "home"
        first = Clock().today() - timedelta(days=given.days + 60)
        make_home(root, Mode.SYNTHETIC, first_day=first)
        session = open_session(root)
        for number in range(given.days):
            _close(session, first + timedelta(days=number), given.seed)
        _measure(given, root, session, first + timedelta(days=given.days))


def _measure(given: argparse.Namespace, root: Path, session: Session, next_day: date) -> None:
    rng = random.Random(given.seed)
    told, stop = FORK.Queue(), FORK.Event()
    public = session.home.public
    reading = FORK.Process(target=_read, args=(public, stop, told))
    reading.start()
    going: dict[multiprocessing.process.BaseProcess, float] = {}
    ended: Counter[str] = Counter()
    begun = 0
    started = time.monotonic()
    while begun < given.publishes or going:
        while begun < given.publishes and len(going) < given.at_once:
            if begun % 20 == 0:
                _close(session, next_day, given.seed)
                next_day += timedelta(days=1)
            publisher = FORK.Process(target=_publish, args=(root, next_day - timedelta(days=1)))
            publisher.start()
            dies = rng.uniform(0.5, 12) if rng.random() < given.kill else float("inf")
            going[publisher] = time.monotonic() + dies
            begun += 1
        time.sleep(0.05)
        for publisher, dies in list(going.items()):
            if publisher.is_alive() and time.monotonic() > dies and publisher.pid:
                os.kill(publisher.pid, signal.SIGKILL)
                publisher.join()
            if not publisher.is_alive():
                publisher.join()
                ended[_outcome(publisher.exitcode)] += 1
                del going[publisher]
                if sum(ended.values()) % 20 == 0:
                    print(sum(ended.values()), dict(ended), flush=True)
    seconds = time.monotonic() - started
    last = FORK.Process(target=_publish, args=(root, next_day - timedelta(days=1)))
    last.start()
    last.join()
    stop.set()
    reads, faults = told.get(timeout=60)
    reading.join()
    published = PublishedValues(session.url).read()
    print("publishes", dict(ended), f"in {seconds:.0f} s; the last one:", _outcome(last.exitcode))
    print("reads", reads, "faults", faults)
    print("the page shows what stands:", written_state(public) == state_of(published))
    print("partials left:", len(list(public.rglob(".*.partial"))))


def _outcome(exitcode: int | None) -> str:
    return {0: "published", -signal.SIGKILL: "killed"}.get(exitcode, f"failed ({exitcode})")


def _publish(root: Path, day: date) -> None:
    """One run over both regions; the process exits with 1 where it failed."""
    session = open_session(root)
    definitions = public_definitions(session.home, session.clock)
    with session.instance() as instance:
        codes = [
            run_job(definitions, "publish", instance, region=region, first=day, last=day)
            for region in REGIONS
        ]
    for code in filter(None, codes):
        print("run failed:", code, flush=True)
    # Without what a forked process would undo of its parent's.
    os._exit(1 if any(codes) else 0)


def _close(session: Session, day: date, seed: int) -> None:
    """Close a day of both regions with made-up values, in one transaction."""
    rng = random.Random(f"{seed}|{day}")
    rows = [
        {
            "region": region,
            "day": day,
            "construct": construct,
            "method_version": "made-up",
            "revision": 0,
            "status": "published",
            "estimate": value,
            "standard_error": 0.03,
            "value_7d": value,
            "standard_error_7d": 0.01,
            "detectable_change_7d": 0.03,
            "value_28d": value,
            "standard_error_28d": 0.005,
            "detectable_change_28d": 0.015,
            "people_band": BANDS[-2][1],
            "micro_rho": 50_000,
            "closed_at": session.clock.now(),
        }
        for region in REGIONS
        for construct in CONSTRUCTS
        for value in (0.4 + 0.05 * rng.random(),)
    ]
    cards = [
        {
            **{name: row[name] for name in ("region", "day", "method_version", "revision")},
            "closed_on": day,
            "recorded": "afterwards",
            "published": True,
        }
        for row in rows
        if row["construct"] == CONSTRUCTS[0]
    ]
    with session.database.transaction() as connection:
        connection.execute(regional_values.insert(), rows)
        connection.execute(evidence_cards.insert(), cards)


def _read(public: Path, stop, told) -> None:
    """Open every public file over and over; say how many were opened and what was wrong."""
    reads, faults, forecasts = 0, Counter(), {}
    while not stop.is_set():
        for path in readable(public):
            content = path.read_bytes()
            reads += 1
            if path.parent != public:
                digest = hashlib.sha256(content).hexdigest()
                if forecasts.setdefault(path, digest) != digest:
                    faults["a forecast or a release was changed"] += 1
            if not whole(path, content):
                faults[f"{path.name} is torn"] += 1
        for path in forecasts:
            if not path.exists():
                faults["a forecast or a release is gone"] += 1
    told.put((reads, dict(faults)))


def readable(public: Path) -> Iterator[Path]:
    """The files that a reader may open: what is hidden is being written."""
    for folder, below, names in os.walk(public):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


_ENDS = {".png": b"IEND\xaeB`\x82", ".svg": b"</svg>\n", ".html": b"</html>"}


def whole(path: Path, content: bytes) -> bool:
    """Whether a public file's content is not cut off: it parses, or ends as it should."""
    if path.suffix in _ENDS:
        return content.endswith(_ENDS[path.suffix])
    text = content.decode("utf-8")
    match path.suffix:
        case ".json":
            try:
                json.loads(text)
            except ValueError:
                return False
            return True
        case ".csv":
            return (
                text.endswith("\n")
                and len({len(row) for row in csv_reader(text.splitlines())}) == 1
            )
    return True


if __name__ == "__main__":
    main()
