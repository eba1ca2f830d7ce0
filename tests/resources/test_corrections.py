from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from made_evidence import RELEASING

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import ReleaseError
from assets.public.records.retractions import REASONS
from assets.released.noise_scales import NoisyTotals
from resources.base.database.connection import Database
from resources.base.database.tables import (
    ledger,
    regional_values,
    release_approvals,
    release_requests,
    release_steps,
    retractions,
)
from resources.stores.ledger import Kind
from resources.stores.published.published_values import PublishedValues
from resources.stores.release.corrections import Corrections, Retracted, RetractionReason
from resources.stores.release.release_ledger import DrawKey, ReleaseLedger
from resources.stores.release.release_requests import ReleaseRequests
from resources.stores.release.release_store import RegionalValue, ReleaseStore

REGION, EAST, VERSION = "greater_london", "east_of_england", "gaussian-1"
FIRST = date(2026, 9, 1)
NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
WHY = RetractionReason.SCORING_ERROR
_DAY = timedelta(days=1)


def day(number: int) -> date:
    return FIRST + number * _DAY


def closed_at(number: int) -> datetime:
    return datetime(2026, 9, 4, 6, 30, tzinfo=UTC) + number * _DAY


@pytest.fixture
def corrections(database: Database) -> Corrections:
    return Corrections(database)


@pytest.fixture
def published(database: Database):
    values = PublishedValues(database.url)
    yield values
    values._engine.dispose()


def close(
    database: Database,
    number: int,
    *,
    region: str = REGION,
    own: bool = True,
    reason: str | None = None,
    drawn: bool = True,
    pooled: tuple[str, ...] = ("value_7d", "value_28d"),
    revision: int = 0,
    at: datetime | None = None,
) -> None:
    at = at or closed_at(number)
    key = DrawKey(region, day(number), VERSION, revision)
    values = dict.fromkeys(pooled, 0.5) | ({"estimate": 0.5} if own else {})
    status = "published" if values else "not_published"
    if drawn:
        ReleaseLedger(database).debit(key, 50_000, at)
    ReleaseStore(database).close(
        key,
        [RegionalValue(construct=name, status=status, **values) for name in CONSTRUCTS],
        drawn=NoisyTotals(40, dict.fromkeys(CONSTRUCTS, 1), 50_000) if drawn else None,
        reason=reason,
        now=at,
        releasing=RELEASING,
    )


def stored(database: Database, *tables: sa.Table) -> list[list[tuple]]:
    with database.transaction() as connection:
        return [
            sorted((tuple(row) for row in connection.execute(sa.select(one))), key=repr)
            for one in tables
        ]


def scopes(database: Database) -> set[tuple[int, int, str]]:
    """What is retracted: day, revision and scope."""
    with database.transaction() as connection:
        rows = connection.execute(
            sa.select(retractions.c.day, retractions.c.revision, retractions.c.scope)
        )
        return {((row.day - FIRST).days, row.revision, row.scope) for row in rows}


def refusal(call: Callable[..., object], *args: object, **named: object) -> str:
    with pytest.raises(ReleaseError) as caught:
        call(*args, **named)
    return caught.value.code


def retract(corrections: Corrections, first: int, last: int, now: datetime = NOW) -> Retracted:
    return corrections.retract(REGION, day(first), day(last), WHY, "ana", now)


def test_the_reasons_are_the_public_ones() -> None:
    assert {one.value for one in RetractionReason} == set(REASONS)


def test_days_go_and_with_them_what_pools_them(
    corrections: Corrections, database: Database, published: PublishedValues
) -> None:
    for number in range(40):
        close(database, number, pooled=() if number < 3 else ("value_7d", "value_28d"))
    close(database, 5, region=EAST, at=closed_at(39))
    before = stored(database, regional_values, release_steps)
    done = retract(corrections, 2, 4)
    assert done == Retracted(
        closed=(day(2), day(3), day(4)),
        published=(day(2), day(3), day(4)),
        value_7d=tuple(map(day, range(3, 11))),
        value_28d=tuple(map(day, range(3, 32))),
    )
    assert scopes(database) == {
        *((number, 0, "all") for number in (2, 3, 4)),
        *((number, 0, "value_7d") for number in range(5, 11)),
        *((number, 0, "value_28d") for number in range(5, 32)),
    }
    assert stored(database, regional_values, release_steps) == before
    frame = published.read(REGION)
    burnout = frame[frame["construct"] == "burnout"].reset_index(drop=True)
    status = ["published"] * 2 + ["retracted"] * 3 + ["published"] * 35
    assert burnout["status"].to_list() == status
    assert burnout["estimate"].isna().to_list() == [one == "retracted" for one in status]
    assert burnout["value_7d"].isna().to_list() == [number < 11 for number in range(40)]
    assert burnout["value_28d"].isna().to_list() == [number < 32 for number in range(40)]
    assert set(burnout["reason"][2:32]) == {"scoring_error"}
    assert set(burnout["reason"][32:]) == {None}
    assert set(published.read(EAST)["status"]) == {"published"}


