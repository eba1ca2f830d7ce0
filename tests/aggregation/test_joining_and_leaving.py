"""Groups that come and go, as region-days close one after another."""

from datetime import date, timedelta
from typing import Any

from assets.aggregation.method import GAUSSIAN_1
from assets.aggregation.noise_scales import NoisyTotals
from assets.aggregation.regional_value import mean_score

LONDON = "greater_london"
MONDAY = date(2026, 9, 7)
RHO = GAUSSIAN_1.micro_rho


def test_the_week_of_a_withdrawal_shows_its_pooled_value_alone(
    house: Any, drawn: list[NoisyTotals], sizes: list[int]
) -> None:
    leaver, *_ = house.join(8)
    assert house.letters(MONDAY, 8) == "pppppppp"
    house.withdraw(leaver)
    first = MONDAY + timedelta(days=8)
    assert house.letters(first, 13) == "nnnnnnw" + "pppppp"
    pooled = house.value(first + timedelta(days=6))
    assert pooled.value_7d == mean_score(drawn[8:15], "burnout")
    assert (pooled.estimate, pooled.standard_error, pooled.value_28d) == (None, None, None)
    assert pooled.standard_error_7d > 0
    assert set(sizes[8:]) == {7}
    # Days of that week stand in no later value: the next needs four days of its own.
    after = [house.value(first + timedelta(days=7 + number)).value_7d for number in range(6)]
    assert [one is None for one in after] == [True, True, True, False, False, False]
    assert after[3] == mean_score(drawn[15:19], "burnout")


def test_groups_that_join_wait_for_each_other(house: Any, sizes: list[int]) -> None:
    house.join(6)
    assert house.letters(MONDAY, 2) == "pp"
    house.join(2, valid_from=MONDAY + timedelta(days=2))
    assert house.letters(MONDAY + timedelta(days=2), 12) == "p" * 12
    house.join(1, valid_from=MONDAY + timedelta(days=15))
    # A batch of three enters on the Monday after, with no pooled week.
    assert house.letters(MONDAY + timedelta(days=14), 8) == "p" * 8
    assert sizes == [6] * 21 + [9]


def test_consents_that_send_nothing_make_no_batch(house: Any, sizes: list[int]) -> None:
    house.join(6)
    never = date(2026, 12, 30)
    assert house.letters(MONDAY, 1) == "p"
    one, *sham = house.join(3, valid_from=MONDAY + timedelta(days=1))
    house.scores.since = {**dict.fromkeys(sham, never), one: MONDAY}
    assert house.letters(MONDAY + timedelta(days=1), 20) == "p" * 20
    assert set(sizes) == {6}
    # Nor does a founder that sends its first day late come in alone.
    house.scores.since = dict.fromkeys(sham, MONDAY + timedelta(days=22))
    assert house.letters(MONDAY + timedelta(days=21), 8) == "p" * 8
    assert sizes[21:] == [6] * 7 + [9]


def test_an_event_recorded_by_a_clock_set_back_changes_no_closed_day(
    house: Any, sizes: list[int]
) -> None:
    leaver, *_ = house.join(8)
    assert house.letters(MONDAY, 5) == "ppppp"
    house.session.clock.moment -= timedelta(days=10)
    house.withdraw(leaver)
    assert house.letters(MONDAY + timedelta(days=5), 7) == "nnnnnnw"
    assert sizes == [8] * 5 + [7] * 7
