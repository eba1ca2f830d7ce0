import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from evaluation.validity.roc_auc import (
    FEWEST,
    NONE,
    area,
    area_estimate,
    areas,
    enough,
    gain_estimate,
    mean_estimate,
    resampled,
)

LABELS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({shown for _, shown in rows}) == 2
)


def drawn(seed: int, messages: int = 400, by: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = random.random(messages) < 0.3
    return random.normal(size=messages) + by * positive, positive


@settings(derandomize=True, deadline=None)
@given(LABELS)
def test_an_area_is_that_of_scikit_learn(rows) -> None:
    scores = np.array([score / 7 for score, _ in rows])
    positive = np.array([shown for _, shown in rows])
    assert area(scores, positive) == pytest.approx(roc_auc_score(positive, scores))
    assert area(-scores, positive) == pytest.approx(1 - area(scores, positive))


@settings(derandomize=True, deadline=None)
@given(LABELS, st.integers(0, 99))
def test_a_weighted_area_is_that_of_repeated_messages(rows, seed: int) -> None:
    scores = np.array([score / 7 for score, _ in rows])
    positive = np.array([shown for _, shown in rows])
    weights = resampled(positive, draws=3, seed=seed)
    again = [np.repeat(np.arange(len(scores)), row) for row in weights]
    expected = [area(scores[one], positive[one]) for one in again]
    np.testing.assert_allclose(areas(scores, positive, weights), expected)


def test_draws_keep_the_number_of_either_kind() -> None:
    _, positive = drawn(1)
    weights = resampled(positive, draws=50, seed=2)
    assert set(weights[:, positive].sum(axis=1)) == {positive.sum()}
    assert set(weights.sum(axis=1)) == {len(positive)}
    np.testing.assert_array_equal(weights, resampled(positive, draws=50, seed=2))
    assert (weights != resampled(positive, draws=50, seed=3)).any()


def test_an_interval_holds_the_true_area_about_as_often_as_it_says() -> None:
    # Normal scores a standard deviation apart have the area Phi(1 / sqrt 2).
    truth, held = 0.76025, 0
    for seed in range(120):
        scores, positive = drawn(seed)
        found = area_estimate(scores, positive, resampled(positive, draws=200, seed=seed))
        held += found.low <= truth <= found.high
    assert 105 <= held <= 119


@pytest.mark.parametrize("many", [0, FEWEST - 1, FEWEST])
def test_too_few_messages_of_a_kind_give_no_area(many: int) -> None:
    positive = np.arange(20) < many
    for kind in (positive, ~positive):
        found = area_estimate(np.arange(20.0), kind)
        assert enough(kind) is (many == FEWEST)
        assert (found == NONE) is (many < FEWEST)
        same = gain_estimate(np.arange(20.0), np.arange(20.0), kind, resampled(kind, draws=9))
        assert same.value == (None if many < FEWEST else 0.0)


def test_a_gain_is_paired() -> None:
    scores, positive = drawn(3)
    noisy = scores + np.random.default_rng(4).normal(size=len(scores)) / 4
    weights = resampled(positive)
    gain = gain_estimate(scores, noisy, positive, weights)
    own, other = (area_estimate(each, positive, weights) for each in (scores, noisy))
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