def test_it_is_on_record_once_with_who_asked(corrections: Corrections, database: Database) -> None:
    for number in range(3):
        close(database, number)
    retract(corrections, 0, 1)
    after = stored(database, retractions, ledger, release_requests)
    kinds = [(row[2], row[3], row[4], row[6]) for row in after[1]]
    kind = Kind.REGION_DAY_RETRACTED.value
    assert [one for one in kinds if one[0] == kind] == [
        (kind, REGION, day(0), 1),
        (kind, REGION, day(1), 1),
    ]
    [request] = after[2]
    assert request[1:] == (
        NOW,
        "retraction",
        "ana",
        REGION,
        day(0),
        day(1),
        None,
        None,
        "scoring_error",
    )
    assert retract(corrections, 0, 1, NOW + _DAY) == Retracted()
    assert corrections.would_retract(REGION, day(0), day(1)) == Retracted()
    assert stored(database, retractions, ledger, release_requests) == after


def test_a_wider_range_takes_what_still_stood(corrections: Corrections, database: Database) -> None:
    for number in range(4):
        close(database, number)
    retract(corrections, 1, 1)
    wider = retract(corrections, 0, 2)
    assert wider == Retracted(
        closed=(day(0), day(2)),
        published=(day(0), day(2)),
        value_7d=(day(0),),
        value_28d=(day(0),),
    )
    assert {one for one in scopes(database) if one[2] == "all"} == {
        (number, 0, "all") for number in (0, 1, 2)
    }


def test_looking_first_tells_the_same_and_does_nothing(
    corrections: Corrections, database: Database
) -> None:
    for number in range(9):
        close(database, number)
    before = stored(database, retractions, ledger, release_requests)
    planned = corrections.would_retract(REGION, day(1), day(2))
    assert stored(database, retractions, ledger, release_requests) == before
    assert retract(corrections, 1, 2) == planned


@pytest.mark.parametrize(("first", "last"), [(10, 12), (-5, -1)])
def test_open_days_are_not_retracted(
    corrections: Corrections, database: Database, first: int, last: int
) -> None:
    close(database, 0)
    before = stored(database, retractions, ledger, release_requests)
    assert refusal(retract, corrections, first, last) == "REGION_DAY_NOT_CLOSED"
    assert refusal(corrections.would_retract, REGION, day(first), day(last)) == (
        "REGION_DAY_NOT_CLOSED"
    )
    assert stored(database, retractions, ledger, release_requests) == before


def test_a_day_that_showed_nothing_goes_on_showing_nothing(
    corrections: Corrections, database: Database, published: PublishedValues
) -> None:
    close(database, 0, own=False, pooled=(), reason="TOO_FEW_GROUPS", drawn=False)
    close(database, 1)
    done = retract(corrections, 0, 0)
    # What was never drawn is in no later value.
    assert done == Retracted(closed=(day(0),))
    assert scopes(database) == {(0, 0, "all")}
    frame = published.read(REGION)
    assert set(frame[frame["day"] == day(0)]["status"]) == {"not_published"}
    assert frame["reason"].isna().all()


def test_a_held_day_takes_its_week_s_pooled_value_along(
    corrections: Corrections, database: Database
) -> None:
    for number in range(6):
        close(database, number, own=False, pooled=(), reason="POOLED_ONLY")
    close(database, 6, own=False, pooled=("value_7d",), reason="POOLED_ONLY")
    close(database, 7, pooled=())
    assert retract(corrections, 3, 3) == Retracted(closed=(day(3),), value_7d=(day(6),))
    assert scopes(database) == {(3, 0, "all"), (6, 0, "value_7d")}
    held = ReleaseStore(database).draws(REGION, VERSION, day(0), day(6))
    assert day(3) not in {one.key.day for one in held}


