"""Whatever happens in a register, and whenever days close: what must hold of who counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.release.membership import Membership, membership
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.consent.consent_spans import spans_of
from resources.stores.release.closing import Closing

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FIRST = date(2026, 10, 8)  # a Thursday
START = datetime(2026, 10, 8, tzinfo=UTC)
DAYS = 75
LONGEST_WAIT_DAYS = 56
MIN_JOINING = 3
FOUNDERS = 6


@dataclass(frozen=True)
class Act:
    """One thing that an admin does, in hours after `START`; `group` may be unknown still."""

    hours: int
    kind: str
    group: int
    employer: int | None
    starts: int
    lasts: int


ACTS = st.builds(
    Act,
    hours=st.integers(0, DAYS * 24),
    kind=st.sampled_from(["consent", "consent", "withdrawn"]),
    group=st.integers(0, 13),
    # None keeps the group's own; the register lets a renewal name another.
    employer=st.one_of(st.none(), st.integers(0, 9)),
    starts=st.integers(-6, 12),
    lasts=st.integers(2, 120),
)
LATENESS = st.lists(st.sampled_from([0, 0, 0, 0, 1, 30, 24 * 6]), min_size=DAYS, max_size=DAYS)
HISTORIES = st.tuples(st.lists(ACTS, max_size=25), LATENESS)
NEWCOMERS = st.builds(
    Act,
    hours=st.integers(24, DAYS * 24),
    kind=st.just("consent"),
    group=st.integers(FOUNDERS, 30),
    employer=st.none(),
    starts=st.integers(0, 3),
    lasts=st.just(365),
)


def events_of(acts: Sequence[Act]) -> list[dict]:
    """Rows as the register holds them, six founders' consents before all."""
    founding = [Act(0, "consent", number, None, 0, 365) for number in range(FOUNDERS)]
    employers: dict[int, int] = {}
    rows = []
    for act in [*founding, *sorted(acts, key=lambda act: act.hours)]:
        if act.kind == "withdrawn" and act.group not in employers:
            continue
        at = START + act.hours * HOUR
        starts = at.date() + act.starts * DAY
        if act.kind == "consent" and (act.employer is not None or act.group not in employers):
            employers[act.group] = act.group if act.employer is None else act.employer
        rows.append(
            {
                "kind": act.kind if act.kind == "withdrawn" else "renewed",
                "group_ref": f"g-{act.group}",
                "employer_ref": f"e-{employers[act.group]}",
                "valid_from": starts,
                "valid_until": starts + act.lasts * DAY,
                "renew_by": None,
                "counts_until": None,
                "review_by": None,
                "notice_digest": "0" * 64,
                "at": at,
            }
        )
    return rows


def closings_of(lateness: Sequence[int]) -> list[Closing]:
    """Each day three days later at six, or so many hours late; never before the day before it."""
    closings: list[Closing] = []
    for number, late in enumerate(lateness):
        at = START + (number + 3) * DAY + (6 + late) * HOUR
        if closings:
            at = max(at, closings[-1].closed_at)
        closings.append(Closing(FIRST + number * DAY, at))
    return closings


@dataclass(frozen=True)
class Asked:
    """What was found at a closing, and what was known then."""

    found: Membership
    closing: Closing
    spans: list[ConsentSpan]


def asked_at_each_closing(acts: Sequence[Act], lateness: Sequence[int]) -> list[Asked]:
    events, closings = events_of(acts), closings_of(lateness)
    asked = []
    for number, closing in enumerate(closings):
        known = spans_of([row for row in events if row["at"] <= closing.closed_at])  # type: ignore[arg-type]
        found = membership(known, closings[:number], closing.day, closing.closed_at)
        asked.append(Asked(found, closing, known))
    return asked


@settings(derandomize=True, max_examples=60)
@given(HISTORIES, st.randoms(use_true_random=False))
def test_a_closed_day_stays_what_it_was_made_of(history, random) -> None:
    acts, lateness = history
    asked = asked_at_each_closing(acts, lateness)
    spans, closings = spans_of(events_of(acts)), closings_of(lateness)  # type: ignore[arg-type]
    random.shuffle(spans)
    random.shuffle(closings)
    at_last = START + 3 * DAYS * DAY
    for one in asked:
        assert membership(spans, closings, one.closing.day, at_last) == one.found


@settings(derandomize=True, max_examples=60)
@given(HISTORIES)
def test_whoever_counts_has_a_consent_for_the_day_as_it_closes(history) -> None:
    for one in asked_at_each_closing(*history):
        day, now = one.closing.day, one.closing.closed_at
        covered = {
            span.group_ref
            for span in one.spans
            if span.valid_from <= day <= span.valid_until
            and span.runs_out_at > now
            and (span.withdrawn_at is None or span.withdrawn_at > now)
        }
        assert one.found.groups | one.found.waiting <= covered
        assert not one.found.groups & one.found.waiting


@settings(derandomize=True, max_examples=60)
@given(HISTORIES)
def test_between_days_that_show_their_own_value_three_come_or_none(history) -> None:
    asked = asked_at_each_closing(*history)
    for before, after in pairwise(asked):
        if before.found.pooled_only or after.found.pooled_only or not before.found.groups:
            continue
        assert before.found.groups <= after.found.groups
        joined = after.found.groups - before.found.groups
        employers = {
            span.employer_ref
            for span in after.spans
            if span.group_ref in joined and span.valid_from <= after.closing.day
        }
        assert not joined or len(employers) >= MIN_JOINING


@settings(derandomize=True, max_examples=40)
@given(st.lists(NEWCOMERS, max_size=8, unique_by=lambda act: act.group))
def test_nobody_waits_more_than_eight_weeks(acts) -> None:
    waited: dict[str, int] = {}
    inside: set[str] = set()
    for one in asked_at_each_closing(acts, [0] * DAYS):
        waited = {ref: waited.get(ref, 0) + 1 for ref in one.found.waiting}
        assert max(waited.values(), default=0) <= LONGEST_WAIT_DAYS
        assert inside <= one.found.groups, "nobody left"
        inside = set(one.found.groups)
    assert len(inside) >= FOUNDERS
