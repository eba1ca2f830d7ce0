import numpy as np
import pytest

from assets.aggregation.noise_scales import NoiseScales
from assets.aggregation.standard_errors import BANDS
from assets.governance.errors import PublicationError, ReleaseError
from assets.relations.release_noise import BETWEEN, FEWEST, MOST, noise_variances, people_of


@pytest.mark.parametrize(
    ("band", "fewest", "most"),
    [("30-39", 30, 40), ("40-59", 40, 60), ("150-249", 150, 250), ("250-499", 250, 500)],
)
def test_people_of_a_band(band: str, fewest: int, most: int) -> None:
    people = people_of([band])
    assert people[[FEWEST, MOST], 0].tolist() == [fewest, most]
    assert people[BETWEEN, 0] == pytest.approx((fewest * most) ** 0.5)


def test_every_published_band_is_known_and_no_other() -> None:
    names = [name for _, name in BANDS]
    assert people_of(names)[FEWEST].tolist() == [least for least, _ in BANDS]
    assert (np.diff(people_of(names), axis=0) > 0).all()
    with pytest.raises(PublicationError, match="PUBLISHED_TABLE_INVALID"):
        people_of([*names, "10-29"])


def test_variances_are_those_of_the_mean_that_is_published() -> None:
    rng = np.random.default_rng(3)
    people, means, draws = 400, np.array([0.2, 0.35]), 40_000
    scales = NoiseScales.of(50_000)
    count = people + rng.normal(0, scales.of_count, draws)
    noise = rng.normal(0, scales.of_sum_milli / 1000, (2, draws))
    sums = people * (means[:, None] - 0.5) + noise
    seen = np.cov(sums / count + 0.5)
    own, of_count = (each[0, 0] for each in noise_variances([50_000], np.full((3, 1), people)))
    from_middle = means - 0.5
    assert seen.diagonal() == pytest.approx(own + from_middle**2 * of_count, rel=0.03)
    assert seen[0, 1] == pytest.approx(from_middle.prod() * of_count, rel=0.1)


def test_variances_follow_the_budget() -> None:
    own, of_count = noise_variances([50_000, 20_000], np.full((3, 2), 1000.0))
    assert own[:, 1] / own[:, 0] == pytest.approx(2.5, rel=0.05)
    assert of_count[:, 1] / of_count[:, 0] == pytest.approx(2.5, rel=0.05)
    with pytest.raises(ReleaseError, match="BUDGET_NOT_DIVISIBLE"):
        noise_variances([49_999], np.full((3, 1), 100.0))
