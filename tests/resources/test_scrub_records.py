from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.core.errors import SetupError
from resources.base.database.connection import Database
from resources.base.database.tables import KEPT_FOR_A_TIME, ledger
from resources.stores.vectors.scrub_records import (
    GateVerdict,
    LayerFailure,
    RegionDayCounts,
    ScrubRecords,
)

REGION, DAY, GROUP, RUN = "greater_london", date(2026, 10, 1), "g-00000001", "r" * 36
NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
CAUSE = "ScrubError@resources/stores/vectors/scrub_records.py:3"
PLANTED = "Grace Okafor"


@pytest.fixture
def records(database: Database) -> ScrubRecords:
    return ScrubRecords(database)


def verdict(code: str | None = None, **changes: object) -> GateVerdict:
    given = {
        "region": REGION, "day": DAY, "group_ref": GROUP, "run_id": RUN, "with_digit": 0,
        "on_roster": 1 if code else 0, "not_allowed": 0, "messages": 12, "failed": 1, "fired": 2,
        "too_little": 3, "code": code, "vocabulary_digest": "v" * 64, "tagger_digest": "t" * 64,
        **changes,
    }  # fmt: skip
    return GateVerdict(**given)  # type: ignore[arg-type]


def add(records: ScrubRecords, *verdicts: GateVerdict, now: datetime = NOW, **found) -> None:
    given = {"removed": {DAY: {"patterns": 4, "roster": 0}}, "causes": {CAUSE: 1}, **found}
    records.add_verdicts(verdicts, now=now, **given)


def everything(database: Database) -> str:
    with database.transaction() as connection:
        return repr([connection.execute(sa.select(one)).all() for one in KEPT_FOR_A_TIME])


def test_a_verdict_comes_back_as_it_was(records: ScrubRecords) -> None:
    refused = verdict("SCRUB_ROSTER_TOKEN", tagger_digest=None)
    passed = verdict(day=DAY + timedelta(days=1))
    add(records, refused, passed)
    found = records.verdicts(GROUP)
    assert [(one.passed, one.recorded_at) for one in found] == [(False, NOW), (True, NOW)]
    assert [vars(one) | {"recorded_at": None} for one in found] == [vars(refused), vars(passed)]
    assert [one.day for one in records.verdicts(GROUP, DAY)] == [DAY]
    assert records.verdicts("g-00000002") == []


def test_a_verdict_can_be_overturned(records: ScrubRecords) -> None:
    add(records, verdict(), verdict(day=DAY + timedelta(days=1)))
    add(records, verdict(run_id="s" * 36))
    first, _, last = records.verdicts(GROUP)
    records.overturn(first, "SCRUB_DIGIT_FOUND")
    with pytest.raises(SetupError, match=r"^CODE_UNKNOWN$"):
        records.overturn(last, "text")
    found = {(one.day, one.run_id): (one.passed, one.code) for one in records.verdicts(GROUP)}
    assert found.pop((first.day, first.run_id)) == (False, "SCRUB_DIGIT_FOUND")
    assert set(found.values()) == {(True, None)}


def test_removals_are_kept_of_refused_group_days_alone(records: ScrubRecords) -> None:
    other = DAY + timedelta(days=1)
    removed = {DAY: {"patterns": 4, "roster": 0}, other: {"patterns": 9}}
    add(records, verdict("SCRUB_ROSTER_TOKEN"), verdict(day=other), removed=removed)
    refused, passed = records.verdicts(GROUP)
    assert records.removed_of_refused(refused) == {"patterns": 4, "roster": 0}
    assert records.removed_of_refused(passed) == {}


def test_what_layers_raised_is_added_up_by_run(records: ScrubRecords) -> None:
    chain = f"{CAUSE} KeyError@resources/base/database/connection.py:5"
    add(records, verdict(), causes={CAUSE: 1, chain: 2})
    add(records, verdict(day=DAY + timedelta(days=1)), causes={CAUSE: 4})
    add(records, verdict(run_id="s" * 36), causes={CAUSE: 8})
    assert records.failures(GROUP, RUN) == [
        LayerFailure(("ScrubError",), ("resources/stores/vectors/scrub_records.py:3",), 5),
        LayerFailure(
            ("ScrubError", "KeyError"),
            (
                "resources/stores/vectors/scrub_records.py:3",
                "resources/base/database/connection.py:5",
            ),
            2,
        ),
    ]
    assert records.failures(GROUP, RUN)[1].chain == (
        "ScrubError at resources/stores/vectors/scrub_records.py:3,"
        " from KeyError at resources/base/database/connection.py:5"
    )


