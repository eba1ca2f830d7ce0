"""A group read on from bookmarks day by day gives what it gives when it is read whole each day."""

import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from structured_exports import zipped

from assets.core.errors import StorageError
from assets.restricted.collection.admission import SetApart
from assets.restricted.collection.chronicle import chronicle
from assets.restricted.collection.group_reading import GroupMessages, GroupReading
from assets.restricted.consent.sentences import OBJECTION_SENTENCE
from orchestration.cli.delivering import deliver
from resources.stores.consent.departures import FOR_GOOD
from resources.stores.inbox import inbox as inbox_module
from resources.stores.inbox.bookmark_shelf import BookmarkShelf
from resources.stores.inbox.inbox import Inbox
from resources.stores.members.exporter import note_of
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

FIRST = date(2026, 10, 1)
BEFORE, DAYS = 35, 24
A_DAY = 40
NAMES = ("Ola Reed", "Ben Asante", "Cy Umar", "Efe Kaya", "+44 7700 900123")
WORDS = ("shift", "cover", "rota", "late", "tired", "handover", "bus", "tea", "nights", "off")
COPIED = "please all share this with every carer that you know today"


@pytest.fixture(autouse=True)
def _shape_learned_from_little(monkeypatch: pytest.MonkeyPatch) -> None:
    # So that shorter chats have places to go on from.
    monkeypatch.setattr("assets.restricted.collection.whatsapp.plan.SAMPLE_CHARACTERS", 1 << 15)
    monkeypatch.setattr("assets.restricted.collection.going_on.FEWEST_BYTES_SPARED", 1)


def entries(seed: int) -> list[tuple[datetime, str, str]]:
    """When, who and what: `BEFORE` days before the consent, and `DAYS` after it."""
    chance = random.Random(seed)
    found = []
    for number in range(-BEFORE, DAYS):
        day = FIRST + timedelta(days=number)
        for minute in range(A_DAY):
            at = datetime(day.year, day.month, day.day, 7) + timedelta(minutes=20 * minute)
            # The last of them comes when it has long begun.
            who = chance.choice(NAMES if number > 12 else NAMES[:-1])
            text = " ".join(chance.choices(WORDS, k=chance.randrange(3, 30)))
            if chance.random() < 0.08:
                text = f"{COPIED} {chance.randrange(30)}"
            elif chance.random() < 0.02:
                text = "ask @\u2068Ben Asante\u2069 or Efe"
            elif number == -3 and minute == 5:
                who, text = "Cy Umar", OBJECTION_SENTENCE
            found.append((at, who, text))
    return found


@cache
def lines(seed: int) -> tuple[tuple[date, str], ...]:
    """Entries by day, as WhatsApp writes them."""
    return tuple(
        (at.date(), f"{at:%d/%m/%Y, %H:%M} - {who}: {text}\n") for at, who, text in entries(seed)
    )


def slack(held: Sequence[tuple[datetime, str, str]]) -> bytes:
    users = [{"id": f"U{n}", "profile": {"real_name": one}} for n, one in enumerate(NAMES)]
    files: dict[str, list[Any]] = {"users.json": users}
    for at, who, text in held:
        moment = f"{int(at.replace(tzinfo=UTC).timestamp())}.000100"
        told = {"ts": moment, "user": f"U{NAMES.index(who)}", "text": text}
        files.setdefault(f"night/{at:%Y-%m-%d}.json", []).append(told)
    return zipped({name: json.dumps(one, indent=1).encode() for name, one in files.items()})


def messenger(held: Sequence[tuple[datetime, str, str]]) -> bytes:
    told = [
        {
            "sender_name": who,
            "timestamp_ms": int(at.replace(tzinfo=UTC).timestamp() * 1000),
            "content": text.encode().decode("latin-1"),
        }
        for at, who, text in reversed(held)
    ]
    people = [{"name": one} for one in NAMES]
    parts = [told[start : start + 900] for start in range(0, len(told), 900)]
    return zipped(
        {
            f"inbox/n_1/message_{number}.json": json.dumps(
                {"participants": people, "messages": one, "title": "Night"}
            ).encode()
            for number, one in enumerate(parts, 1)
        }
    )


