from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.core.errors import ConsentError, StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import member_events, seen_senders
from resources.stores.members.member_events import MemberEvent, RollCall, Saying, SayingSource
from resources.stores.members.member_register import MemberRegister

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
D = date(2026, 10, 1)
DAY = timedelta(days=1)
GROUP, OTHER = "g-00000001", "g-00000002"
KEY = b"k" * 32


@pytest.fixture
def members(database: Database, journal) -> MemberRegister:
    return MemberRegister(database, lambda: KEY, journal)


def said(members: MemberRegister, saying: Saying, who: str, group: str = GROUP) -> MemberEvent:
    return MemberEvent(saying, SayingSource.COMMAND, D, members.marker(group).marks_of(who))


def call(*sayings: tuple[str, Saying, date], **first_day: date) -> RollCall:
    return RollCall(first_day, sayings)


def test_what_was_said_is_found_again_in_order(members) -> None:
    events = [
        said(members, Saying.OBJECTED, "Sarah Jones 07700 900123"),
        said(members, Saying.OPTED_IN, "+44 7700 900123"),
        said(members, Saying.WITHDRAWN, "Ama"),
    ]
    for one in events:
        members.record(GROUP, one, NOW)
    members.record(OTHER, said(members, Saying.OBJECTED, "Ama", OTHER), NOW)
    assert members.events(GROUP) == events
    assert len(members.events(OTHER)) == 1
    assert members.sequence(GROUP) == 3
    assert members.sequence("g-00000003") == 0


def test_the_database_holds_digests_only(members, database: Database) -> None:
    members.record(GROUP, said(members, Saying.OBJECTED, "Sarah Jones 07700 900123"), NOW)
    members.record_roll_call(GROUP, call(("Ama", Saying.OBJECTED, D), Ama=D, Sarah=D), NOW)
    with database.transaction() as connection:
        rows = [
            tuple(row)
            for table in (member_events, seen_senders)
            for row in connection.execute(sa.select(table))
        ]
    shown = repr(rows).lower()
    assert not any(word in shown for word in ("sarah", "jones", "ama", "7700"))
    assert len({digest for row in rows for digest in _digests(row)}) >= 8


def _digests(row) -> set[str]:
    flat = [one for value in row for one in (value if isinstance(value, list) else [value])]
    return {one for one in flat if isinstance(one, str) and len(one) == 64}


def test_what_was_posted_is_recorded_once_for_each_day(members) -> None:
    called = call(("Ama", Saying.OBJECTED, D), ("Ama", Saying.OBJECTED, D), Ama=D)
    for _ in range(2):
        members.record_roll_call(GROUP, called, NOW)
    members.record_roll_call(GROUP, call(("Ama", Saying.OPTED_IN, D + DAY), Ama=D), NOW)
    assert [(one.saying, one.source, one.day) for one in members.events(GROUP)] == [
        (Saying.OBJECTED, SayingSource.CHAT, D),
        (Saying.OPTED_IN, SayingSource.CHAT, D + DAY),
    ]


def test_a_sender_keeps_the_earliest_day_in_any_order_of_reading(members) -> None:
    sender = members.marker(GROUP).sender("Ama")
    for day in (D, D - DAY, D + DAY):
        members.record_roll_call(GROUP, call(Ama=day, **{"~ AMA": day + DAY}), NOW)
    assert members.seen(GROUP) == {sender: D - DAY}
    assert members.seen(OTHER) == {}


@pytest.mark.parametrize("recorded", ["event", "sender"])
def test_another_key_is_refused_and_not_silently_blind(
    members, database, journal, recorded
) -> None:
    if recorded == "event":
        members.record(GROUP, said(members, Saying.OBJECTED, "Sarah"), NOW)
    else:
        members.record_roll_call(GROUP, call(Ama=D), NOW)
    blind = MemberRegister(database, lambda: b"o" * 32, journal)
    with pytest.raises(StorageError, match=r"^MEMBER_KEY_INVALID$"):
        blind.events(GROUP) if recorded == "event" else blind.seen(GROUP)
    with pytest.raises(StorageError, match=r"^MEMBER_KEY_INVALID$"):
        blind.record_roll_call(GROUP, call(Ama=D), NOW) if recorded == "event" else (
            blind.record_told(GROUP, ["Ama"], D)
        )


def test_who_was_told_is_known_by_name_and_by_nothing_that_can_be_read(
    members, database: Database
) -> None:
    assert members.record_told(GROUP, ["Sarah Jones", "jones, SARAH", "Ama"], D) == 2
    # What is known of an earlier day stays, and another group knows nobody.
    assert members.record_told(GROUP, ["Ama"], D + DAY) == 1
    marker = members.marker(GROUP)
    assert members.seen(GROUP) == {marker.told("Sarah Jones"): D, marker.told("Ama"): D}
    assert members.seen(OTHER) == {}
    assert marker.told("Ama") not in (marker.sender("Ama"), members.marker(OTHER).told("Ama"))
    with database.transaction() as connection:
        shown = repr(connection.execute(sa.select(seen_senders)).all()).lower()
    assert not any(word in shown for word in ("sarah", "jones", "ama"))


@pytest.mark.parametrize("names", [[], ["Sarah", ""], ["Sarah", "+44 7700 900123"]])
def test_who_has_no_name_is_told_of_to_nobody(members, names: list[str]) -> None:
    with pytest.raises(ConsentError, match=r"^MEMBER_UNNAMED$"):
        members.record_told(GROUP, names, D)
    assert members.seen(GROUP) == {}
