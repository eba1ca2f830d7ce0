from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.core.errors import ExportError, SetupError
from assets.core.modes import DISCOVERY_MESSAGE_LIMIT, Mode
from resources.base.database.connection import Database
from resources.base.database.tables import group_days, home
from resources.stores.inbox.arrival_counts import ArrivalCounts
from resources.stores.inbox.collection_records import CollectionRecords, ExportCounts, Fault
from resources.stores.inbox.inbox import SealedExport

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
COUNTS = ExportCounts(NOW, NOW, 10, 7, 2, 1, "dmy")


def export(digest: str = "d1", group: str = "g-00000001", at: datetime = NOW) -> SealedExport:
    return SealedExport(group, at, digest, "unused")


@pytest.fixture
def records(database: Database) -> CollectionRecords:
    return CollectionRecords(database, Mode.SYNTHETIC)


def test_a_readable_export_is_found_by_digest(records: CollectionRecords) -> None:
    records.record(export("d1"), COUNTS, NOW)
    records.record(export("d2"), "EXPORT_EMPTY", NOW)
    records.record(export("d3", "g-00000002"), COUNTS, NOW)
    assert records.readable("g-00000001") == {"d1": COUNTS}


@pytest.mark.parametrize(
    "begins", [datetime(1, 1, 1, tzinfo=UTC), datetime(1999, 12, 31, tzinfo=UTC)]
)
def test_what_says_that_it_holds_what_was_before_any_chat_is_read_again(
    records: CollectionRecords, begins: datetime
) -> None:
    of_span = replace(COUNTS, covered_from=datetime(2000, 1, 1, tzinfo=UTC), covered_until=NOW)
    records.record(export("d1"), of_span, NOW)
    # As a version before this one recorded it.
    records.record(export("d2"), replace(of_span, covered_from=begins), NOW)
    assert records.readable("g-00000001") == {"d1": of_span}
    records.record(export("d2"), "EXPORT_SPAN_UNKNOWN", NOW)
    assert records.readable("g-00000001") == {"d1": of_span}


def test_what_is_read_at_last_replaces_the_refusal(records: CollectionRecords) -> None:
    records.record(export(), "EXPORT_GONE", NOW)
    assert records.last_reports() == {"g-00000001": (NOW, "EXPORT_GONE")}
    records.record(export(), COUNTS, NOW)
    assert records.last_reports() == {"g-00000001": (NOW, None)}
    assert records.readable("g-00000001") == {"d1": COUNTS}


def test_the_newest_file_speaks_for_its_group(records: CollectionRecords) -> None:
    records.record(export("d2", at=NOW + timedelta(days=1)), "EXPORT_EMPTY", NOW)
    records.record(export("d1"), COUNTS, NOW)
    assert records.last_reports() == {"g-00000001": (NOW + timedelta(days=1), "EXPORT_EMPTY")}


def test_faults_are_kept_by_run_and_by_group(records: CollectionRecords) -> None:
    first = Fault("greater_london", "g-00000001", "platform_export", "EXPORT_EMPTY", "run-1")
    second = Fault(
        "greater_london", "g-00000001", "scrubbed_vectors", "EXPORT_GONE", "run-2", NOW.date()
    )
    records.add_faults([first], NOW)
    records.add_faults([second], NOW)
    records.add_faults([], NOW)
    assert records.faults_of_run("run-1") == [first]
    assert records.faults_of_run("run-2") == [second]
    assert records.last_faults() == {"g-00000001": (NOW, "EXPORT_GONE")}


def test_a_code_that_is_not_in_the_catalogue_is_refused(records: CollectionRecords) -> None:
    fault = Fault("greater_london", "g-00000001", "s", "Grace wrote", "run-1")
    with pytest.raises(SetupError, match=r"^CODE_UNKNOWN$"):
        records.add_faults([fault], NOW)
    assert records.last_faults() == {}


def messages_read(database: Database) -> int:
    with database.transaction() as connection:
        return connection.execute(sa.select(home.c.messages_read)).scalar_one()


def test_discovery_counts_on_arrival_over_all_deliveries(database: Database) -> None:
    asked: list[int] = []

    def holds(messages: int):
        def count(left: int) -> int:
            asked.append(left)
            if messages > left:
                raise SetupError("DISCOVERY_LIMIT")
            return messages

        return count

    # Another object each time, as in another process.
    assert ArrivalCounts(database).count(holds(9_990)) == 9_990
    with pytest.raises(SetupError, match=r"^DISCOVERY_LIMIT$"):
        ArrivalCounts(database).count(holds(11))
    assert ArrivalCounts(database).left() == 10
    assert ArrivalCounts(database).count(holds(10)) == 10
    assert messages_read(database) == DISCOVERY_MESSAGE_LIMIT
    with pytest.raises(SetupError, match=r"^DISCOVERY_LIMIT$"):
        ArrivalCounts(database).count(holds(0))
    # The last file was not even looked at.
    assert asked == [10_000, 10, 10]
    CollectionRecords(database, Mode.DISCOVERY).count_messages(5)
    assert messages_read(database) == DISCOVERY_MESSAGE_LIMIT


