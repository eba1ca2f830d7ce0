import numpy as np
import pytest

from evaluation.leaks.attacks import (
    inversion,
    membership,
    retrieval,
    retrieval_from_means,
    word_presence,
)

POOL = 800


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pool(width: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(POOL, width)))


@pytest.mark.parametrize(("noise", "low", "high"), [(0.0, 1, 1), (0.2, 0.05, 0.95), (50, 0, 0.02)])
def test_retrieval_falls_with_noise(noise: float, low: float, high: float) -> None:
    candidates, draw = pool(64), np.random.default_rng(1)
    truth = draw.permutation(POOL)[:300]
    stored = candidates[truth] + noise * draw.normal(size=(300, 64))
    found = retrieval(stored, candidates, truth)
    assert low <= found.top_1 <= high
    assert found.top_1 <= found.top_10
    assert (found.targets, found.pool, found.chance) == (300, POOL, 1 / POOL)


def test_what_is_the_same_for_all_tells_nothing() -> None:
    candidates = np.ones((POOL, 3))
    found = retrieval(candidates[:50], candidates, np.arange(50))
    assert (found.top_1, found.top_10) == (pytest.approx(1 / POOL), pytest.approx(10 / POOL))


def test_rows_in_another_order_are_found_all_the_same() -> None:
    candidates = pool(8)
    assert retrieval(candidates[::-1], candidates, np.arange(POOL)[::-1]).top_1 == 1


def test_inversion_reads_words_from_vectors_and_not_from_chance() -> None:
    draw = np.random.default_rng(4)
    words = draw.random((POOL, 20)) < 0.1
    vectors = unit(words @ draw.normal(size=(20, 48)) + 0.05 * draw.normal(size=(POOL, 48)))
    other = pool(48, seed=9)
    for stored, told in ((vectors, True), (other, False)):
        found = inversion(stored[:500], words[:500], stored[500:], words[500:])
        assert found.targets == POOL - 500
        assert (found.word > 0.5) == told
        assert found.commonest < 0.2


@pytest.mark.parametrize(
    ("width", "size", "low", "high"),
    [(3, 1, 1, 1), (3, 2, 0, 0.1), (3, 60, 0, 0.02), (64, 2, 0.5, 0.5), (64, 200, 0, 0.05)],
)
def test_a_mean_gives_away_less_the_more_went_into_it(
    width: int, size: int, low: float, high: float
) -> None:
    candidates, draw = pool(width), np.random.default_rng(2)
    members = [draw.choice(POOL, size, replace=False) for _ in range(20)]
    means = np.stack([candidates[own].mean(axis=0) for own in members])
    found = retrieval_from_means(means, members, candidates)
    assert low <= found.top_1 <= high
    assert found.targets == 20 * size


def test_membership_of_small_groups_and_of_large_ones() -> None:
    candidates, areas = pool(64), []
    for size in (3, 20, 200):
        draw = np.random.default_rng(6)
        members = [draw.choice(POOL, size, replace=False) for _ in range(15)]
        means = np.stack([candidates[own].mean(axis=0) for own in members])
        areas.append(membership(means, members, candidates, draw).auc)
    assert areas[0] > 0.99
    assert areas == sorted(areas, reverse=True)
    assert areas[2] < 0.85


def test_membership_of_a_mean_of_something_else_is_chance() -> None:
    candidates, draw = pool(64), np.random.default_rng(6)
    members = [draw.choice(POOL, 10, replace=False) for _ in range(60)]
    means = pool(64, seed=8)[:60] / 4
    assert membership(means, members, candidates, draw).auc == pytest.approx(0.5, abs=0.06)


def test_words_by_how_common_they_are() -> None:
    texts = ["the rota the rota", "the rota again", "the hoist", "the tea", ""]
    # Once in each text, however often; after the commonest, by number and then the alphabet.
    present = word_presence(texts, count=3, left_out=1)
    assert present.tolist() == [
        [True, False, False],
        [True, True, False],
        [False, False, True],
        [False, False, False],
        [False, False, False],
    ]
