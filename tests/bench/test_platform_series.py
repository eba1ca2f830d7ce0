import numpy as np
import pytest

from bench.forecasting.platform_series import OTHER_TRUTHS, TRUTHS, platform_series

DAYS, AHEAD, FUTURES = 182, 28, 60


def made(truth, count=12):
    return list(platform_series(count, 3, DAYS, truths=(truth,)))


@pytest.mark.parametrize("truth", [*TRUTHS, *OTHER_TRUTHS])
def test_futures_go_on_from_where_the_level_was(truth):
    # By a week on only days to come are in the mean, and in it most of the level of the last days.
    ends, weeks = [], []
    for one in made(truth, 16):
        futures = one.futures(np.random.default_rng(1), AHEAD, FUTURES)
        assert futures.shape == (FUTURES, AHEAD)
        ends.append(np.nanmean(one.region.means(one.off, one.index)[-7:]))
        weeks.append(np.nanmean(futures[:, 6]))
    assert np.corrcoef(ends, weeks)[0, 1] > 0.9


def test_each_other_truth_moves_as_it_says():
    steps, levels = made("steps"), made("two_levels")
    assert 0 < np.mean([np.mean(np.diff(one.off) != 0) for one in steps]) < 0.06
    for one in levels:
        assert abs(one.off) == pytest.approx(one.region.spread)
    assert any(len(set(np.sign(one.off))) == 2 for one in levels)
    shocks = [
        np.diff(one.off) / one.region.spread / np.sqrt(1 - one.region.persistence**2)
        for one in made("bursts", 40)
    ]
    far = np.mean(abs(np.concatenate(shocks)) > 3)
    assert far > 0.01
    (season, *_) = made("season", 1)
    still = np.zeros(len(season.index))
    # Of half a year a season shows a rise or a fall of its own.
    assert np.ptp(season.region.means(still, season.index)) > season.region.spread
