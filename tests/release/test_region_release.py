"""Closing a region-day on real tables: what is published, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PartitionError, ReleaseError
from assets.released.budget import MONTH_CAP
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.restricted.release import region_release
from assets.restricted.release.noise import cost_by_maps
from assets.restricted.release.region_release import RegionRelease
from assets.restricted.release.regional_value import mean_score
from resources.base.database.tables import noisy_draws, regional_values, release_steps
from resources.stores.release.release_ledger import DrawKey
from resources.stores.scores.score_store import GroupScore

LONDON = "greater_london"
MONDAY = date(2026, 9, 7)
RHO = GAUSSIAN_1.micro_rho


def test_what_is_published_is_what_was_drawn(house: Any, drawn: list[NoisyTotals]) -> None:
    house.join(6)
    for number in range(8):
        assert house.close(MONDAY + timedelta(days=number)) == "published"
    last = house.value(MONDAY + timedelta(days=7))
    assert last.estimate == mean_score(drawn[-1:], "burnout")
    assert last.value_7d == mean_score(drawn[-7:], "burnout")
    assert last.value_28d is None
    assert last.micro_rho == RHO
    assert [tuple(row)[5:7] for row in house.rows(noisy_draws)] == [
        (RHO, one.person_days) for one in drawn
    ]
    debits = [row.micro_rho for row in house.rows(release_steps) if row.step == "debited"]
    assert sum(debits) == sum(cost_by_maps(one.micro_rho) for one in drawn) == 8 * RHO


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ({0: 400}, "LARGEST_TOO_LARGE"),
        ({0: 60, 1: 60, 2: 10, 3: 10, 4: 10, 5: 9}, "TOP_TWO_TOO_LARGE"),
        (dict.fromkeys(range(6), 1), None),
    ],
)
def test_reasons_stay_restricted(house: Any, people: dict[int, int], reason) -> None:
    refs = house.join(6)
    house.scores.people = {refs[number]: count for number, count in people.items()}
    house.close(MONDAY)
    row = house.value(MONDAY)
    if reason is None:
        # Six people in all: only noise 2.4 times its spread would let the day through.
        assert house.reason(MONDAY) in {"TOO_FEW_PEOPLE", None}
        assert house.steps(MONDAY) == ["debited", "stored"]
        return
    assert (row.status, row.people_band, row.micro_rho) == ("not_published", None, None)
    assert house.reason(MONDAY) == reason
    assert house.steps(MONDAY) == []


def test_groups_of_one_employer_count_as_one(house: Any) -> None:
    house.join(4)
    house.join(3, employer="e-00000001")
    assert house.close(MONDAY) == "published"
    house.scores.groups.pop(0)
    tuesday = MONDAY + timedelta(days=1)
    assert house.close(tuesday) == "not_published"
    assert house.reason(tuesday) == "TOO_FEW_GROUPS"


BAD = {
    "NaN": lambda ref: [GroupScore(name, 12, float("nan"), 30) for name in CONSTRUCTS],  # pyright: ignore
    "a float": lambda ref: [GroupScore(name, 12, 5.0, 30) for name in CONSTRUCTS],  # pyright: ignore
    "too large": lambda ref: [GroupScore(name, 12, 6001, 30) for name in CONSTRUCTS],
    "nobody": lambda ref: [GroupScore(name, 0, 0, 30) for name in CONSTRUCTS],
    "no construct": lambda ref: [GroupScore("burnout", 12, 0, 30)],
    "a construct twice": lambda ref: [GroupScore("burnout", 12, 0, 30)] * 3,
    "people who differ": lambda ref: [
        GroupScore(name, 12 + place, 0, 30) for place, name in enumerate(CONSTRUCTS)
    ],
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_sums_are_refused_and_cost_nothing(house: Any, bad) -> None:
    house.join(6)
    house.scores.of = bad
    with pytest.raises(ReleaseError, match=r"^SUM_OUT_OF_RANGE$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_a_group_twice_is_refused_and_costs_nothing(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.join(6)
    really = RegionRelease._groups

    def twice(self, *at):
        groups, left_out = really(self, *at)
        return [*groups, groups[0]], left_out

    monkeypatch.setattr(RegionRelease, "_groups", twice)
    with pytest.raises(ReleaseError, match=r"^GROUP_TWICE$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_an_unknown_region_is_refused_and_costs_nothing(house: Any) -> None:
    house.join(6)
    with pytest.raises(PartitionError, match=r"^REGION_UNKNOWN$"):
        house.release.close("atlantis", MONDAY, GAUSSIAN_1, RHO)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_a_clock_set_back_is_refused_and_costs_nothing(house: Any) -> None:
    house.join(6)
    assert house.close(MONDAY + timedelta(days=5)) == "published"
    before = house.rows(release_steps)
    with pytest.raises(ReleaseError, match=r"^CLOCK_SET_BACK$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == before
    # A clock that is put right by some minutes is none.
    house.session.clock.moment += timedelta(days=5, minutes=-9)
    assert house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO) == "published"


def test_past_the_cap_of_a_month_nothing_is_drawn(house: Any, drawn: list[NoisyTotals]) -> None:
    house.join(6)
    house.at(MONDAY)
    now = house.session.clock.now()
    for number in range(MONTH_CAP // RHO):
        taken = DrawKey(LONDON, date(2026, 9, 1 + number % 30), "gaussian-1", 10 + number)
        assert house.ledger.debit(taken, RHO, now)
    assert house.close(MONDAY) == "not_published"
    assert house.reason(MONDAY) == "BUDGET_SPENT"
    assert drawn == []
    october = date(2026, 10, 5)
    assert house.close(october) == "published"


def test_noise_that_would_cost_another_sum_is_refused_before_it_is_paid(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.join(6)
    monkeypatch.setattr(region_release, "cost_by_maps", lambda micro_rho: micro_rho + 1)
    with pytest.raises(ReleaseError, match=r"^NOISE_COSTS_MORE$"):
        house.close(MONDAY)
    assert house.rows(release_steps) == house.rows(regional_values) == []


def test_a_day_whose_scores_are_partly_deleted_is_not_drawn(
    house: Any, drawn: list[NoisyTotals]
) -> None:
    first, *_ = house.join(7)
    house.scores.expired = frozenset({first})
    assert house.close(MONDAY) == "not_published"
    assert (house.reason(MONDAY), drawn, house.steps(MONDAY)) == ("SCORES_DELETED", [], [])


@pytest.mark.parametrize("left", [0, 5, 7])
def test_a_day_that_a_restore_lost_is_never_drawn_from_the_groups_that_are_left(
    house: Any, drawn: list[NoisyTotals], left: int
) -> None:
    refs = house.join(7)
    house.scores.lost = frozenset({MONDAY})
    house.scores.expired = frozenset(refs[left:])
    assert house.close(MONDAY) == "not_published"
    assert (house.reason(MONDAY), drawn, house.steps(MONDAY)) == ("LOST_IN_RESTORE", [], [])
    house.scores.expired = frozenset()
    assert house.close(MONDAY + timedelta(days=1)) == "published"


@pytest.mark.parametrize(
    ("count", "unread", "reason"),
    [(10, 1, None), (10, 2, "GROUPS_UNREAD"), (9, 1, "GROUPS_UNREAD")],
)
def test_a_day_of_which_a_fault_kept_more_than_a_tenth_unread_is_not_drawn(
    house: Any, drawn: list[NoisyTotals], count: int, unread: int, reason: str | None
) -> None:
    refs = house.join(count)
    assert house.close(MONDAY) == "published"
    tuesday = MONDAY + timedelta(days=1)
    house.at(tuesday)
    # Of groups that don't count nothing is said.
    kept = frozenset({*refs[:unread], "g-0000000f", "g-0000000e"})
    outcome = house.release.close(LONDON, tuesday, GAUSSIAN_1, RHO, unread=kept)
    assert (outcome, house.reason(tuesday)) == ("not_published" if reason else "published", reason)
    assert len(drawn) == (1 if reason else 2)
    assert house.steps(tuesday) == ([] if reason else ["debited", "stored"])
    if reason:
        row = house.value(tuesday)
        assert (row.estimate, row.value_7d, row.people_band, row.micro_rho) == (None,) * 4
        # Nor is it drawn a second time, of those that were spared.
        with pytest.raises(ReleaseError, match=r"^GROUPS_UNREAD$"):
            house.release.revise(DrawKey(LONDON, tuesday, GAUSSIAN_1.version), RHO)


def test_a_shadow_shares_the_day_and_shows_nothing(
    house: Any, drawn: list[NoisyTotals], monkeypatch
) -> None:
    from assets.released.method import Method

    house.join(6)
    house.at(MONDAY)
    shadow = Method("gaussian-9", RHO)
    for _ in range(2):
        house.release.close(LONDON, MONDAY, shadow, RHO // 2, shadow=True)
    assert house.rows(regional_values) == []
    assert house.release.close(LONDON, MONDAY, GAUSSIAN_1, RHO // 2) == "published"
    assert [one.micro_rho for one in drawn] == [RHO // 2, RHO // 2]
    assert house.ledger.spent(LONDON, MONDAY).in_month == RHO
    assert {row.method_version for row in house.rows(regional_values)} == {"gaussian-1"}
    assert {row.micro_rho for row in house.rows(regional_values)} == {RHO // 2}
