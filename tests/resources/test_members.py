from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from assets.core.errors import ConsentError, StorageError
from resources.base.database.connection import Database
from resources.base.database.tables import member_events, names_borne, seen_senders, told_names
from resources.stores.members.exporter import Exporter
from resources.stores.members.identity import person_written
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
            for table in (member_events, seen_senders, names_borne)
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


def test_names_told_of_under_another_key_are_not_silently_void(members, database, journal) -> None:
    members.record_told(GROUP, ["Ama"], D)
    blind = MemberRegister(database, lambda: b"o" * 32, journal)
    for refused in (
        lambda: blind.told(GROUP),
        lambda: blind.record_told(GROUP, ["Ama"], D),
        lambda: blind.forget_told(GROUP, ["Ama"]),
    ):
        with pytest.raises(StorageError, match=r"^MEMBER_KEY_INVALID$"):
            refused()


def accounts(**shown: date) -> RollCall:
    """Accounts 1, 2 and so on by name and day, such as `Ama_1=D`."""
    return RollCall(
        {
            person_written(name.replace("_", " ")[:-2], f"telegram {name[-1]}"): day
            for name, day in shown.items()
        },
        (),
    )


@pytest.mark.parametrize(
    ("before", "after", "counts_for"),
    [
        ([], [accounts(Sarah_Jones_1=D)], 1),
        ([accounts(Sarah_Jones_1=D)], [], 1),
        ([accounts(Sarah_Jones_1=D)], [accounts(Sarah_1=D + DAY)], 1),
        # Two at once, and then one of them alone.
        ([], [accounts(Sarah_Jones_1=D, jones_SARAH_2=D), accounts(Sarah_Jones_2=D + DAY)], None),
        ([], [accounts(Sarah_Jones_1=D), accounts(Sarah_Jones_2=D + DAY)], None),
        ([accounts(Sarah_Jones_1=D)], [accounts(Sarah_Jones_2=D + DAY)], None),
        ([accounts(Sarah_Jones_1=D, Sarah_Jones_2=D)], [accounts(Sarah_Jones_1=D)], None),
        # Somebody seen under another name takes this one on, whichever day an export shows.
        ([], [accounts(Amina_3=D), accounts(Sarah_Jones_3=D + DAY)], None),
        ([accounts(Amina_3=D)], [accounts(Sarah_Jones_3=D)], None),
        ([accounts(Amina_3=D)], [accounts(Sarah_Jones_3=D - DAY)], None),
        ([], [accounts(Sarah_Jones_3=D), accounts(Amina_3=D - DAY)], None),
        ([], [accounts(Sarah_Jones_3=D, Amina_3=D + DAY)], None),
        # And voids it for whoever bears it.
        ([accounts(Amina_3=D)], [accounts(Sarah_Jones_3=D, Sarah_Jones_1=D)], None),
        ([], [RollCall({"Sarah Jones": D, "Sarah Jones 07700 900123": D}, ())], None),
        # One of several names at once is enough to void it.
        (
            [RollCall({person_written("Sarah Jones", "slack 2", "sally"): D}, ())],
            [accounts(Sarah_Jones_1=D)],
            None,
        ),
    ],
)
def test_a_name_told_of_counts_for_the_one_who_bore_it_from_the_first(
    members, before: list[RollCall], after: list[RollCall], counts_for: int | None
) -> None:
    for one in before:
        members.record_roll_call(GROUP, one, NOW)
    # Of an earlier day than all of them are seen.
    day = D - 3 * DAY
    assert members.record_told(GROUP, ["Sarah Jones"], day) == 1
    for one in after:
        members.record_roll_call(GROUP, one, NOW)
    sender = members.marker(GROUP).sender(person_written("x", f"telegram {counts_for}"))
    expected = {} if counts_for is None else {sender: day}
    assert members.told(GROUP) == expected
    assert members.told(OTHER) == {}
    # Told again is told to nobody else, and what was taken back counts for nobody.
    assert members.record_told(GROUP, ["jones, sarah", "Ben"], day + DAY) == 2
    assert members.told(GROUP) == expected
    assert members.forget_told(GROUP, ["Ama"]) == 0
    assert members.forget_told(GROUP, ["Sarah Jones"]) == 1
    assert members.told(GROUP) == {}
    assert members.forget_told(GROUP, []) == 1
    # A name that was void stays so.
    members.record_told(GROUP, ["Sarah Jones"], day)
    assert members.told(GROUP) == expected


def test_an_exporter_called_the_same_voids_a_name_as_well(members) -> None:
    marker = members.marker(GROUP)
    exporter = Exporter(
        marker.marks_of("Sarah Jones 07700 900123"), marker.sender("Sarah Jones 07700 900123")
    )
    members.record_told(GROUP, ["Sarah Jones"], D)
    called = RollCall({"You": D, "Sarah Jones": D}, (), exporter, frozenset({"You"}))
    members.record_roll_call(GROUP, called, NOW)
    assert members.told(GROUP) == {}


def test_who_was_told_is_known_by_nothing_that_can_be_read_and_is_no_sender(
    members, database: Database
) -> None:
    assert members.record_told(GROUP, ["Sarah Jones", "jones, SARAH", "Ama"], D) == 2
    members.record_roll_call(GROUP, call(Ama=D), NOW)
    marker = members.marker(GROUP)
    # The pulse bounds a group's answers by how many senders it has.
    assert members.seen(GROUP) == {marker.sender("Ama"): D}
    assert marker.name("Ama") not in (marker.sender("Ama"), members.marker(OTHER).name("Ama"))
    with database.transaction() as connection:
        shown = repr(
            [connection.execute(sa.select(one)).all() for one in (told_names, names_borne)]
        ).lower()
    assert marker.name("Ama") in shown
    assert not any(word in shown for word in ("sarah", "jones", "ama"))


@pytest.mark.parametrize("names", [[], ["Sarah", ""], ["Sarah", "+44 7700 900123"]])
def test_who_has_no_name_is_told_of_to_nobody(
    members, database: Database, names: list[str]
) -> None:
    with pytest.raises(ConsentError, match=r"^MEMBER_UNNAMED$"):
        members.record_told(GROUP, names, D)
    if names:
        with pytest.raises(ConsentError, match=r"^MEMBER_UNNAMED$"):
            members.forget_told(GROUP, names)
    with database.transaction() as connection:
        assert connection.execute(sa.select(told_names)).all() == []
