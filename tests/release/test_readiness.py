import itertools
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

import numpy as np
import pytest

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoisyTotals
from assets.released.standard_errors import BANDS, PERSON_DAY_SD, noise_error, public_errors
from assets.released.thresholds import MIN_PEOPLE
from assets.restricted.release.region_totals import GroupSums, suppression
from evaluation.readiness.group_status import group_status
from evaluation.readiness.publishable import (
    DAILY,
    FOUR_WEEKLY,
    LARGEST_CHANGE_TO_SHOW,
    LINES,
    WEEKLY,
    readiness,
)
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.release.closing import Closing
from simulation.region import PUBLISHED, RULES, Assumed, refused, simulated_days

TODAY = date(2026, 10, 14)
NOW = datetime.combine(TODAY, clock_time(9), UTC)


def groups(count: int) -> list[str]:
    return [f"e-{number:08d}" for number in range(count)]


def test_the_rules_over_arrays_are_those_of_a_release() -> None:
    chance = np.random.default_rng(1)
    shape = (8, 3000)
    # Sizes from nothing to one group that outweighs all others, so that each rule decides often.
    people = chance.integers(0, 12, shape) * chance.integers(0, 2, shape)
    people[0] += chance.integers(0, 60, shape[1])
    people[1] += chance.integers(0, 40, shape[1])
    seen = set()
    for day, outcome in zip(people.T, refused(people, np.full(shape[1], 30.0)), strict=True):
        sums = [
            GroupSums(f"g-{place}", f"e-{place}", int(wrote), dict.fromkeys(CONSTRUCTS, 0))
            for place, wrote in enumerate(day)
            if wrote
        ]
        expected = suppression(sums)
        seen.add(expected)
        assert (None if outcome == PUBLISHED else RULES[outcome - 1]) == expected
    assert seen == {None, *RULES[:3]}


@pytest.mark.parametrize(("noisy", "shown"), [(29.0, False), (30.0, True)])
def test_the_noisy_count_decides_last(noisy: float, shown: bool) -> None:
    assert MIN_PEOPLE == 30
    [outcome] = refused(np.full((6, 1), 9), np.array([noisy]))
    assert bool(outcome == PUBLISHED) is shown
    assert shown or RULES[outcome - 1] == "TOO_FEW_PEOPLE"


def test_a_pilot_of_8_groups_gets_a_four_weekly_line() -> None:
    found = readiness(groups(8))
    assert found.line is FOUR_WEEKLY
    assert found.headline == "value_28d"
    outlook = found.outlooks[FOUR_WEEKLY]
    assert outlook.detectable_change is not None
    assert outlook.detectable_change < LARGEST_CHANGE_TO_SHOW
    assert 0.05 < found.days_suppressed < found.suppressed_in_one_of_ten < 0.6
    assert set(found.suppressed) == set(RULES)
    further = found.outlooks[WEEKLY].further_groups
    assert further is not None
    assert readiness(groups(8 + further)).headline == "value_7d"
    assert readiness(groups(8 + further - 1)).headline == "value_28d"


def test_more_groups_never_do_worse() -> None:
    ladder = [readiness(groups(count)) for count in (0, 4, 5, 6, 8, 12, 20, 45)]
    for line in LINES:
        held = [one.outlooks[line].regions_held for one in ladder]
        # One more group can be a very large one, in a few made-up regions of 300.
        assert all(after >= before - 0.02 for before, after in itertools.pairwise(held))
        assert held[0] == 0
        missing = [one.outlooks[line].further_groups for one in ladder]
        # None, more than the search tries, comes first; then ever fewer.
        known = [one for one in missing if one is not None]
        assert missing == [None] * (len(missing) - len(known)) + sorted(known, reverse=True)
    telling = [(*LINES, None).index(one.line) for one in ladder]
    assert telling == sorted(telling, reverse=True)
    assert telling[-1] < telling[0]


def test_groups_of_one_employer_are_one() -> None:
    one_employer = readiness(["e-1"] * 12)
    assert (one_employer.groups, one_employer.employers) == (12, 1)
    assert one_employer.line is None
    assert one_employer.suppressed["TOO_FEW_GROUPS"] == 1
    four = readiness([f"e-{number % 4}" for number in range(12)])
    assert four.line is None
    assert four.outlooks[FOUR_WEEKLY].further_groups in range(1, 4)
    six = readiness([f"e-{number % 6}" for number in range(12)])
    assert 0 <= six.suppressed["TOO_FEW_GROUPS"] < 0.05


