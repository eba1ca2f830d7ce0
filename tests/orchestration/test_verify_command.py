"""`tideline verify`, and what a release and a publication do about what it finds."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from assets.core.errors import TidelineError
from orchestration.cli import app
from orchestration.public import public_definitions
from orchestration.runs import run_job
from resources.base.database.roles import owner_url
from resources.maintenance.database_setup import as_owner
from resources.stores.published.releases import Releases

pytestmark = pytest.mark.slow
LONDON = "greater_london"
DAY = date(2026, 10, 12)


@pytest.fixture
def tideline(house: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(house.session.home.root))
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: house.session.clock)
    return lambda *words: CliRunner().invoke(app, ["verify", *map(str, words)])


def code_of(done: Result) -> str | None:
    return done.exception.code if isinstance(done.exception, TidelineError) else None


def past_the_rules(house: Any, *statements: str) -> None:
    with as_owner(owner_url(house.session.url)) as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for one in statements:
            connection.execute(sa.text(one))


def publish(house: Any) -> str | None:
    public = public_definitions(house.session.home, house.clock)
    return run_job(public, "publish", house.instance, region=LONDON, first=DAY, last=DAY)


@pytest.fixture
def published(house: Any, tideline: Callable[..., Result]) -> Sequence[str]:
    """A region's day is on the page, and one of its groups has left since."""
    refs = house.groups(5, DAY, DAY)
    assert house.run("collect", DAY) is None
    assert house.run("release", DAY) is None
    assert publish(house) is None
    house.session.ways_out.leaving.withdraw(refs[0], house.session.clock.now())
    found = tideline()
    assert (found.exit_code, code_of(found)) == (0, None), found.output
    return refs


def test_a_published_value_that_is_changed_is_told_and_not_published(
    house: Any, published: Sequence[str], tideline: Callable[..., Result]
) -> None:
    releases = Releases(house.session.home.public)
    ((day, head),) = releases.chain_heads()
    assert day == house.session.clock.today().isoformat()
    assert code_of(tideline("--head", f"{day}={head}")) is None
    assert code_of(tideline("--head", f"{day}={'0' * 64}")) == "CHAIN_HEAD_DIFFERS"
    assert code_of(tideline("--head", "yesterday=0")) == "HEAD_NOT_A_HEAD"
    past_the_rules(
        house, "UPDATE release.regional_values SET estimate = 0.99 WHERE construct = 'burnout'"
    )
    assert code_of(tideline()) == "CHAIN_ROW_CHANGED"
    numbers = releases.numbers()
    assert publish(house) == "PUBLISHED_VALUES_CHANGED"
    assert house.run("release", DAY + timedelta(days=1)) == "CHAIN_ROW_CHANGED"
    assert releases.numbers() == numbers


def test_a_withdrawal_that_is_deleted_is_told_twice(
    house: Any, tideline: Callable[..., Result]
) -> None:
    house.session.ways_out.leaving.withdraw(house.grant(), house.session.clock.now())
    assert code_of(tideline()) is None
    past_the_rules(house, "DELETE FROM restricted.consent_events WHERE kind = 'withdrawn'")
    found = tideline()
    assert code_of(found) == "CHAIN_ROW_MISSING"
    assert "JOURNAL_KNOWS_MORE" in found.output
    # Whoever put it back: that it was away stays known.
    house.session.ways_out.reconciliation.put_back(house.session.clock.now())
    found = tideline()
    assert "JOURNAL_KNOWS_MORE" not in found.output
    assert code_of(found) == "CHAIN_ROW_MISSING"
