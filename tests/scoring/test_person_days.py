import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.errors import ScrubError
from assets.restricted.scoring.person_days import DayCurve, person_day_sums
from assets.restricted.scrubbing.group_day_size import MIN_MESSAGES, MIN_PEOPLE, too_small


@pytest.mark.parametrize(
    ("people", "small"),
    [
        ([], True),
        ([0, 0, 0, 0, 0], True),
        ([0, 1, 0, 1, 0], True),
        ([0, 1, 2, 0], True),
        ([0, 1, 2, 0, 0], False),
        ([7, 3, 9, 9, 9, 9], False),
        ([0, 1, 2, 3], True),
    ],
)
def test_three_people_and_five_messages_are_enough(people: list[int], small: bool) -> None:
    assert (MIN_PEOPLE, MIN_MESSAGES) == (3, 5)
    assert too_small(np.array(people, dtype=np.int32)) is small


CURVE = DayCurve((0.5, 0.4), 10.0)


def day(mean: float | Fraction, messages: int) -> int:
    """A person-day's score in thousandths less 500, by the definition."""
    half_at = 0.5 if messages == 1 else 0.4
    return round(1000 / (1 + math.exp(-10 * (mean - half_at)))) - 500


@pytest.mark.parametrize(
    ("scores", "people", "expected"),
    [
        ([0.5, 0.5, 0.5], [0, 1, 2], (3, 0)),
        ([0.0, 0.0, 0.0], [0, 1, 2], (3, 3 * day(0, 1))),
        ([1.0, 1.0, 1.0], [0, 1, 2], (3, 3 * day(1, 1))),
        # Each person counts once, however much they write.
        ([1.0, 0.0, 0.0, 0.0, 1.0], [0, 1, 1, 1, 2], (3, day(1, 1) + day(0, 3) + day(1, 1))),
        ([0.2, 0.4, 0.9], [5, 5, 1], (2, day(0.3, 2) + day(0.9, 1))),
        # Who writes more than the curve tells apart has its last place.
        ([0.4] * 5, [0] * 5, (1, 0)),
        # Rounded for each person, not for the sum.
        ([0.6] * 3, [0, 1, 2], (3, 3 * 231)),
    ],
)
def test_sums_over_person_days(scores, people, expected: tuple[int, int]) -> None:
    sums = person_day_sums(
        {"burnout": np.array(scores)}, np.array(people, dtype=np.int32), {"burnout": CURVE}
    )
    assert sums == {"burnout": expected}
    assert all(type(number) is int for number in sums["burnout"])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1.0001, -0.0001], ids=str)
def test_a_person_day_that_is_no_score_is_refused(wrong: float) -> None:
    scores = np.array([0.5, 0.5, wrong])
    with pytest.raises(ScrubError, match=r"^SCORE_OUT_OF_RANGE$"):
        person_day_sums({"burnout": scores}, np.array([0, 1, 2]), {"burnout": CURVE})


MESSAGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1024)), min_size=1, max_size=30)


@settings(derandomize=True)
@given(MESSAGES, st.data())
def test_neither_order_nor_numbering_matters(messages, data: st.DataObject) -> None:
    # 1024ths are exact in binary, so that the expected sum is exact too.
    def sums(rows):
        return person_day_sums(
            {"burnout": np.array([score / 1024 for _, score in rows])},
            np.array([person for person, _ in rows]),
            {"burnout": CURVE},
        )["burnout"]

    by_person: dict[int, list[int]] = {}
    for person, score in messages:
        by_person.setdefault(person, []).append(score)
    numbering = data.draw(st.permutations(range(6)))
    renumbered = [(numbering[person], score) for person, score in messages]
    found = sums(messages)
    assert sums(data.draw(st.permutations(renumbered))) == found
    assert found[0] == len(by_person)
    by_hand = [day(Fraction(sum(own), 1024 * len(own)), len(own)) for own in by_person.values()]
    # A mean may end on a half of a thousandth.
    assert abs(found[1] - sum(by_hand)) <= 1
    assert abs(found[1]) <= 500 * found[0]


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 40)), min_size=2, max_size=20))
def test_who_shows_more_in_as_many_messages_is_never_lower(days: list[tuple[float, int]]) -> None:
    means, messages = np.array([mean for mean, _ in days]), np.array([n for _, n in days])
    scores = CURVE.score(means, messages)
    assert ((scores >= 0) & (scores <= 1)).all()
    for count in set(messages):
        own = scores[messages == count][np.argsort(means[messages == count])]
        assert (np.diff(own) >= 0).all()
    alone = [CURVE.score(means[[i]], messages[[i]])[0] for i in range(len(days))]
    assert (scores == alone).all()