def test_nothing_is_made_of_nothing() -> None:
    nothing = readiness([])
    assert nothing.line is nothing.headline is None
    assert nothing.days_suppressed == 1
    assert all(one.detectable_change is None for one in nothing.outlooks.values())
    assert nothing.outlooks[FOUR_WEEKLY].further_groups == 7


def test_what_is_assumed_matters_and_luck_does_not() -> None:
    assert readiness(groups(8)) == readiness(groups(8))
    assert readiness(groups(8), Assumed(posting=0.05)).line is None
    large = readiness(groups(30), Assumed(median_size=200))
    assert large.line is DAILY
    assert large.headline == "value_7d"
    few = simulated_days(groups(8), Assumed(), GAUSSIAN_1)
    assert few.noisy_people[:, :5].mean() > 1.5 * few.noisy_people[:, 5:7].mean()


def test_the_bar_keeps_the_noise_of_daily_values_below_their_sampling_error() -> None:
    for people, _ in BANDS:
        drawn = NoisyTotals(people, dict.fromkeys(CONSTRUCTS, 0), GAUSSIAN_1.micro_rho)
        passes = public_errors([drawn]).detectable_change <= LARGEST_CHANGE_TO_SHOW
        noise = noise_error(people, 1, GAUSSIAN_1.micro_rho)
        # Both bars fall between two bands, but for one in which noise is 3 % larger.
        assert passes is (noise <= 1.05 * PERSON_DAY_SD / people**0.5)


def test_the_answer_is_quick() -> None:
    started = time.process_time()
    readiness(groups(60), Assumed(median_size=46))
    assert time.process_time() - started < 5


def span(number: int, since: date, *, until: int = 300, employer: int | None = None) -> ConsentSpan:
    last = TODAY + timedelta(days=until)
    return ConsentSpan(
        group_ref=f"g-{number:08d}",
        employer_ref=f"e-{number if employer is None else employer:08d}",
        valid_from=since,
        valid_until=last,
        recorded_at=min(NOW, datetime.combine(since, clock_time(8), UTC)),
        withdrawn_at=None,
        runs_out_at=datetime.combine(last + timedelta(days=1), clock_time(), UTC),
    )


def closings(days: int) -> list[Closing]:
    return [
        Closing(day, datetime.combine(day + timedelta(days=3), clock_time(6), UTC))
        for day in (TODAY - timedelta(days=number) for number in range(3, 3 + days))
    ]


LONG_AGO = TODAY - timedelta(days=60)


def test_a_region_begins_with_five_employers() -> None:
    four = [span(number, LONG_AGO) for number in range(4)]
    waiting = group_status(four, [], TODAY, NOW)
    assert (len(waiting.counted), len(waiting.waiting), waiting.joining_on) == (0, 4, None)
    same = group_status([*four, span(9, LONG_AGO, employer=0)], [], TODAY, NOW)
    assert (len(same.counted), len(same.waiting)) == (0, 5)
    assert len(set(same.consented)) == 4
    five = group_status([*four, span(9, LONG_AGO)], [], TODAY, NOW)
    assert (len(five.counted), len(five.waiting)) == (5, 0)


def test_a_group_that_comes_alone_waits_for_others_or_eight_weeks() -> None:
    since = TODAY - timedelta(days=1)
    spans = [*(span(number, LONG_AGO) for number in range(8)), span(20, since)]
    found = group_status(spans, closings(50), TODAY, NOW)
    assert (len(found.counted), found.waiting) == (8, ("e-00000020",))
    assert found.joining_on is not None
    assert found.joining_on.weekday() == 0
    assert timedelta(weeks=7) < found.joining_on - since <= timedelta(weeks=8)
    batch = [*spans, span(21, since), span(22, since)]
    assert group_status(batch, closings(50), TODAY, NOW).joining_on == date(2026, 10, 19)


def test_groups_that_come_later_or_leave_soon_are_told() -> None:
    spans = [
        *(span(number, LONG_AGO) for number in range(6)),
        span(6, LONG_AGO, until=20),
        *(span(number, TODAY + timedelta(days=5)) for number in range(7, 10)),
    ]
    found = group_status(spans, closings(50), TODAY, NOW)
    assert (len(found.counted), len(found.waiting), len(found.later)) == (7, 0, 3)
    assert found.ending == 1
    assert found.joining_on == date(2026, 10, 19)
    assert len(found.consented) == 10


def test_an_empty_register_has_nobody() -> None:
    found = group_status([], [], TODAY, NOW)
    assert (found.consented, found.ending, found.joining_on) == ((), 0, None)
