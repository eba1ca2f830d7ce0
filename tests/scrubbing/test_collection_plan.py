from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing.collection_plan import days_by_export
from resources.stores.inbox.coverage import Candidate, end_of, supplier

FIRST = date(2026, 10, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(5)]


def ending(digest: str, day: date) -> Candidate:
    """An export made at the end of this day."""
    return Candidate(digest, end_of(day), end_of(day))


def test_each_day_is_read_from_its_newest_covering_export() -> None:
    plan = days_by_export([ending("a", DAYS[1]), ending("b", DAYS[3])], DAYS, settled=(), stored={})
    assert plan == {"b": DAYS[:4]}


def test_settled_days_are_never_read_again() -> None:
    plan = days_by_export([ending("a", DAYS[3])], DAYS[:4], settled=DAYS[:3], stored={})
    assert plan == {"a": [DAYS[3]]}


def test_days_stored_from_that_export_are_left_and_those_of_an_older_one_are_not() -> None:
    plan = days_by_export(
        [ending("a", DAYS[1]), ending("b", DAYS[3])],
        DAYS[:3],
        settled=(),
        stored={DAYS[0]: "a", DAYS[1]: "b", DAYS[2]: "gone"},
    )
    assert plan == {"b": [DAYS[0], DAYS[2]]}


def test_what_is_stored_stays_when_its_export_is_gone() -> None:
    assert days_by_export([], DAYS, settled=(), stored={DAYS[0]: "a"}) == {}


EXPORTS = st.lists(
    st.builds(ending, st.sampled_from("abcd"), st.sampled_from(DAYS)),
    max_size=4,
    unique_by=lambda one: one.digest,
)


@settings(derandomize=True)
@given(EXPORTS, st.sets(st.sampled_from(DAYS)), st.sets(st.sampled_from(DAYS)), st.data())
def test_a_plan_is_carried_out_once(exports, wanted, settled, data: st.DataObject) -> None:
    plan = days_by_export(exports, wanted, settled=settled, stored={})
    planned = [day for days in plan.values() for day in days]
    assert sorted(planned) == sorted(
        day for day in wanted - settled if supplier(exports, day) is not None
    )
    stored = {day: digest for digest, days in plan.items() for day in days}
    assert days_by_export(exports, wanted, settled=settled, stored=stored) == {}
    shuffled = data.draw(st.permutations(exports))
    assert days_by_export(shuffled, wanted, settled=settled, stored={}) == plan
