# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""Which answers count: decided for each by itself, and never by an error."""

from datetime import date, timedelta
from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core.fortnights import DAYS, Fortnight
from assets.core.pulse_instrument import ITEMS, PulseInstrument
from assets.restricted.pulse.sorting import sort_answers
from orchestration.portal.pulse import read_form
from resources.base.database.tables.pulse import PULSE_BYTES
from resources.stores.consent.consent_terms import Scope
from resources.stores.pulse.answer_book import Opened
from resources.stores.pulse.pulse_answer import (
    PACKED_BYTES,
    PulseAnswer,
    is_frame,
    seal,
    unframed,
    unpack,
)

DAY = date(2026, 10, 16)
TODAY = date(2026, 10, 20)
CODE = "AAAA-BBBB-CCCC-DDDD"
IDENTITY = pyrage.x25519.Identity.generate()
ASKED = PulseInstrument.model_validate(
    {
        "instrument": "made up",
        "licence": "made up",
        "measures": "burnout",
        "question": "How often",
        "items": [{"text": f"item {number}", "reversed": number == 5} for number in range(6)],
        "answers": ["Never", "Seldom", "Often", "Always"],
    }
)


class Group:
    """What is asked of a consent."""

    region = "greater_london"
    group_ref = "g-00000001"
    scopes = frozenset({Scope.TREND_LINES, Scope.PULSE})


def answer(**changes: Any) -> PulseAnswer:
    given = {"group": CODE, "instrument": ASKED.digest(), "chosen": (0, 1, 2, 3, 0, 3)}
    return PulseAnswer(**(given | changes))


def sort(one: PulseAnswer | None, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "day": DAY,
        "consent": Group(),
        "settled": frozenset(),
        "refusal": None,
    } | changes
    return sort_answers(
        [Opened(7, given["day"], one)],
        ASKED,
        {"AAAABBBBCCCCDDDD": given["consent"]},
        given["settled"],
        TODAY,
        lambda consent, day: given["refusal"],
    )


class WithoutScope(Group):
    """Of a group that did not agree to it."""

    scopes = frozenset({Scope.TREND_LINES, Scope.SURVEYS})


SETTLED = {"settled": frozenset({("greater_london", Fortnight.of(DAY).first)})}
DROPPED: dict[str, Any] = {
    "what can't be opened": (None, {}, "answers_malformed"),
    "of a day to come": (answer(), {"day": TODAY + timedelta(days=1)}, "answers_malformed"),
    "a choice that there is not": (answer(chosen=(0, 1, 2, 4, 0, 3)), {}, "answers_malformed"),
    "five items": (answer(chosen=(0, 1, 2, 3, 0)), {}, "answers_malformed"),
    "other items": (answer(instrument="0" * 64), {}, "answers_of_other_items"),
    "a group that nobody knows": (answer(group="x"), {}, "answers_without_consent"),
    "without the scope": (answer(), {"consent": WithoutScope()}, "answers_without_consent"),
    "withdrawn": (answer(), {"refusal": "CONSENT_WITHDRAWN"}, "answers_without_consent"),
    "combined before": (answer(), SETTLED, "answers_late"),
}


@pytest.mark.parametrize(("one", "changes", "reason"), DROPPED.values(), ids=DROPPED)
def test_what_does_not_count_is_dropped_and_counted(one: Any, changes: Any, reason: str) -> None:
    found = sort(one, **changes)
    assert (found.dropped, dict(found.why), dict(found.kept)) == ((7,), {reason: 1}, {})


def test_what_counts_is_its_regions_and_fortnights() -> None:
    found = sort(answer(group=CODE.lower().replace("-", " ")))
    assert (found.dropped, dict(found.why)) == ((), {})
    ((at, of_groups),) = found.kept.items()
    assert at == ("greater_london", Fortnight.of(DAY))
    # 0 + 1 + 2 + 3 + 0 and, turned round, 0 of 18.
    assert of_groups["g-00000001"].scores_milli == [round(1000 * 6 / 18) - 500]
    assert "scores" not in repr(of_groups)
    assert "AAAA" not in repr(answer())


@given(st.tuples(*(st.integers(-1, 4) for _ in range(ITEMS))))
def test_a_score_lies_within_what_noise_is_made_for(chosen: tuple[int, ...]) -> None:
    score = ASKED.score_milli(chosen)
    assert (score is None) == (not set(chosen) <= {0, 1, 2, 3})
    assert score is None or -500 <= score <= 500


@given(st.tuples(*(st.integers(0, 3) for _ in range(ITEMS))), st.text(max_size=40))
def test_every_answer_is_sealed_to_one_length_and_opens_as_it_was(
    chosen: tuple[int, ...], group: str
) -> None:
    said = answer(chosen=chosen, group=group)
    frame = seal(said, str(IDENTITY.to_public()))
    assert len(frame) == PULSE_BYTES
    assert is_frame(frame)
    opened = pyrage.decrypt(unframed(frame), [IDENTITY])
    assert len(opened) == PACKED_BYTES
    assert unpack(opened) == said


@given(st.binary(max_size=64) | st.text(max_size=64).map(str.encode))
def test_whatever_was_sealed_is_an_answer_or_none(content: bytes) -> None:
    assert unpack(content.ljust(PACKED_BYTES)) is None
    is_frame(content)
    unframed(content)


_VALUES = st.lists(st.sampled_from(["0", "3", "4", "-1", "x", ""]), min_size=1, max_size=2)


@given(
    st.dictionaries(
        st.sampled_from(["group", *(f"item{number}" for number in range(7))]), _VALUES.map(tuple)
    )
)
def test_a_form_is_whole_or_says_what_lacks(sent: dict[str, tuple[str, ...]]) -> None:
    read = read_form(sent, ASKED)
    lacking = {f"item{number}" for number in range(ITEMS) if read.chosen[number] is None}
    assert lacking == set(read.faults) - {"group"}
    assert "group" in read.faults
    assert {one for one in read.chosen if one is not None} <= {0, 3}


@given(st.dates(date(2020, 1, 1), date(2099, 1, 1)))
def test_every_day_lies_in_one_fortnight_of_whole_weeks(day: date) -> None:
    found = Fortnight.of(day)
    assert found.first <= day <= found.last
    assert (found.last - found.first).days == DAYS - 1
    assert found.first.weekday() == 0
    assert Fortnight.of(found.last + timedelta(days=1)).first == found.last + timedelta(days=1)
    assert not found.is_due(found.last + timedelta(days=2), 3)
    assert found.is_due(found.last + timedelta(days=3), 3)