@pytest.mark.parametrize(
    "cause",
    [
        PLANTED,
        "GraceError@resources/base/database/connection.py:3",
        "KeyError@assets/grace.py:3",
        f"KeyError@resources/base/database/connection.py:3 {PLANTED}",
        "",
    ],
)
def test_a_cause_that_no_guard_wrote_is_not_kept(
    records: ScrubRecords, database: Database, cause: str
) -> None:
    add(records, verdict(), causes={cause: 1})
    assert records.failures(GROUP, RUN) == [LayerFailure(("(sealed)",), ("elsewhere:0",), 1)]
    assert "race" not in everything(database)


def test_names_that_are_none_are_not_kept(records: ScrubRecords, database: Database) -> None:
    counts = RegionDayCounts(
        {(PLANTED, "phone"): 1, ("patterns", PLANTED): 2, ("patterns", PLANTED + "a"): 4},
        {(PLANTED, "kept"): 8, (PLANTED + "a", "kept"): 16},
    )
    records.add_counts({(REGION, DAY): counts}, NOW)
    add(records, verdict("SCRUB_ROSTER_TOKEN"), removed={DAY: {PLANTED: 1}})
    found = records.counts(REGION, DAY)
    assert found.removed == {("unknown", "phone"): 1, ("patterns", "unknown"): 6}
    assert found.messages == {("unknown", "kept"): 24}
    assert "race" not in everything(database)


def test_a_code_that_is_none_is_refused(records: ScrubRecords, database: Database) -> None:
    with pytest.raises(SetupError, match=r"^CODE_UNKNOWN$"):
        add(records, verdict(PLANTED))
    assert records.verdicts(GROUP) == []


def test_counts_add_up_over_groups_and_days(records: ScrubRecords) -> None:
    one = RegionDayCounts({("patterns", "phone"): 2}, {("polish", "too_little"): 3})
    records.add_counts({(REGION, DAY): one}, NOW)
    other = RegionDayCounts(
        {("patterns", "phone"): 5, ("capitals", "capital"): 1}, {("polish", "too_little"): 4}
    )
    next_day = (REGION, DAY + timedelta(days=1))
    records.add_counts({(REGION, DAY): other, next_day: one, ("east_of_england", DAY): one}, NOW)
    assert records.counts(REGION, DAY) == RegionDayCounts(
        {("patterns", "phone"): 9, ("capitals", "capital"): 1}, {("polish", "too_little"): 10}
    )
    assert records.counts(REGION, next_day[1]) == one
    records.add_counts({}, NOW)


def test_rows_go_at_the_end_of_their_lifetime(records: ScrubRecords, database: Database) -> None:
    lifetime = timedelta(days=35)
    counts = RegionDayCounts({("patterns", "phone"): 2}, {("polish", "kept"): 3})
    for now, group, day in (
        (NOW, GROUP, DAY),
        (NOW + timedelta(hours=1), "g-2", date(2026, 10, 2)),
    ):
        add(records, verdict("SCRUB_ROSTER_TOKEN", group_ref=group), now=now)
        records.add_counts({(REGION, day): counts}, now)
    assert records.delete_expired(NOW + lifetime, lifetime) == 0
    # One verdict, two layers, one failure, two counts.
    assert records.delete_expired(NOW + lifetime + timedelta(minutes=1), lifetime) == 6
    assert records.verdicts(GROUP) == []
    assert records.failures(GROUP, RUN) == []
    assert len(records.verdicts("g-2")) == 1
    assert records.counts(REGION, DAY) == counts
    with database.transaction() as connection:
        kept = connection.execute(sa.select(ledger.c.kind, ledger.c.count)).all()
    assert kept == [("scrub_records_deleted", 6)]
