from datetime import UTC, date, datetime, timedelta

import pytest

from assets.core.london_time import LONDON
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.consent.consent_spans import spans_of

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
FIRST, UNTIL = date(2026, 9, 1), date(2026, 12, 31)


def event(kind: str, *, day: int = 0, ref: str = "g-1", **terms):
    base = {
        "kind": kind,
        "group_ref": ref,
        "at": NOW + timedelta(days=day),
        "employer_ref": "e-1",
        "valid_from": FIRST,
        "valid_until": UNTIL,
        "renew_by": None,
        "counts_until": None,
        "review_by": None,
        "notice_digest": "d",
    }
    return base | terms


def told(spans: list[ConsentSpan]):
    return [
        (
            one.group_ref,
            one.valid_from,
            one.valid_until,
            (one.recorded_at - NOW).days,
            one.withdrawn_at and (one.withdrawn_at - NOW).days,
        )
        for one in spans
    ]


@pytest.mark.parametrize(
    ("events", "spans"),
    [
        ([], []),
        ([event("granted")], [("g-1", FIRST, UNTIL, 0, None)]),
        (
            [event("granted"), event("notice", day=3), event("withdrawn", day=5)],
            [("g-1", FIRST, UNTIL, 0, 5)],
        ),
        # Withdrawn twice: the first one counts. A later grant is a stretch of its own.
        (
            [
                event("granted"),
                event("withdrawn", day=5),
                event("withdrawn", day=6),
                event("renewed", day=9, valid_from=date(2026, 9, 10)),
            ],
            [("g-1", FIRST, UNTIL, 0, 5), ("g-1", date(2026, 9, 10), UNTIL, 9, None)],
        ),
        # A renewal's terms stand alone, so it ends what was before, at its moment.
        (
            [event("granted"), event("renewed", day=9, valid_until=date(2027, 6, 30))],
            [("g-1", FIRST, UNTIL, 0, 9), ("g-1", FIRST, date(2027, 6, 30), 9, None)],
        ),
        (
            [event("granted"), event("renewed", day=20, valid_until=date(2026, 9, 10))],
            [("g-1", FIRST, UNTIL, 0, 20), ("g-1", FIRST, date(2026, 9, 10), 20, None)],
        ),
        (
            [event("granted"), event("granted", ref="g-2", day=1), event("withdrawn", day=2)],
            [("g-1", FIRST, UNTIL, 0, 2), ("g-2", FIRST, UNTIL, 1, None)],
        ),
    ],
)
def test_each_grant_is_a_stretch(events, spans) -> None:
    assert told(spans_of(events)) == spans


@pytest.mark.parametrize(
    ("until", "hour"), [(date(2026, 12, 31), 0), (date(2026, 6, 30), 23)], ids=["winter", "summer"]
)
def test_a_stretch_runs_out_at_midnight_in_london(until: date, hour: int) -> None:
    (span,) = spans_of([event("granted", valid_until=until)])
    assert span.runs_out_at.tzinfo == LONDON
    assert span.runs_out_at.astimezone(UTC).hour == hour
    assert span.runs_out_at.date() == until + timedelta(days=1)


@pytest.mark.parametrize("what", ["renew_by", "counts_until", "review_by"])
@pytest.mark.parametrize(("until", "last"), [(5, 5), (400, 121)])
def test_one_ends_when_it_has_to_be_renewed_or_looked_at(what: str, until: int, last: int) -> None:
    (span,) = spans_of([event("granted", **{what: FIRST + timedelta(days=until)})])
    assert span.runs_out_at.date() == FIRST + timedelta(days=last + 1)


def test_the_register_gives_the_region_s_own(session) -> None:
    from resources.stores.consent.consent_terms import MemberBasis
    from simulation.consents import made_up_terms

    terms = {
        region: made_up_terms(
            FIRST,
            UNTIL,
            region,
            member_basis=MemberBasis.OPT_IN,
            ethics_reference="",
            departure_approved=False,
        )
        for region in ("greater_london", "east_of_england")
    }
    refs = {region: session.register.grant(one, NOW) for region, one in terms.items()}
    for region, ref in refs.items():
        assert [one.group_ref for one in session.register.spans(region)] == [ref]
