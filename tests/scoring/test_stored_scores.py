import pytest

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring.checks import facts_of, score_suite
from resources.stores.scores.score_store import GroupScore

GOOD = [
    GroupScore(name, 3, 1500 * sign, 5) for name, sign in zip(CONSTRUCTS, (1, -1, 0), strict=True)
]


def failed(scores: list[GroupScore], versions: frozenset[str] = frozenset({"m"})) -> set[str]:
    return set(score_suite()([facts_of(scores, versions)])[0])


def test_good_scores_pass() -> None:
    assert failed(GOOD) == set()


@pytest.mark.parametrize(
    ("scores", "names"),
    [
        (GOOD[:2], {"rows_missing"}),
        ([*GOOD, GOOD[0]], {"rows_too_many"}),
        ([*GOOD, GroupScore("coping", 3, 0, 5)], {"rows_too_many"}),
        ([*GOOD[:2], GroupScore(CONSTRUCTS[2], 3, 1501, 5)], {"sums_off_scale"}),
        ([*GOOD[:2], GroupScore(CONSTRUCTS[2], 3, -1501, 5)], {"sums_off_scale"}),
        ([*GOOD[:2], GroupScore(CONSTRUCTS[2], 4, 0, 5)], {"figures_that_differ"}),
        ([GroupScore(name, 2, 0, 5) for name in CONSTRUCTS], {"person_days"}),
        ([GroupScore(name, 3, 0, 4) for name in CONSTRUCTS], {"messages"}),
        ([GroupScore(name, 6, 0, 5) for name in CONSTRUCTS], {"people_without_message"}),
        ([*GOOD[:2], GroupScore(CONSTRUCTS[2], 3, 0.5, 5)], {"not_integers"}),  # type: ignore[arg-type]
        ([*GOOD[:2], GroupScore(CONSTRUCTS[2], 3, True, 5)], {"not_integers"}),
        ([*GOOD[:2], GroupScore(CONSTRUCTS[2], 3, float("nan"), 5)], {"not_integers"}),  # type: ignore[arg-type]
    ],
)
def test_each_fault_is_named(scores: list[GroupScore], names: set[str]) -> None:
    assert failed(scores) == names


@pytest.mark.parametrize("versions", [frozenset(), frozenset({"m", "n"})], ids=["none", "two"])
def test_one_model_scored_a_group_day(versions: frozenset[str]) -> None:
    assert failed(GOOD, versions) == {"model_versions"}
