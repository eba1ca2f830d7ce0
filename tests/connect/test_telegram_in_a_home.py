"""The connector to Telegram from a home's settings and list to what may be read of a day."""

import asyncio
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bot_api_server import BotApi, served
from command_line import exit_status

from assets.core.london_time import LONDON
from assets.restricted.collection.group_reading import GroupReading
from orchestration.connect.asking import Asking
from orchestration.connect.telegram.bot import BotClient
from orchestration.connect.telegram.turns import telegram_turns
from resources.containment.marker_scan import scan_bytes, scan_folder
from resources.stores.connect.health import Health
from resources.stores.connect.settings import read_settings
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.inbox.coverage import supplier
from resources.stores.members.identity import person_written
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

pytestmark = pytest.mark.slow

TOKEN = "7000001:wibblesnatch-token"
TYPED = "zandermoor"
CHAT = -5001
TOLD, DAY = date(2026, 10, 1), date(2026, 10, 12)
MEMBERS = range(12)
OBJECTOR, LATE = 3, 11


def at(hour: float, day: date = DAY) -> datetime:
    """A moment of a day in London."""
    start = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    return (start + timedelta(hours=hour)).astimezone(UTC)


def shown(member: int) -> str:
    return f"Quillon{member} Fennimarsh{member}"


def desktop(*members: int) -> bytes:
    """An export by Telegram Desktop in which members wrote before the notice."""
    said = [
        {
            "id": member + 1,
            "type": "message",
            "date_unixtime": str(int(at(9, date(2026, 9, 20)).timestamp()) + member),
            "from": shown(member),
            "from_id": f"user{100 + member}",
            "text": f"hello from {member}",
        }
        for member in members
    ]
    chat = {"name": "Night team", "type": "private_group", "id": -CHAT, "messages": said}
    return json.dumps(chat).encode()


@dataclass
class Collected:
    """A session's home in which a bot takes a group's messages.

    Attributes:
        session: the home's.
        group_ref: the group.
        api: the bot's side of Telegram.
    """

    session: Any
    group_ref: str
    api: BotApi

    def passes_to(self, moment: datetime) -> None:
        self.session.clock.moment = moment
        self.api.now = moment.timestamp()

    def say(
        self,
        moment: datetime,
        member: int,
        text: str,
        kind: str = "message",
        named: int | None = None,
    ) -> None:
        """A member writes, under the name of another if one is given."""
        self.passes_to(moment)
        first, last = shown(member if named is None else named).split()
        user = {"id": 100 + member, "is_bot": False, "first_name": first, "last_name": last}
        told = {
            "message_id": len(self.api.asked) + round(moment.timestamp()) % 86_400,
            "date": int(moment.timestamp()),
            "chat": {"id": CHAT, "type": "group", "title": f"{TYPED} team"},
            "from": user,
            "text": text,
        }
        self.api.happens(kind, told)

    def turn_at(self, moment: datetime) -> Health:
        """A process that takes one turn, with a list of rooms of that moment."""
        self.passes_to(moment)
        self.session.ways_out.refresh_connectors(self.session.clock.now())
        folder = self.session.home.connectors / "telegram"
        settings = read_settings(folder / "settings.yaml", "telegram")

        async def take() -> Health:
            bot = BotClient.of(TOKEN, settings.server, settings.user_agent, Asking(600))
            async with bot as client:
                turns = telegram_turns(settings, folder, client, self.session.clock.now)
                return await turns.take()

        return asyncio.run(take())

    def read(self, day: date) -> tuple[list[str], Counter[str]] | None:
        """Texts of a day that may be read, and of others how many, by reason; None for no day."""
        have = self.session.resources
        reading = GroupReading(
            have["inbox"],
            have["records"],
            have["members"],
            have["register"].consent(self.group_ref),
            cooling_off=self.session.home.config.cooling_off,
            now=self.session.clock.now(),
        )
        exports = reading.group_exports()
        assert not exports.refused
        chosen = supplier(exports.candidates, day)
        if chosen is None:
            return None
        found = reading.messages(exports, chosen.digest, [day])
        return sorted(one.text for one in found.messages), Counter(found.set_apart)

    @property
    def files(self) -> list[Path]:
        inbox = Path(self.session.home.config.inbox)
        return sorted((inbox / self.group_ref).glob("*.age"))


