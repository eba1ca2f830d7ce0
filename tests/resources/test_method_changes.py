from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from made_evidence import RELEASING

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from assets.released import method as methods
from assets.released.method import Method
from assets.released.noise_scales import NoisyTotals
from resources.base.database.connection import Database
from resources.base.database.tables import method_breaks, method_shadows, release_requests
from resources.stores.published.published_values import PublishedValues
from resources.stores.release.method_changes import BreakReason, MethodChanges
from resources.stores.release.release_ledger import DrawKey
from resources.stores.release.release_methods import MethodPlan, ReleaseMethods
from resources.stores.release.release_requests import ReleaseRequests
from resources.stores.release.release_store import RegionalValue, ReleaseStore

REGION, EAST, VERSION = "greater_london", "east_of_england", "gaussian-1"
FIRST = date(2026, 9, 1)
NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
TODAY = NOW.date()
SECOND = Method("gaussian-2", 50_000)
DRAWN = NoisyTotals(40, dict.fromkeys(CONSTRUCTS, 1), 25_000)
VALUES = [RegionalValue(construct=name, status="published", estimate=0.5) for name in CONSTRUCTS]
_DAY = timedelta(days=1)


def day(number: int) -> date:
    return FIRST + number * _DAY


@pytest.fixture
def changes(database: Database, monkeypatch: pytest.MonkeyPatch) -> MethodChanges:
    monkeypatch.setitem(methods.METHODS, SECOND.version, SECOND)
    return MethodChanges(database)


@pytest.fixture
def published(database: Database):
    values = PublishedValues(database.url)
    yield values
    values._engine.dispose()


def shadow_draws(database: Database, first: date, days: int, region: str = REGION) -> None:
    """Stored draws in shadow, beside published days."""
    for n in range(days):
        for version, shadow in ((SECOND.version, True), (VERSION, False)):
            key = DrawKey(region, first + n * _DAY, version)
            ReleaseStore(database).close(
                key,
                [] if shadow else VALUES,
                drawn=DRAWN,
                reason=None,
                now=NOW,
                releasing=RELEASING,
            )


def close(database: Database, number: int) -> None:
    key = DrawKey(REGION, day(number), VERSION)
    ReleaseStore(database).close(
        key, VALUES, drawn=DRAWN, reason=None, now=NOW, releasing=RELEASING
    )


def stored(database: Database, *tables: sa.Table) -> list[list[tuple]]:
    with database.transaction() as connection:
        return [
            sorted((tuple(row) for row in connection.execute(sa.select(one))), key=repr)
            for one in tables
        ]


def refusal(call: Callable[..., object], *args: object, **named: object) -> str:
    with pytest.raises(ReleaseError) as caught:
        call(*args, **named)
    return caught.value.code


def test_a_shadow_shares_the_budget_from_its_day_on(
    changes: MethodChanges, database: Database
) -> None:
    plans = ReleaseMethods(database)
    changes.start_shadow(SECOND.version, TODAY, "ana", NOW, TODAY)
    assert plans.plan(TODAY - _DAY) == MethodPlan(methods.GAUSSIAN_1)
    assert plans.plan(TODAY) == MethodPlan(methods.GAUSSIAN_1, SECOND)
    assert plans.plan(TODAY).micro_rho == 25_000
    later = TODAY + 3 * _DAY
    assert changes.stop_shadow(SECOND.version, NOW, later) == later
    assert plans.plan(later - _DAY).shadow == SECOND
    assert plans.plan(later).shadow is None
    [[request]] = stored(database, release_requests)
    assert request[2:4] == ("shadow", "ana")
    changes.start_shadow(SECOND.version, later + _DAY, "ana", NOW, later)
    assert plans.plan(later).shadow is None
    assert plans.plan(later + _DAY).shadow == SECOND


def test_a_shadow_stops_after_what_is_closed(changes: MethodChanges, database: Database) -> None:
    changes.start_shadow(SECOND.version, day(0), "ana", NOW, day(0))
    close(database, 5)
    assert changes.stop_shadow(SECOND.version, NOW, day(3)) == day(6)


@pytest.mark.parametrize(
    ("version", "from_day", "code"),
    [
        ("gaussian-9", TODAY, "METHOD_UNKNOWN"),
        ("", TODAY, "METHOD_UNKNOWN"),
        (VERSION, TODAY, "METHOD_IN_USE"),
        (SECOND.version, TODAY - _DAY, "METHOD_DAY_TAKEN"),
    ],
)
def test_what_cannot_run_in_shadow(
    changes: MethodChanges, database: Database, version: str, from_day: date, code: str
) -> None:
    assert refusal(changes.start_shadow, version, from_day, "ana", NOW, TODAY) == code
    assert stored(database, method_shadows, release_requests) == [[], []]


