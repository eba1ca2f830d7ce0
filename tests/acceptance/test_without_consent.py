"""Groups without consent contribute nothing, and it would be seen if they did."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from assets.core.modes import Mode
from orchestration.cli.demo import deliver_world
from orchestration.cli.session import open_session
from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.base.database.tables import regional_values
from resources.stores.inbox.inbox import Inbox
from simulation.chat import World, make_world

FIRST, DAYS = date(2026, 10, 4), 8
LAST = FIRST + timedelta(days=DAYS - 1)
FIRST_READ = LAST - timedelta(days=2)
"""Groups without consent begin like all others; by then they are far from what the others feel."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(
        regions=("greater_london", "east_of_england"),
        first_day=FIRST,
        days=DAYS,
        groups=12,
        without_consent=2,
        people_per_day=32,
    )


@pytest.fixture
def released(
    tmp_path: Path,
    make_database: Callable[[], sa.URL],
    make_home_on_tables: Callable[..., Any],
    monkeypatch,
    clock,
    without_noise: None,
) -> Callable:
    def run(world: World) -> pd.Series:
        url = make_database()
        monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
        root = tmp_path / str(url.database)
        make_home_on_tables(root, Mode.SYNTHETIC, first_day=FIRST, cooling_off_days=0)
        session = open_session(root, clock)
        deliver_world(session, world)
        restricted = restricted_definitions(session.home, clock)
        with session.instance() as instance:
            for job, region in itertools.product(("collect", "release"), world.regions):
                code = run_job(
                    restricted, job, instance, region=region, first=FIRST_READ, last=LAST
                )
                assert code is None
        with session.database.transaction() as connection:
            rows = connection.execute(
                sa.select(
                    regional_values.c.region,
                    regional_values.c.construct,
                    regional_values.c.day,
                    regional_values.c.estimate,
                )
            ).all()
        frame = pd.DataFrame(rows, columns=["region", "construct", "day", "estimate"])
        return frame.set_index(["region", "construct", "day"])["estimate"].sort_index()

    return run


def test_groups_without_consent_contribute_nothing(
    world: World, released: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    really_open = Inbox.open_export

    def noting(self, export):
        opened.append(export.group_ref)
        return really_open(self, export)

    monkeypatch.setattr(Inbox, "open_export", noting)
    with_strays = released(world)
    assert len(set(opened)) == 10

    consented = tuple(group for group in world.groups if group.consented)
    alone = released(replace(world, groups=consented))
    pd.testing.assert_series_equal(with_strays, alone, check_exact=True)

    everyone = tuple(replace(group, consented=True) for group in world.groups)
    leaked = released(replace(world, groups=everyone))
    moved = (leaked - alone).groupby(level=["region", "construct"]).mean()
    assert moved["greater_london", "burnout"] > 0.02
    assert moved["east_of_england", "resistance"] > 0.02