@pytest.fixture
def collected(
    session: Any, terms: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Collected]:
    session.clock.set_to(date(2026, 10, 11))
    now = session.clock.now()
    group_ref = session.register.grant(
        terms(platform="telegram", valid_from=date(2026, 10, 8), informed_on=TOLD), now
    )
    marks = session.members.marker(group_ref).marks_of(shown(OBJECTOR))
    session.members.record(
        group_ref, MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, TOLD, marks), now
    )
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    with served(BotApi(TOKEN, now.timestamp())) as api:
        words = ("--server", api.url, "--organisation", "Test House", "--contact", "t@example.org")
        assert exit_status(monkeypatch, "connect", "settings", "telegram", *words) == 0
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{CHAT}\n"))
        assert exit_status(monkeypatch, "connect", "add", group_ref) == 0
        yield Collected(session, group_ref, api)


def test_a_group_is_collected_turn_by_turn_and_not_after_it_withdraws(
    collected: Collected, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    session = collected.session
    # Who was there when members were told, only an export by hand can tell.
    known = desktop(*(one for one in MEMBERS if one != LATE))
    session.resources["inbox"].add(collected.group_ref, io.BytesIO(known), at(-3))
    collected.turn_at(at(-1))
    for hour in range(4, 24, 4):
        for member in MEMBERS:
            collected.say(
                at(hour + member / 60), member, f"so tired after it {TYPED} {hour} {member}"
            )
        told = collected.turn_at(at(hour + 1))
        assert (told.refused, told.groups[collected.group_ref].refused) == (None, None)
    assert collected.read(DAY) is None
    collected.turn_at(at(24.2))
    found = collected.read(DAY)
    assert found is not None
    texts, apart = found
    assert apart == {"objected": 5, "not_yet_informed": 5}
    assert texts == sorted(
        f"so tired after it {TYPED} {hour} {member}"
        for hour in range(4, 24, 4)
        for member in MEMBERS
        if member not in (OBJECTOR, LATE)
    )

    collected.say(at(26), 0, f"the next day {TYPED}")
    updates = BotClient.updates

    async def withdrawn(self: BotClient, *given: Any) -> Any:
        found = await updates(self, *given)
        session.ways_out.leaving.withdraw(collected.group_ref, session.clock.now())
        return found

    monkeypatch.setattr(BotClient, "updates", withdrawn)
    assert collected.turn_at(at(27)).refused == "CONNECTOR_ROOM_STOPPED"
    monkeypatch.setattr(BotClient, "updates", updates)
    assert collected.files == []
    asked = len(collected.api.asked)
    collected.turn_at(at(27.1))
    assert len(collected.api.asked) == asked

    markers = [
        TYPED.encode(),
        TOKEN.partition(":")[2].encode(),
        *(b"Quillon%d" % n for n in MEMBERS),
    ]
    root = session.home.root
    for folder in (root, root.with_name(f"{root.name}-inbox")):
        assert scan_folder(folder, markers) == set()
    assert scan_bytes("".join(capfd.readouterr()).encode(), markers) == set()


def test_who_was_told_is_recorded_by_name_without_an_export_by_hand(
    collected: Collected,
    terms: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capfd: Any,
) -> None:
    session, group_ref = collected.session, collected.group_ref
    names = "".join(f"{shown(one)}\n" for one in MEMBERS if one != LATE)
    told = ("consent", "told", group_ref, "--informed-on")
    collected.turn_at(at(-1))
    for member in MEMBERS:
        collected.say(at(9 + member / 60), member, f"so tired {TYPED} {member}")
    collected.turn_at(at(10))
    collected.turn_at(at(24.2))
    assert collected.read(DAY) == ([], {"objected": 1, "not_yet_informed": 11})
    for day, given in ((date(2026, 10, 2), names), (TOLD, ""), (TOLD, "+44 7700 900123\n")):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        assert exit_status(monkeypatch, *told, f"{day}") != 0
    assert collected.read(DAY) == ([], {"objected": 1, "not_yet_informed": 11})
    # Twice is as once.
    for _ in range(2):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{names}\n"))
        assert exit_status(monkeypatch, *told, f"{TOLD}") == 0
    found = collected.read(DAY)
    assert found is not None
    assert found[0] == sorted(
        f"so tired {TYPED} {member}" for member in MEMBERS if member not in (OBJECTOR, LATE)
    )
    assert found[1] == {"objected": 1, "not_yet_informed": 1}
    found_at_first = found
    out = "".join(capfd.readouterr())
    assert "NOTICE_NOT_RECORDED" in out
    assert "MEMBER_UNNAMED" in out
    assert f"{len(MEMBERS) - 1} names" in out
    assert "Fennimarsh" not in out
    # What is taken back counts for nobody, until it is recorded again.
    for given, not_told in ((f"{shown(0)}\n", 2), ("", 11)):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        assert exit_status(monkeypatch, *told[:3], "--forget") == 0
        taken_back = collected.read(DAY)
        assert taken_back is not None
        assert taken_back[1] == {"objected": 1, "not_yet_informed": not_told}
    assert exit_status(monkeypatch, *told[:3]) != 0
    monkeypatch.setattr("sys.stdin", io.StringIO(names))
    assert exit_status(monkeypatch, *told[:3], "--forget", "--informed-on", f"{TOLD}") != 0
    assert exit_status(monkeypatch, *told, f"{TOLD}") == 0
    assert collected.read(DAY) == found_at_first
    out = "".join(capfd.readouterr())
    assert "1 names" in out
    assert f"{len(MEMBERS) - 2} names" in out
    assert "Fennimarsh" not in out
    # Where only who opts in is read, nobody else is for having been told.
    other = session.register.grant(
        terms(
            platform="telegram",
            valid_from=date(2026, 10, 8),
            informed_on=TOLD,
            member_basis=MemberBasis.OPT_IN,
        ),
        session.clock.now(),
    )
    monkeypatch.setattr("sys.stdin", io.StringIO(names))
    assert exit_status(monkeypatch, "consent", "told", other, "--informed-on", f"{TOLD}") == 0
    assert "only those are read who opt in" in "".join(capfd.readouterr())
    # Names are gone with the group, as digests of senders are.
    session.ways_out.leaving.withdraw(group_ref, session.clock.now())
    assert session.members.seen(group_ref) == {}
    monkeypatch.setattr("sys.stdin", io.StringIO(names))
    assert exit_status(monkeypatch, *told, f"{TOLD}") != 0
    assert session.members.seen(group_ref) == {}
    markers = [b"Quillon0", b"Fennimarsh0"]
    assert scan_folder(session.home.root, markers) == set()


def test_nobody_is_read_for_bearing_a_name_that_another_was_told_by(
    collected: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, group_ref = collected.session, collected.group_ref
    there, namesake, renamed, told = 0, 20, 21, 1
    next_day = DAY + timedelta(days=1)
    collected.turn_at(at(-1))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{shown(0)}\n{shown(1)}\n{shown(2)}\n"))
    told_of = ("consent", "told", group_ref, "--informed-on", f"{TOLD}")
    assert exit_status(monkeypatch, *told_of) == 0
    collected.say(at(9), there, "hello")
    collected.say(at(9.5), namesake, "hello from a newcomer of the same name", named=there)
    collected.say(at(10), renamed, "hello from somebody else")
    collected.say(at(10.5), told, "hello from who was told")
    collected.turn_at(at(11))
    collected.turn_at(at(24.2))
    assert collected.read(DAY) == (["hello from who was told"], {"not_yet_informed": 3})
    # In the next batch nobody else bears either name.
    collected.say(at(9, next_day), namesake, "the newcomer alone", named=there)
    collected.say(at(10, next_day), renamed, "under the name of who was told", named=2)
    collected.say(at(11, next_day), told, "under another name", named=30)
    collected.turn_at(at(12, next_day))
    collected.turn_at(at(24.2, next_day))
    assert collected.read(next_day) == (["under another name"], {"not_yet_informed": 2})
    assert session.members.told(group_ref).keys() == {
        session.members.marker(group_ref).sender(person_written("", f"telegram {100 + told}"))
    }


def test_the_command_takes_one_turn_and_forgets_its_token(
    collected: Collected, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    session = collected.session
    file = session.home.connectors / "telegram" / "settings.yaml"
    for name in ("TIDELINE_HOME", "TIDELINE_PG_URL"):
        monkeypatch.delenv(name, raising=False)
    words = ("connect", "telegram", "--settings", str(file), "--once")
    assert exit_status(monkeypatch, *words) != 0
    # The command has the real time, and a list of October is old.
    session.ways_out.refresh_connectors(session.clock.now())
    monkeypatch.setenv("TIDELINE_TELEGRAM_TOKEN", TOKEN)
    assert exit_status(monkeypatch, *words) != 0
    assert collected.api.asked == []
    collected.passes_to(datetime.now(UTC))
    session.ways_out.refresh_connectors(session.clock.now())
    monkeypatch.setenv("TIDELINE_TELEGRAM_TOKEN", TOKEN)
    assert exit_status(monkeypatch, *words) == 0
    assert [method for method, _ in collected.api.asked] == ["getMe", "getChatMember", "getUpdates"]
    assert "TIDELINE_TELEGRAM_TOKEN" not in os.environ
    out = "".join(capfd.readouterr())
    assert "CONNECTOR_TOKEN_MISSING" in out
    assert "CONNECTOR_LIST_STALE" in out
    assert TOKEN.partition(":")[2] not in out
