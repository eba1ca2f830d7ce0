"""The whole by the command: mornings by groups, ranges by days, and each stage's share."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import dagster as dg

from assets.core.names import COLLECT, PUBLISH, RELEASE
from bench.morning import OPEN_DAYS, REGIONS, command, consented, deliver, made_home
from bench.suite.figures import OURS, Growth, Part, Stage, Way, part_of
from orchestration.cli.run import run_session
from orchestration.cli.session import open_session

JOBS = (COLLECT, RELEASE, PUBLISH)
A_DAY = 20
"""New messages of a group."""


def by_groups(groups: list[int], older: int) -> Part:
    """Mornings with new messages, and with none.

    Args:
        groups: numbers of groups to try, rising.
        older: messages before, in each export.
    """
    new, idle = zip(*(_mornings(count, older) for count in groups), strict=True)
    return part_of(
        growths=[
            Growth("a morning with 20 new messages a group", "groups", groups, list(new)),
            Growth("a morning with nothing new", "groups", groups, list(idle)),
        ]
    )


def by_days(days: list[int], apart: int) -> Part:
    """Ranges of days of two regions with nothing to read: what is around the stages.

    Args:
        days: of ranges, rising.
        apart: days of a range that is run as one run, and as a run for each day.
    """
    name = "a range of days with nothing to read, two regions"
    growth = Growth(name, "days", days, [_range(count) for count in days])
    return part_of([_one_run_or_many(apart)], [growth])


def by_steps(groups: int, older: int) -> Part:
    """Each step of the three jobs, over days of which some close."""
    return part_of(_stages(groups, older))


def _mornings(groups: int, older: int) -> tuple[float, float]:
    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    with made_home(today - timedelta(days=OPEN_DAYS)) as home:
        session = open_session(home)
        refs = consented(session, groups)
        deliver(session, refs, older, A_DAY, yesterday - timedelta(days=1))
        _run(home, yesterday - timedelta(days=1), yesterday - timedelta(days=1))
        deliver(session, refs, older, A_DAY, yesterday)
        spent = _run(home, yesterday, yesterday), _run(home, yesterday, yesterday)
        session.database.dispose()
    return spent


def _range(days: int) -> float:
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=days), today - timedelta(days=1)
    with made_home(first) as home:
        return _run(home, first, last)


def _one_run_or_many(days: int) -> Stage:
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=days), today - timedelta(days=1)
    with made_home(first) as home:
        one = _run(home, first, last)
    with made_home(first) as home:
        each = [first + timedelta(days=number) for number in range(days)]
        # A run of its own for each partition starts a process, as Dagster's launcher does; here it
        # takes both regions of the day, so Dagster's own way costs up to twice this.
        many = sum(_run(home, day, day) for day in each)
    amount = days * len(REGIONS)
    ways = [Way(OURS, one / amount), Way("one Dagster run for each day", many / amount)]
    return Stage("a range of days, orchestration alone", "region-day", amount, ways)


def _run(home: Path, first: date, last: date) -> float:
    cost = command(home, "run", "--from", str(first), "--to", str(last))
    return cost.cpu_seconds + cost.postgres_cpu_seconds


def _stages(groups: int, older: int) -> list[Stage]:
    """Each step of the three jobs over a morning and the days that close, in this process."""
    today = datetime.now(UTC).date()
    first, yesterday = today - timedelta(days=OPEN_DAYS + 2), today - timedelta(days=1)
    with made_home(first) as home:
        session = open_session(home)
        deliver(session, consented(session, groups), older, A_DAY, yesterday)
        with _timed_steps() as spent:
            run_session(session, first, yesterday)
        session.database.dispose()
    region_days = (yesterday - first).days * len(REGIONS)
    return [
        Stage(f"step {name}", "region-day", region_days, [Way(OURS, seconds / region_days)])
        for name, seconds in spent.items()
    ]


@contextmanager
def _timed_steps() -> Iterator[dict[str, float]]:
    """CPU-seconds of this process from the start of each step to its end, in order."""
    spent: dict[str, float] = defaultdict(float)
    began: dict[str, float] = {}
    kept = dg.DagsterInstance.handle_new_event

    def noting(instance: dg.DagsterInstance, entry: Any, *rest: Any, **named: Any) -> Any:
        event = entry.dagster_event
        # Not those of the seal's canary.
        if event is not None and event.step_key is not None and entry.job_name in JOBS:
            if event.event_type is dg.DagsterEventType.STEP_START:
                began[event.step_key] = process_time()
            elif (
                event.event_type
                in (
                    dg.DagsterEventType.STEP_SUCCESS,
                    dg.DagsterEventType.STEP_FAILURE,
                )
                and event.step_key in began
            ):
                spent[event.step_key] += process_time() - began.pop(event.step_key)
        return kept(instance, entry, *rest, **named)

    dg.DagsterInstance.handle_new_event = noting  # type: ignore[method-assign]
    environment = dict(os.environ)
    try:
        yield spent
    finally:
        dg.DagsterInstance.handle_new_event = kept  # type: ignore[method-assign]
        os.environ.clear()
        os.environ.update(environment)
