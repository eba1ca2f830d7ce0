import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.roc_auc import (
    FEWEST,
    NONE,
    area,
    area_estimate,
    enough,
    gain_estimate,
    mean_estimate,
)

LABELS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({shown for _, shown in rows}) == 2
)


def drawn(seed: int, messages: int = 400, by: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = random.random(messages) < 0.3
    return random.normal(size=messages) + by * positive, positive


def by_pairs(scores: np.ndarray, positive: np.ndarray) -> float:
    """The definition, which the hand-written area also gave: the share of pairs in order."""
    gaps = scores[positive][:, None] - scores[~positive][None, :]
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))


@settings(derandomize=True)
@given(LABELS)
def test_an_area_is_the_share_of_pairs_in_order(rows) -> None:
    scores = np.array([score / 7 for score, _ in rows])
    positive = np.array([shown for _, shown in rows])
    assert area(scores, positive) == pytest.approx(by_pairs(scores, positive), abs=1e-12)
    assert area(-scores, positive) == pytest.approx(1 - area(scores, positive))


def test_the_interval_is_that_of_areas_of_messages_drawn_apart_for_either_kind() -> None:
    # What stood before drew by NumPy's multinomial; only the draws differ.
    scores, positive = drawn(1)
    scores = np.round(scores, 1)
    random = np.random.default_rng(2)
    kinds = [np.flatnonzero(positive), np.flatnonzero(~positive)]
    again = [np.concatenate([random.choice(one, len(one)) for one in kinds]) for _ in range(2000)]
    low, high = np.percentile([by_pairs(scores[one], positive[one]) for one in again], [2.5, 97.5])
    found = area_estimate(scores, positive, draws=2000)
    assert found.value == pytest.approx(by_pairs(scores, positive), abs=1e-12)
    assert (found.low, found.high) == (pytest.approx(low, abs=4e-3), pytest.approx(high, abs=4e-3))
    assert found == area_estimate(scores, positive, draws=2000)
    assert found != area_estimate(scores, positive, draws=2000, seed=6)


def test_an_interval_holds_the_true_area_about_as_often_as_it_says() -> None:
    # Normal scores a standard deviation apart have the area Phi(1 / sqrt 2).
    truth, held = 0.76025, 0
    for seed in range(120):
        scores, positive = drawn(seed)
        found = area_estimate(scores, positive, draws=200, seed=seed)
        held += found.low <= truth <= found.high
    assert 105 <= held <= 119


@pytest.mark.parametrize("many", [0, FEWEST - 1, FEWEST])
def test_too_few_messages_of_a_kind_give_no_area(many: int) -> None:
    positive = np.arange(20) < many
    for kind in (positive, ~positive):
        found = area_estimate(np.arange(20.0), kind)
        assert enough(kind) is (many == FEWEST)
        assert (found == NONE) is (many < FEWEST)
        same = gain_estimate(np.arange(20.0), np.arange(20.0), kind, draws=9)
        assert same.value == (None if many < FEWEST else 0.0)


def test_a_gain_is_paired() -> None:
    scores, positive = drawn(3)
    noisy = scores + np.random.default_rng(4).normal(size=len(scores)) / 4
    gain = gain_estimate(scores, noisy, positive)
    own, other = (area_estimate(each, positive) for each in (scores, noisy))
    assert gain.value == pytest.approx(own.value - other.value)
    # The same draws for both leave a far narrower interval than either has.
    assert gain.high - gain.low < (own.high - own.low) / 2


def test_a_mean_within_parts_leaves_out_what_differs_between_them() -> None:
    random = np.random.default_rng(6)
    part = np.repeat([0, 1], 300)
    positive = random.random(600) < np.where(part, 0.7, 0.2)
    # The score tells the part alone, so it tells labels only between parts.
    scores = part + random.normal(size=600) / 100
    rows = [np.flatnonzero(part == one) for one in (0, 1)]
    assert area(scores, positive) > 0.7
    found = mean_estimate(scores, positive, rows)
    assert found.low < 0.5 < found.high
    assert found.value == pytest.approx(np.mean([area(scores[one], positive[one]) for one in rows]))
    assert mean_estimate(scores, np.zeros(600, bool), rows) == NONE