def matrix(held: Sequence[tuple[datetime, str, str]]) -> bytes:
    until = held[-1][0].date() + timedelta(days=1)
    head = {"canonical_export": 1, "platform": "matrix", "from": "2026-01-01T00:00:00Z"}
    told: list[Any] = [{**head, "to": f"{until}T00:00:00Z"}]
    told += [
        # Its ids tell no order.
        {
            "id": f"${number * 7919 % 10_007}",
            "at": f"{at.isoformat()}Z",
            "sender": who,
            "name": who,
            "text": text,
        }
        for number, (at, who, text) in enumerate(held)
    ]
    return b"".join(json.dumps(one).encode() + b"\n" for one in told)


WRITERS = {"slack": slack, "messenger": messenger, "matrix": matrix}


@dataclass
class Group:
    house: Any
    ref: str

    def read(self, content: bytes, day: date, you: str | None = None) -> tuple[GroupMessages, Any]:
        have, clock = self.house.resources, self.house.clock
        note = b"" if you is None else note_of(have["members"].marker(self.ref), you)
        held = chronicle(io.BytesIO(content))
        sealed = have["inbox"].add(self.ref, held, clock.now(), note=note)
        reading = GroupReading(
            have["inbox"],
            have["records"],
            have["members"],
            have["register"].consent(self.ref),
            cooling_off=timedelta(0),
            now=clock.now(),
        )
        exports = reading.group_exports()
        assert not exports.refused
        wanted = [day - timedelta(days=back) for back in range(3)]
        found = reading.messages(exports, sealed.digest, wanted)
        return found, have["records"].readable(self.ref)[sealed.digest]

    def object(self, name: str, day: date) -> None:
        members = self.house.resources["members"]
        marks = members.marker(self.ref).marks_of(name)
        said = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, day, marks)
        members.record(self.ref, said, self.house.clock.now())

    @property
    def folder(self) -> Path:
        return Path(self.house.session.home.config.inbox) / self.ref

    @property
    def marks(self) -> list[Path]:
        return sorted(self.folder.glob("*.mark"))

    @property
    def seen(self) -> list[date]:
        return sorted(self.house.resources["members"].seen(self.ref).values())


