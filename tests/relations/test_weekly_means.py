from datetime import timedelta

import numpy as np

from assets.public.relations.release_noise import BETWEEN
from assets.public.relations.weekly_means import segments
from bench.relations import FIRST_MONDAY, REGION, WEEKDAYS, World, levels, published


def test_the_noise_is_what_weekly_means_show() -> None:
    # As many people as lie between the edges of their band, all alike, so that noise is all error.
    world = World(weeks=300, people=77.5, person_spread=0.0)
    variances, covariances = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        courses = levels(world, rng) - 0.1
        (means,) = segments(published(world, rng, courses), REGION)
        errors = means.values - courses
        kept = np.isfinite(errors[0])
        seen = np.cov(errors[:, kept])
        for first, second in ((0, 0), (1, 1), (2, 2), (0, 2)):
            known = means.noise(first, second)[BETWEEN, kept].mean()
            found = variances if first == second else covariances
            found.append(seen[first, second] / known)
    # Fewer write at weekends, which a band of the week's mean does not show: a seventh more noise.
    assert 1 <= np.mean(variances) <= 1.25
    assert 0.9 <= np.mean(covariances) <= 1.6


def test_a_missing_day_moves_no_weekly_mean() -> None:
    # Far apart weekdays, no noise to speak of, and a level that never moves.
    world = World(weeks=30, spread=0.0, person_spread=0.0, people=1e7, missing=0.3)
    rng = np.random.default_rng(2)
    (means,) = segments(published(world, rng, levels(world, rng)), REGION)
    assert np.ptp(WEEKDAYS) > 0.04
    assert np.nanmax(np.abs(means.values)) < 1e-4


def test_weeks_are_named_by_their_mondays_and_gaps_kept() -> None:
    world = World(weeks=12, missing=0)
    rng = np.random.default_rng(3)
    frame = published(world, rng, levels(world, rng))
    gap = (frame["day"] >= FIRST_MONDAY + timedelta(weeks=4)) & (
        frame["day"] < FIRST_MONDAY + timedelta(weeks=6)
    )
    (means,) = segments(frame[~gap], REGION)
    assert means.mondays == tuple(FIRST_MONDAY + timedelta(weeks=week) for week in range(12))
    assert np.flatnonzero(np.isnan(means.values[0])).tolist() == [4, 5]
    assert means.weeks == 10
    assert (means.own_noise[:, 4:6] == 0).all()
