"""The soak and the faults in their small form, and that the comparison sees what it must see."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.modes import Mode
from assets.restricted.scoring.seed_model import fit_seed_model
from bench.reliability.blows import Kill, Somewhere
from bench.reliability.disturbed import DisturbedSite
from bench.soak.days import Soak, compared, expected
from bench.soak.digest_encoder import DigestEncoder
from bench.soak.site import SimulatedClock, Site
from orchestration.cli.session import open_session
from resources.base.database.tables import vectors
from resources.maintenance.database_setup import as_owner

pytestmark = pytest.mark.slow

FIRST = date(2026, 9, 7)


@pytest.fixture
def make_site(
    tmp_path: Path,
    database_url: URL,
    make_home_on_tables: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Any]]:
    """Makes a site, of another class where one is given."""
    made: list[Site] = []
    # What measures the tests' coverage would be taken for a debugger.
    monkeypatch.setattr("resources.containment.hardening.is_watched", lambda: False)
    monkeypatch.setattr("assets.restricted.scrubbing.group_step.load_narrow_encoder", DigestEncoder)

    def make(kind: type[Site] = Site, **given: Any) -> Site:
        root, clock = tmp_path / "home", SimulatedClock(FIRST)
        make_home_on_tables(root, Mode.SYNTHETIC, first_day=FIRST)
        session = open_session(root, clock)
        for name, value in session.environment().items():
            monkeypatch.setenv(name, value)
        instance = dg.DagsterInstance.from_config(str(session.home.dagster))
        made.append(kind(session, clock, instance, fit_seed_model(DigestEncoder()), **given))
        return made[-1]

    yield make
    for site in made:
        site.instance.dispose()
        site.session.database.dispose()


def test_some_days_with_kills_are_as_the_reference_model_has_them(
    make_site: Callable[..., Any],
) -> None:
    site = make_site(DisturbedSite, disturbance=Somewhere(Kill(), every=3), chance=random.Random(1))
    soak = Soak(site, seed=3, first=FIRST, often=8)
    happened: Counter[str] = Counter()
    for one in soak.days(5):
        assert not one.wrong, (one.day, one.wrong)
        happened.update(one.events)
    assert {"deliver", "join", "withdraw", "object", "new", "notice"} <= happened.keys()
    assert happened["restore"] == happened["upgrade"] == 1
    assert len(soak.known.closed) >= 4
    assert sum(count for what, count in site.told.items() if what.endswith("killed")) >= 4
    # The comparison sees what was lost, and what is still there.
    wanted, held = expected(soak.known), site.held()
    assert not compared(wanted, held, dict(held["values"]))
    with as_owner(site.session.url) as connection:
        connection.execute(sa.update(vectors).values(destroyed=True))
    (site.session.home.keys / ("f" * 32)).write_bytes(b"x")
    wrong = " ".join(compared(wanted, site.held(), dict(held["values"])))
    assert "vectors: " in wrong
    assert "keys: " in wrong