@pytest.fixture
def read_whole(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """For each opening of an export whether it was read whole."""
    found: list[str] = []
    real = GroupReading._open

    def spy(self: GroupReading, *args: Any, **options: Any) -> Any:
        export = real(self, *args, **options)
        found.append("whole" if export.before is None else "on")
        return export

    monkeypatch.setattr(GroupReading, "_open", spy)
    return found


def read_alike(
    on: Group, whole: Group, content: bytes, day: date, read_whole: list[str]
) -> GroupMessages:
    """What a group that may read on finds: the same as one that has to read it whole."""
    for path in whole.marks:
        path.unlink()
    expected, expected_counts = whole.read(content, day)
    read_whole.clear()
    found, counts = on.read(content, day)
    assert counts == expected_counts
    assert found.messages == expected.messages
    assert found.roster == expected.roster
    assert found.set_apart == expected.set_apart
    assert found.drift == expected.drift
    assert found.messages
    return found


def at_dawn(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)


def test_day_by_day_the_same_is_found(house: Any, clock: Any, read_whole: list[str]) -> None:
    clock.moment = at_dawn(FIRST - timedelta(days=40))
    on, whole = (Group(house, house.grant(valid_from=FIRST)) for _ in range(2))
    written = [*lines(3)]
    how: list[str] = []
    copied = 0
    for number in (14, 15, 18, 19, 20, 21, 22):
        day = FIRST + timedelta(days=number)
        clock.moment = at_dawn(day + timedelta(days=1))
        if number == 19:
            for one in (on, whole):
                one.object("Efe Kaya", day)
        if number == 21:
            # Someone deleted a message of the years before.
            del written[900]
        content = "".join(line for at, line in written if at <= day).encode()
        found = read_alike(on, whole, content, day, read_whole)
        how.append(read_whole[-1])
        copied += found.set_apart[SetApart.COPIED]
        assert len(on.marks) == 1
    assert on.seen == whole.seen
    assert copied
    # Twice the past changed: by what was said, and by what was deleted.
    assert how == ["whole", "on", "on", "whole", "on", "whole", "on"]
    assert house.session.ways_out.inbox.strays(on.ref) == 0
    house.withdraw(on.ref)
    house.session.ways_out.leaving.delete_all_of(on.ref, clock.now())
    assert list(on.folder.glob("*")) == []


@pytest.mark.parametrize("platform", WRITERS)
def test_so_it_is_of_what_does_not_grow_at_its_end(
    house: Any, clock: Any, read_whole: list[str], monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr("assets.restricted.collection.structured.read_on.NEAREST_MARK", 1 << 13)
    clock.moment = at_dawn(FIRST - timedelta(days=40))
    on, whole = (Group(house, house.grant(valid_from=FIRST, platform=platform)) for _ in range(2))
    written = entries(3)[-50 * A_DAY :]
    how: list[str] = []
    for number in range(16, 20):
        day = FIRST + timedelta(days=number)
        clock.moment = at_dawn(day + timedelta(days=1))
        if number == 18:
            for one in (on, whole):
                one.object("Efe Kaya", day)
        if number == 19:
            # Someone deleted a message of the years before.
            del written[500]
        content = WRITERS[platform]([one for one in written if one[0].date() <= day])
        read_alike(on, whole, content, day, read_whole)
        how.append(read_whole[-1])
    assert how == ["whole", "on", "whole", "whole"]


def test_the_chronicle_is_what_is_delivered(house: Any, clock: Any, tmp_path: Path) -> None:
    clock.moment = at_dawn(FIRST + timedelta(days=DAYS))
    ref = house.grant(valid_from=FIRST, platform="slack")
    path = tmp_path / "export.zip"
    path.write_bytes(slack(entries(3)[-200:]))
    delivered = deliver(house.session, ref, path)
    held = house.resources["inbox"].open_export(delivered.sealed).read()
    assert held.startswith(b'{"chronicle":"slack"')
    assert delivered.look.entries == 200


def test_collect_leaves_a_bookmark_and_reads_on_from_it(
    house: Any, clock: Any, read_whole: list[str]
) -> None:
    clock.moment = at_dawn(FIRST - timedelta(days=40))
    group = Group(house, house.grant(valid_from=FIRST))
    written = lines(3)
    for number in (14, 15):
        day = FIRST + timedelta(days=number)
        clock.moment = at_dawn(day + timedelta(days=1))
        content = "".join(line for at, line in written if at <= day).encode()
        house.deliver(group.ref, content)
        assert house.run("collect", day) is None
        assert house.codes() == {}
    # `platform_export` reads each file whose counts it lacks, `scrubbed_vectors` what is new.
    assert read_whole == ["whole", "on"]
    assert len(group.marks) == 1
    assert (day, group.ref) in house.group_days()
    kept = group.marks[0].read_bytes()
    assert kept.startswith(b"age-encryption.org")
    # Its lifetime is that of the exports.
    clock.moment += timedelta(days=15)
    assert house.run("lifetimes", day) is None
    assert group.marks == []


def content_up_to(day: date) -> bytes:
    return "".join(line for at, line in lines(3) if at <= day).encode()


def two_days(clock: Any) -> list[date]:
    clock.moment = at_dawn(FIRST - timedelta(days=40))
    return [FIRST + timedelta(days=number) for number in (14, 15)]


def read_at_dawn(group: Group, clock: Any, day: date, you: str | None = None) -> GroupMessages:
    clock.moment = at_dawn(day + timedelta(days=1))
    return group.read(content_up_to(day), day, you)[0]


def test_a_bookmark_is_of_one_exporter(house: Any, clock: Any, read_whole: list[str]) -> None:
    days = two_days(clock)
    start = clock.moment
    for before, after in (
        ("Ben Asante", None),
        (None, "Ben Asante"),
        ("Ben Asante", "Cy Umar"),
        ("Ben Asante", "Ben Asante"),
        (None, None),
    ):
        clock.moment = start
        read_whole.clear()
        group = Group(house, house.grant(valid_from=FIRST))
        for day, you in zip(days, (before, after), strict=True):
            read_at_dawn(group, clock, day, you)
        assert read_whole == ["whole", "on" if before == after else "whole"], (before, after)


def test_a_bookmark_is_of_the_chat_that_was_chosen(
    house: Any, clock: Any, read_whole: list[str]
) -> None:
    days = two_days(clock)
    group = Group(house, house.grant(valid_from=FIRST))
    members = house.resources["members"]
    assert members.chosen_chat(group.ref) == ""
    read_at_dawn(group, clock, days[0])
    members.record_chat(group.ref, "Night team", clock.now())
    assert members.chosen_chat(group.ref)
    read_at_dawn(group, clock, days[1])
    assert set(read_whole) == {"whole"}


def test_a_bookmark_is_never_worth_a_run(
    house: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, read_whole: list[str]
) -> None:
    days = two_days(clock)
    start = clock.moment
    expected = [read_at_dawn(Group(house, house.grant(valid_from=FIRST)), clock, d) for d in days]
    real = Inbox.staying
    for broken in ("put_sealed", "unsealed", "staying"):
        clock.moment = start
        group = Group(house, house.grant(valid_from=FIRST))
        read_whole.clear()

        def refuse(self: Any, *args: Any, of: str = broken) -> Any:
            if of == "staying" and not any(one.endswith(".mark") for one in args[1]):
                return real(self, *args)
            raise StorageError("INBOX_NOT_REACHABLE")

        with monkeypatch.context() as patch:
            if broken == "unsealed":
                # It gives None where it is gone; the location may answer nothing at all.
                patch.setattr(BookmarkShelf, "find", refuse)
            else:
                patch.setattr(Inbox, broken, refuse)
            found = [read_at_dawn(group, clock, day) for day in days]
        assert [one.messages for one in found] == [one.messages for one in expected], broken
        assert set(read_whole) == {"whole"}, broken
        if broken != "unsealed":
            assert list(group.folder.glob("*.mark")) == [], broken
            assert list(group.folder.glob(".*")) == [], broken


def test_a_bookmark_goes_unread_once_its_group_left(
    house: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = two_days(clock)
    group = Group(house, house.grant(valid_from=FIRST))
    read_at_dawn(group, clock, days[0])
    inbox, stamp, later = house.resources["inbox"], clock.now(), clock.now() + timedelta(days=3)
    shelf = BookmarkShelf(inbox, group.ref, later, later)
    for until, stays in (
        (FOR_GOOD, False),
        (stamp, False),
        # Last, for it is stamped anew.
        (stamp - timedelta(seconds=1), True),
    ):
        (mark,) = group.marks
        name = mark.stem.rpartition("-")[2]
        with monkeypatch.context() as patch:
            assert shelf.find(name) is not None
            patch.setattr(inbox, "_departures", lambda _, of=until: {group.ref: of})
            shelf.renew(name)
            assert (shelf.find(name) is not None) == stays, until
            # Nothing that should have gone is stamped anew.
            assert (group.marks != [mark]) == stays, until
            if until == FOR_GOOD:
                shelf.keep(name, b"of a reading that was under way")
                assert group.marks == [mark]


def test_a_bookmark_past_its_lifetime_or_too_large_goes_unread(
    house: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = two_days(clock)
    group = Group(house, house.grant(valid_from=FIRST))
    read_at_dawn(group, clock, days[0])
    (mark,) = group.marks
    inbox, name = house.resources["inbox"], mark.stem.rpartition("-")[2]
    later = clock.now() + inbox.lifetime + timedelta(seconds=1)
    shelf = BookmarkShelf(inbox, group.ref, later, later)
    assert shelf.find(name) is None
    shelf.renew(name)
    assert group.marks == [mark]

    assert inbox.unsealed(str(mark)) is not None
    monkeypatch.setattr(inbox_module, "LARGEST_BOOKMARK", mark.stat().st_size - 1)
    assert inbox.unsealed(str(mark)) is None
    monkeypatch.setattr("resources.stores.inbox.bookmark_shelf.LARGEST_BOOKMARK", 3)
    BookmarkShelf(inbox, group.ref, clock.now()).keep("0" * 64, b"four")
    assert group.marks == [mark]


def test_a_bookmark_bears_the_moment_of_the_export_that_bore_it_out(
    house: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, read_whole: list[str]
) -> None:
    days = two_days(clock)
    group = Group(house, house.grant(valid_from=FIRST))
    read_at_dawn(group, clock, days[0])
    # From here on it is not moved on, and so renewed.
    monkeypatch.setattr("assets.restricted.collection.going_on.FEWEST_BYTES_SPARED", 1 << 40)
    have = house.resources
    arrived = at_dawn(days[1] + timedelta(days=2))
    sealed = have["inbox"].add(group.ref, io.BytesIO(content_up_to(days[1])), arrived)
    clock.moment = arrived + timedelta(days=2)
    reading = GroupReading(
        have["inbox"],
        have["records"],
        have["members"],
        have["register"].consent(group.ref),
        cooling_off=timedelta(0),
        now=clock.now(),
    )
    before = group.marks
    exports = reading.group_exports()
    # Counting asks nobody whether the reading still stands.
    assert group.marks == before
    reading.messages(exports, sealed.digest, [days[1]])
    assert read_whole[-1] == "on"
    (mark,) = group.marks
    assert mark.name.startswith(f"{arrived:%Y%m%dT%H%M%S}")