def test_discovery_opens_only_what_was_counted(database: Database) -> None:
    sealed = SealedExport("g-00000001", NOW, "d" * 64, "path")
    discovery = CollectionRecords(database, Mode.DISCOVERY)
    with pytest.raises(ExportError, match=r"^EXPORT_NOT_COUNTED$"):
        discovery.require_counted(sealed)
    CollectionRecords(database, Mode.STUDY).require_counted(sealed)
    ArrivalCounts(database).record(sealed, 7, NOW)
    discovery.require_counted(sealed)


@pytest.mark.parametrize("mode", [Mode.SYNTHETIC, Mode.STUDY])
def test_other_modes_count_without_a_limit(database: Database, mode: Mode) -> None:
    CollectionRecords(database, mode).count_messages(DISCOVERY_MESSAGE_LIMIT + 1)
    assert messages_read(database) == DISCOVERY_MESSAGE_LIMIT + 1


DAY, EARLIER = NOW.date() - timedelta(days=2), NOW.date() - timedelta(days=3)
A_DAY_LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("code", "of_day", "later", "stands"),
    [
        ("GROUP_STEP_BROKEN", DAY, None, True),
        ("GROUP_STEP_BROKEN", EARLIER, None, False),
        ("GROUP_STEP_BROKEN", None, None, True),
        ("EXPORT_EMPTY", DAY, None, False),
        # Once the day has settled, nothing stands in its way.
        ("GROUP_STEP_BROKEN", DAY, ("settled", DAY, "r2"), False),
        ("GROUP_STEP_BROKEN", None, ("settled", DAY, "r1"), False),
        # Of another day it tells of the group as such, if a later run settled it.
        ("GROUP_STEP_BROKEN", DAY, ("settled", EARLIER, "r2"), True),
        ("GROUP_STEP_BROKEN", None, ("settled", EARLIER, "r1"), True),
        ("GROUP_STEP_BROKEN", None, ("settled", EARLIER, "r2"), False),
        ("EXPORT_READER_BROKEN", None, ("read", DAY, "r2"), False),
        ("EXPORT_READER_BROKEN", DAY, ("read", DAY, "r2"), True),
        ("WORKER_LOST", None, ("read", DAY, "r2"), True),
        ("WORKER_LOST", DAY, ("silent", DAY, "r2"), True),
        ("WORKER_LOST", None, ("silent", DAY, "r2"), False),
        ("EXPORT_READER_BROKEN", None, ("silent", DAY, "r2"), False),
        ("EXPORT_READER_BROKEN", None, ("broken", DAY, "r2"), True),
        ("GROUP_STEP_BROKEN", None, ("silent", DAY, "r2"), True),
    ],
)
def test_a_fault_keeps_a_day_unread_until_it_is_mended(
    records: CollectionRecords,
    database: Database,
    code: str,
    of_day: date | None,
    later: tuple[str, date, str] | None,
    stands: bool,
) -> None:
    region, ref = "greater_london", "g-00000001"
    records.add_faults([Fault(region, ref, "scrubbed_vectors", code, "r1", of_day)], NOW)
    what = later[0] if later else ""
    arrived = NOW - timedelta(days=2 if what == "silent" else 0)
    outcome = "EXPORT_READER_BROKEN" if what == "broken" else COUNTS
    records.record(export("d0", ref, arrived), outcome, NOW)
    if what == "read":
        records.record(export(group=ref), COUNTS, A_DAY_LATER)
    elif later is not None and what == "settled":
        _, day, run_id = later
        row = {"region": region, "day": day, "group_ref": ref, "status": "scored"}
        with database.transaction() as connection:
            connection.execute(
                group_days.insert().values(**row, export_digest="d1", at=A_DAY_LATER, run_id=run_id)
            )
    codes = {"EXPORT_READER_BROKEN", "GROUP_STEP_BROKEN", "WORKER_LOST"}
    of_files = codes - {"GROUP_STEP_BROKEN"}
    assert records.kept_unread(region, DAY, codes, of_files) == ({ref} if stands else set())
    assert records.kept_unread("east_of_england", DAY, codes, of_files) == set()
    # What came later than the fault was not there to be read.
    assert records.kept_unread(region, NOW.date(), codes, of_files) == set()