def test_one_shadow_at_a_time(
    changes: MethodChanges, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    third = Method("gaussian-3", 50_000)
    monkeypatch.setitem(methods.METHODS, third.version, third)
    assert refusal(changes.stop_shadow, SECOND.version, NOW, TODAY) == "SHADOW_NOT_RUNNING"
    assert refusal(changes.stop_shadow, "gaussian-9", NOW, TODAY) == "METHOD_UNKNOWN"
    changes.start_shadow(SECOND.version, TODAY, "ana", NOW, TODAY)
    before = stored(database, method_shadows)
    assert refusal(changes.start_shadow, third.version, TODAY, "ana", NOW, TODAY) == "SHADOW_RUNS"
    assert refusal(changes.stop_shadow, third.version, NOW, TODAY) == "SHADOW_NOT_RUNNING"
    assert stored(database, method_shadows) == before


def test_a_method_is_adopted_after_four_weeks_in_shadow(
    changes: MethodChanges, database: Database, published: PublishedValues
) -> None:
    changes.start_shadow(SECOND.version, day(0), "ana", NOW, day(0))
    shadow_draws(database, day(0), 28)
    from_day = TODAY + 5 * _DAY
    ref = changes.ask_adoption(
        SECOND.version, from_day, BreakReason.METHOD_IMPROVED, "ana", NOW, TODAY
    )
    assert published.breaks().empty
    request = ReleaseRequests(database).for_second_person(
        ref, "bo", dict.fromkeys(("ana", "bo"), NOW), NOW
    )
    changes.adopt(request, NOW, TODAY)
    plans = ReleaseMethods(database)
    assert plans.plan(from_day - _DAY) == MethodPlan(methods.GAUSSIAN_1, SECOND)
    assert plans.plan(from_day) == MethodPlan(SECOND)
    assert published.breaks().to_dict("records") == [
        {
            "day": from_day,
            "version_before": VERSION,
            "version_after": SECOND.version,
            "reason": "method_improved",
        }
    ]
    before = stored(database, method_breaks, method_shadows)
    assert refusal(changes.adopt, request, NOW, TODAY) == "REQUEST_DONE"
    assert refusal(
        changes.ask_adoption, SECOND.version, from_day, BreakReason.SCORES_CHANGED, "a", NOW, TODAY
    ) in {"METHOD_IN_USE", "REQUEST_DONE"}
    # Nor may anything be set before a break that is set.
    assert refusal(changes.start_shadow, VERSION, from_day, "ana", NOW, TODAY) == (
        "METHOD_DAY_TAKEN"
    )
    assert stored(database, method_breaks, method_shadows) == before
    # Back to the first one, the second does not come back as a shadow by itself.
    changes.start_shadow(VERSION, from_day + _DAY, "ana", NOW, TODAY)
    assert plans.plan(from_day + _DAY) == MethodPlan(SECOND, methods.GAUSSIAN_1)


@pytest.mark.parametrize(
    ("london", "east", "since"),
    [
        (27, 0, 0),  # a day too few
        (28, 3, 0),  # enough in one region, not in another that published
        (28, 0, 1),  # the first day was before the shadow's
        (0, 0, 0),  # nothing at all
    ],
)
def test_a_shadow_that_was_too_short(
    changes: MethodChanges, database: Database, london: int, east: int, since: int
) -> None:
    changes.start_shadow(SECOND.version, day(since), "ana", NOW, day(0))
    shadow_draws(database, day(0), london)
    shadow_draws(database, day(0), east, EAST)
    asked = (SECOND.version, TODAY, BreakReason.SCORES_CHANGED, "ana", NOW, TODAY)
    assert refusal(changes.ask_adoption, *asked) == "SHADOW_TOO_SHORT"
    assert stored(database, method_breaks) == [[]]


def test_adoption_is_refused_without_a_shadow_from_a_day_taken_or_unknown(
    changes: MethodChanges, database: Database
) -> None:
    why = BreakReason.METHOD_IMPROVED

    def asked(version: str, from_day: date) -> str:
        return refusal(changes.ask_adoption, version, from_day, why, "ana", NOW, TODAY)

    assert asked(SECOND.version, TODAY) == "SHADOW_TOO_SHORT"
    assert asked("gaussian-9", TODAY) == "METHOD_UNKNOWN"
    assert asked(VERSION, TODAY) == "METHOD_IN_USE"
    changes.start_shadow(SECOND.version, day(0), "ana", NOW, day(0))
    shadow_draws(database, day(0), 28)
    close(database, 60)
    assert asked(SECOND.version, TODAY - _DAY) == "METHOD_DAY_TAKEN"
    # The 31st of October is day 60.
    assert asked(SECOND.version, day(60)) == "METHOD_DAY_TAKEN"
    ref = changes.ask_adoption(SECOND.version, day(61), why, "ana", NOW, TODAY)
    request = ReleaseRequests(database).to_approve(ref, NOW)
    close(database, 61)
    assert refusal(changes.adopt, request, NOW, TODAY) == "METHOD_DAY_TAKEN"
    assert stored(database, method_breaks) == [[]]
