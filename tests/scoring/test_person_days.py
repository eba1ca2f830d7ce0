from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.errors import ScrubError
from assets.restricted.scoring.person_days import person_day_sums
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


@pytest.mark.parametrize(
    ("scores", "people", "expected"),
    [
        ([0.5, 0.5, 0.5], [0, 1, 2], (3, 0)),
        ([0.0, 0.0, 0.0], [0, 1, 2], (3, -1500)),
        ([1.0, 1.0, 1.0], [0, 1, 2], (3, 1500)),
        # Each person counts once, however much they write.
        ([1.0, 0.0, 0.0, 0.0, 1.0], [0, 1, 1, 1, 2], (3, 500)),
        ([0.2, 0.4, 0.9], [5, 5, 1], (2, 300 - 500 + 900 - 500)),
        # Rounded for each person, not for the sum.
        ([0.1004, 0.1004, 0.1004], [0, 1, 2], (3, -1200)),
        ([0.1006, 0.1006, 0.1006], [0, 1, 2], (3, -1197)),
    ],
)
def test_sums_over_person_days(scores, people, expected: tuple[int, int]) -> None:
    sums = person_day_sums({"burnout": np.array(scores)}, np.array(people, dtype=np.int32))
    assert sums == {"burnout": expected}
    assert all(type(number) is int for number in sums["burnout"])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1.0001, -0.0001], ids=str)
def test_a_person_day_that_is_no_score_is_refused(wrong: float) -> None:
    scores = np.array([0.5, 0.5, wrong])
    with pytest.raises(ScrubError, match=r"^SCORE_OUT_OF_RANGE$"):
        person_day_sums({"burnout": scores}, np.array([0, 1, 2]))


MESSAGES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1024)), min_size=1, max_size=30)


@settings(derandomize=True)
@given(MESSAGES, st.data())
def test_neither_order_nor_numbering_matters(messages, data: st.DataObject) -> None:
    # 1024ths are exact in binary, so that the expected sum is exact too.
    def sums(rows):
        return person_day_sums(
            {"burnout": np.array([score / 1024 for _, score in rows])},
            np.array([person for person, _ in rows]),
        )["burnout"]

    by_person: dict[int, list[int]] = {}
    for person, score in messages:
        by_person.setdefault(person, []).append(score)
    numbering = data.draw(st.permutations(range(6)))
    renumbered = [(numbering[person], score) for person, score in messages]
    found = sums(messages)
    assert sums(data.draw(st.permutations(renumbered))) == found
    assert found[0] == len(by_person)
    exact = sum(Fraction(1000 * sum(own), 1024 * len(own)) for own in by_person.values())
    assert abs(found[1] - (exact - 500 * len(by_person))) <= Fraction(1, 2) * len(by_person) + 1
    assert abs(found[1]) <= 500 * found[0]
