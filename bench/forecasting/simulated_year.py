"""A simulated year of one region, published and forecast day by day, and its hit rates worked out.

A home on its own database: values of `platform_series` for each construct, days that are not
published, another release method from two thirds on. From each day a forecast is made as
`publish` makes it, dated three days later; one `publish` makes the release. Then
`bench/hit_rates.py` works the hit rates out from the public files alone.
"""

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from assets.core.constructs import CONSTRUCTS
from assets.core.modes import Mode
from assets.core.names import PUBLISH
from assets.core.public_files import FORECASTS
from assets.public.forecasting.vintages import Vintages
from assets.released.method import GAUSSIAN_1
from assets.released.standard_errors import BANDS
from bench.forecasting.platform_series import PlatformSeries, platform_series
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from orchestration.public import public_definitions
from orchestration.runs import run_job
from resources.base.clock import Clock
from resources.base.database.postgres import stop_embedded
from resources.base.database.tables import evidence_cards, regional_values
from resources.stores.published.published_values import PublishedValues

REGION = "greater_london"
MADE_AFTER = timedelta(days=3)
MOVED_BEFORE = 14
"""Days between the forecast whose band is moved and the last: a week ahead of it has come."""
LEAST_PEOPLE = 80
"""With fewer, weeks go by unpublished."""
_SCRIPT = Path(__file__).parents[1] / "hit_rates.py"
_METHODS = ("made-up", "made-up-2")
_NUMBERS = (
    "estimate",
    "standard_error",
    "value_7d",
    "standard_error_7d",
    "detectable_change_7d",
    "value_28d",
    "standard_error_28d",
    "detectable_change_28d",
    "people_band",
    "micro_rho",
)


def recomputed(days: int, seed: int) -> int:
    """Publish so many days, work the hit rates out, and once more with a band that was moved.

    Returns:
        0 where no line came out otherwise, and the moved band was found.
    """
    with tempfile.TemporaryDirectory(prefix="tideline-year-") as folder:
        root = Path(folder) / "home"
        first = Clock().today() - timedelta(days=days + 3)
        make_home(root, Mode.SYNTHETIC, first_day=first)
        session = open_session(root)
        try:
            _publish(session, first, days, seed)
            differ = _worked_out(session.home.public)
            _move_a_band(session.home.public, first + timedelta(days=days - 1 - MOVED_BEFORE))
            print("with one band moved:")
            return int(differ or not _worked_out(session.home.public))
        finally:
            stop_embedded(root / "postgres")


def _worked_out(public: Path) -> bool:
    told = subprocess.run([sys.executable, "-I", str(_SCRIPT), str(public)], check=False)
    return told.returncode != 0


def _move_a_band(public: Path, last_day: date) -> None:
    path = public / FORECASTS / REGION / f"{last_day}.json"
    made = json.loads(path.read_text("utf-8"))
    for row in made["constructs"][CONSTRUCTS[0]]["weeks"]:
        row[2:] = [0.9] * 4
    path.write_text(json.dumps(made), "utf-8")


def _publish(session: Session, first: date, days: int, seed: int) -> None:
    lines = list(platform_series(len(CONSTRUCTS), seed, days, least_people=LEAST_PEOPLE))
    with session.database.transaction() as connection:
        for number in range(days):
            rows = list(_rows(session, lines, first + timedelta(days=number), number, days))
            connection.execute(regional_values.insert(), rows)
            connection.execute(evidence_cards.insert(), [_card(rows)])
    values = PublishedValues(session.url)
    vintages = Vintages(session.home.public / FORECASTS)
    for number in range(days):
        day = first + timedelta(days=number)
        made_at = datetime.combine(day + MADE_AFTER, time(6), UTC)
        vintages.make(values.read(REGION, until=day), REGION, day, made_at)
    definitions = public_definitions(session.home, session.clock)
    last = first + timedelta(days=days - 1)
    with session.instance() as instance:
        code = run_job(definitions, PUBLISH, instance, region=REGION, first=last, last=last)
    if code:
        raise SystemExit(code)


def _rows(
    session: Session, lines: Sequence[PlatformSeries], day: date, number: int, days: int
) -> Iterator[dict[str, Any]]:
    for construct, one in zip(CONSTRUCTS, lines, strict=True):
        # A region's constructs are published together: the gaps of the first are those of all.
        drawn = replace(one.drawn, published=lines[0].drawn.published)
        daily, line = float(drawn.daily[number]), float(drawn.line()[number])
        published = {
            "estimate": daily,
            "standard_error": 0.04,
            "people_band": BANDS[-2][1],
            "micro_rho": GAUSSIAN_1.micro_rho,
        }
        if math.isfinite(line):
            published |= {
                "value_7d": line,
                "standard_error_7d": 0.015,
                "detectable_change_7d": 0.05,
            }
        known = published if math.isfinite(daily) else {}
        yield dict.fromkeys(_NUMBERS) | {
            "region": REGION,
            "day": day,
            "construct": construct,
            "method_version": _METHODS[int(number >= 2 * days // 3)],
            "revision": 0,
            "status": "published" if known else "not_published",
            "closed_at": session.clock.now(),
            **known,
        }


def _card(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **{name: rows[0][name] for name in ("region", "day", "method_version", "revision")},
        "closed_on": rows[0]["day"],
        "recorded": "afterwards",
        "published": rows[0]["status"] == "published",
    }
