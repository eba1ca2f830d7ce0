"""The values that a demo publishes when its noise is made up: are two versions of the code equal?

Makes a demo's home at a fixed moment, replaces OpenDP's noise by one that depends on what is drawn
from, publishes twice, and writes every published value and every number and code of the public
files to a CSV. Group references and shuffles stay random: nothing published may depend on them, and
two runs of one version show it.

    python -m bench.demo_values --out before.csv
"""

import argparse
import csv
import hashlib
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from assets.core.modes import Mode
from assets.restricted.release.noise import NoiseScales, NoisyTotals
from assets.restricted.release.region_release import RegionRelease
from orchestration.cli.demo import CLOSE_AFTER_DAYS, SEED, deliver_world
from orchestration.cli.init import make_home
from orchestration.cli.run import run_session
from orchestration.cli.session import open_session
from resources.base.clock import Clock
from resources.base.database.postgres import stop_embedded
from resources.base.home import DEFAULT_REGIONS
from resources.stores.published.published_values import PublishedValues
from simulation.chat import make_world

TODAY = date(2026, 11, 22)
EARLIER = timedelta(days=10)
"""How long before the last day is published for the first time, so that a forecast comes true."""

_PROSE = re.compile(r"\s")
_DECIMAL = re.compile(r"[\u2212-]?\d+\.\d+")
# Two versions have different ones.
_OF_THE_CODE = frozenset({"hash", "commit", "version"})


class Midday(Clock):
    """Always 12:00 UTC of one day."""

    def now(self) -> datetime:
        return datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)


def fake_draw(totals: Any, micro_rho: int) -> NoisyTotals:
    """Noise of the size of the real one, the same for the same totals."""
    scales = NoiseScales.of(micro_rho)
    exact = {"person_days": totals.person_days, **totals.sums_milli}

    def noisy(name: str, scale: float) -> int:
        rng = random.Random(f"{name}:{sorted(exact.items())}")
        return exact[name] + round(rng.gauss(0, scale))

    return NoisyTotals(
        noisy("person_days", scales.of_count),
        {name: noisy(name, scales.of_sum_milli) for name in totals.sums_milli},
        micro_rho,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=12)
    parser.add_argument("--without-consent", type=int, default=2)
    parser.add_argument("--days", type=int, default=63)
    parser.add_argument("--people-per-day", type=int, default=150)
    parser.add_argument("--out", type=Path, required=True, help="CSV to write")
    given = parser.parse_args()
    os.environ.pop("TIDELINE_PG_URL", None)
    sys.modules[RegionRelease.__module__].draw = fake_draw
    with tempfile.TemporaryDirectory(prefix="tideline-values-") as folder:
        rows = sorted(_published(Path(folder) / "home", given))
    with given.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "place", "value"))
        writer.writerows(rows)
    print(len(rows), "values, sha256", hashlib.sha256(given.out.read_bytes()).hexdigest())


def _published(root: Path, given: argparse.Namespace) -> list[tuple[str, str, str]]:
    clock = Midday()
    last = TODAY - timedelta(days=CLOSE_AFTER_DAYS)
    first = last - timedelta(days=given.days - 1)
    make_home(
        root,
        Mode.SYNTHETIC,
        first_day=first,
        close_after_days=CLOSE_AFTER_DAYS,
        cooling_off_days=0,
        demo=True,
    )
    try:
        session = open_session(root, clock)
        world = make_world(
            regions=tuple(DEFAULT_REGIONS),
            first_day=first,
            days=given.days,
            groups=given.groups,
            without_consent=given.without_consent,
            people_per_day=given.people_per_day,
            seed=SEED,
        )
        deliver_world(session, world)
        for start, end in ((first, last - EARLIER), (last - EARLIER + timedelta(days=1), last)):
            outcome = run_session(session, start, end)
            assert not outcome.codes, outcome.codes
        stored = PublishedValues(session.url).read()
        return [*_of_table(stored), *_of_files(session.home.public)]
    finally:
        stop_embedded(root / "postgres")


def _of_table(stored: Any) -> Iterator[tuple[str, str, str]]:
    for row in stored.to_dict("records"):
        key = "/".join(str(row[name]) for name in ("region", "construct", "day"))
        for name, value in row.items():
            yield "published values", f"{key}/{name}", repr(value)


def _of_files(public: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(one for one in public.rglob("*") if one.is_file()):
        name = path.relative_to(public).as_posix()
        text = "" if path.suffix == ".png" else path.read_text("utf-8")
        if path.suffix == ".csv":
            for number, row in enumerate(csv.DictReader(text.splitlines())):
                yield from ((name, f"{number:05}/{column}", row[column]) for column in row)
        elif path.suffix == ".json":
            yield from ((name, place, value) for place, value in _leaves(json.loads(text), ""))
        elif path.suffix == ".html":
            decimals = enumerate(_DECIMAL.findall(text))
            yield from ((name, f"decimal {number:06}", value) for number, value in decimals)


def _leaves(content: Any, place: str) -> Iterator[tuple[str, str]]:
    """Numbers, days and codes, but no prose."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name not in _OF_THE_CODE:
                yield from _leaves(value, f"{place}/{name}")
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _leaves(value, f"{place}/{number:05}")
    elif not isinstance(content, str) or not _PROSE.search(content):
        yield place, repr(content)


if __name__ == "__main__":
    main()