def test_days_closed_after_a_retraction_are_left_alone(
    corrections: Corrections, database: Database
) -> None:
    for number in range(3):
        close(database, number)
    retract(corrections, 1, 1, closed_at(2) + timedelta(hours=1))
    close(database, 3)
    close(database, 1, revision=1, pooled=(), at=closed_at(3) + timedelta(hours=1))
    close(database, 4)
    done = retract(corrections, 1, 1, closed_at(4) + timedelta(hours=1))
    # Day 3 was drawn while day 1 was retracted, day 4 with its revision; day 2 went before.
    assert (done.value_7d, done.value_28d) == ((day(4),), (day(4),))
    assert scopes(database) >= {(1, 0, "all"), (1, 1, "all"), (2, 0, "value_7d")}
    assert not {one for one in scopes(database) if one[0] == 3}


def test_a_day_that_closed_late_is_not_in_what_closed_before(
    corrections: Corrections, database: Database
) -> None:
    close(database, 1)
    close(database, 0, at=closed_at(5))
    assert retract(corrections, 0, 0).value_7d == (day(0),)


def test_what_a_superseded_draw_is_in_goes_as_well(
    corrections: Corrections, database: Database
) -> None:
    close(database, 0)
    close(database, 1)
    close(database, 0, revision=1, own=False, pooled=(), reason="TOO_FEW_GROUPS", at=closed_at(9))
    assert retract(corrections, 0, 0) == Retracted(
        closed=(day(0),), value_7d=(day(1),), value_28d=(day(1),)
    )


def test_a_revision_is_asked_for_once_the_day_is_closed(
    corrections: Corrections, database: Database
) -> None:
    close(database, 0)
    before = stored(database, release_steps)
    assert refusal(corrections.ask_revision, REGION, day(1), WHY, "ana", NOW) == (
        "REGION_DAY_NOT_CLOSED"
    )
    ref = corrections.ask_revision(REGION, day(0), WHY, "ana", NOW)
    request = ReleaseRequests(database).to_approve(ref, NOW)
    assert (request.person, request.region, request.day, request.reason) == (
        "ana",
        REGION,
        day(0),
        "scoring_error",
    )
    assert corrections.to_revise(request) == DrawKey(REGION, day(0), VERSION, 0)
    assert stored(database, release_steps) == before
    close(database, 0, revision=1, at=NOW)
    assert refusal(corrections.to_revise, request) == "REQUEST_DONE"


@pytest.mark.parametrize(
    ("person", "registered", "after", "code"),
    [
        ("ana", {"ana": 0, "bo": 0}, 0, "REVISION_NEEDS_TWO"),
        ("bo", {"bo": 0}, 0, "REVISION_NEEDS_TWO"),
        ("bo", {"ana": 0}, 0, "REVISION_NEEDS_TWO"),
        # A name that was registered anew since may be anyone's.
        ("bo", {"ana": 1, "bo": 0}, 2, "REVISION_NEEDS_TWO"),
        ("bo", {"ana": 0, "bo": 1}, 2, "REVISION_NEEDS_TWO"),
        ("bo", {"ana": 0, "bo": 0}, 15, "REQUEST_EXPIRED"),
        ("ana", {"ana": 0, "bo": 0}, 15, "REQUEST_EXPIRED"),
    ],
)
def test_two_people_are_two_and_in_time(
    corrections: Corrections,
    database: Database,
    person: str,
    registered: dict[str, int],
    after: int,
    code: str,
) -> None:
    close(database, 0)
    ref = corrections.ask_revision(REGION, day(0), WHY, "ana", NOW)
    requests = ReleaseRequests(database)
    now = NOW + after * _DAY
    since = {name: NOW + days * _DAY for name, days in registered.items()}
    assert refusal(requests.for_second_person, ref, person, since, now) == code
    both = dict.fromkeys(("ana", "bo"), NOW)
    second = requests.for_second_person(ref, "bo", both, NOW + 14 * _DAY)
    assert second.person == "ana"
    assert stored(database, release_approvals) == [[]]


def test_what_waits_for_nobody_cannot_be_approved(
    corrections: Corrections, database: Database
) -> None:
    close(database, 0)
    retract(corrections, 0, 0)
    [[request]] = stored(database, release_requests)
    for ref in (request[0], "r-00000000", ""):
        assert refusal(ReleaseRequests(database).to_approve, ref, NOW) == "REQUEST_UNKNOWN"
