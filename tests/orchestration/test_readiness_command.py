import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from assets.core.errors import PartitionError
from assets.released.thresholds import MIN_DAYS_FOR_VALUE_28D
from orchestration.cli import app
from orchestration.cli.session import Session
from resources.base.clock import Clock
from resources.base.database.tables import metadata
from simulation.consents import made_up_terms


@pytest.fixture
def tideline(session: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    return lambda *words: CliRunner().invoke(app, ["readiness", *(str(word) for word in words)])


def grant(session: Session, region: str, count: int, employer_ref: str | None = None) -> None:
    today = Clock().today()
    for _ in range(count):
        terms = made_up_terms(
            today - timedelta(days=60),
            today + timedelta(days=300),
            region,
            employer_ref=employer_ref,
        )
        session.register.grant(terms, Clock().now())


def rows(session: Session) -> dict[str, int]:
    with session.database.transaction() as connection:
        return {
            one.fullname: connection.execute(sa.select(sa.func.count()).select_from(one)).scalar()
            or 0
            for one in metadata.sorted_tables
        }


def told(result: Result, word: str) -> list[str]:
    assert result.exit_code == 0, result.output
    return [line for line in result.stdout.splitlines() if word in line]


def test_an_empty_register_is_told_what_it_needs(tideline, session: Session) -> None:
    before = rows(session)
    shown = tideline()
    assert rows(session) == before
    for region in session.home.config.regions.values():
        assert told(shown, f"{region}: 0 groups now")
    assert told(shown, "Assumed, not measured")
    of_lines = [line.split() for line in told(shown, "of regions")]
    assert [one[-1] for one in of_lines if one[0] == "4-weekly"] == ["7", "7"]
    assert len(told(shown, "Publish nothing yet: a day needs 5 groups")) == 2
    assert len(told(shown, "recruit groups of further employers, 7 for 4-weekly")) == 2


def test_a_pilot_of_8_groups_is_told_its_headline(tideline, session: Session) -> None:
    grant(session, "greater_london", 8)
    shown = tideline("--region", "greater_london")
    [verdict] = told(shown, "Publish")
    assert "Publish the 4-weekly line" in verdict
    assert "headline: {greater_london: value_28d}" in verdict
    assert "East of England" not in shown.stdout
    assert told(shown, "fewer than 30 people")


def test_groups_that_wait_and_groups_of_one_employer_are_told(tideline, session: Session) -> None:
    grant(session, "greater_london", 3)
    grant(session, "greater_london", 4, "e-00000001")
    shown = tideline("--region", "greater_london")
    assert told(shown, "0 groups now, 7 waiting")
    assert told(shown, "7 of these groups don't count yet (a region begins with 5 of different")
    assert told(shown, "groups of one employer count as one; here 4 would count")


def test_what_is_assumed_can_be_given(tideline, session: Session) -> None:
    grant(session, "greater_london", 8)
    started = time.process_time()
    shown = tideline("--region", "greater_london", "--median-size", 12, "--posting", 0.1)
    assert time.process_time() - started < 5
    assert told(shown, "the middle group has 12 members; 10% of a group write on a weekday and 5%")
    assert told(shown, "Publish nothing yet: even a 4-weekly line")


def test_an_unknown_region_is_refused(tideline) -> None:
    error = tideline("--region", "atlantis").exception
    assert isinstance(error, PartitionError)
    assert error.code == "REGION_UNKNOWN"


def test_it_says_when_by_the_days_that_may_still_close(tideline, session: Session) -> None:
    grant(session, "greater_london", 8)
    shown = tideline("--region", "greater_london")
    [when] = told(shown, "When:")
    home, today = session.home.config, Clock().today()
    first = max(home.first_day, today - timedelta(days=home.score_lifetime_days))
    # The 12th of the days that may still close fills four weeks enough.
    value_on = first + timedelta(days=MIN_DAYS_FOR_VALUE_28D - 1)
    closes = max(today, value_on + timedelta(days=home.close_after_days))
    assert f"count from {first} on; the 4-weekly line" in when
    assert f"value on {value_on} at the earliest" in when
    assert f"{closes}." in shown.stdout.split()


def test_what_if_nine_groups(tideline, session: Session) -> None:
    before = rows(session)
    shown = tideline("--region", "greater_london", "--groups", 9)
    assert rows(session) == before
    assert told(shown, "What if: 9 groups of different employers")
    assert told(shown, "9 groups now")
    assert told(shown, "Publish the 4-weekly line")
    [when] = told(shown, "When:")
    today = Clock().today()
    value_on = today + timedelta(days=MIN_DAYS_FOR_VALUE_28D - 1)
    assert f"count from {today} on" in when
    assert f"on {value_on} at the earliest" in when
    closes = value_on + timedelta(days=session.home.config.close_after_days)
    assert f"{closes}." in shown.stdout.split()
    assert told(tideline("--region", "greater_london", "--groups", 4), "a day needs 5 groups")
