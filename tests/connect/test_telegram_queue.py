"""A bot's queue, by a server of our own that speaks the documented Bot API over HTTP."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Any

import pytest
from bot_api_server import BotApi, served
from connected import AGENT, Connected, at, room
from killed import Killed, killed_at

from assets.core.errors import SetupError
from orchestration.connect.asking import Asking
from orchestration.connect.contract import Permission
from orchestration.connect.telegram.bot import BotClient
from orchestration.connect.telegram.turns import telegram_turns
from orchestration.connect.telegram.updates import Standing, Update
from resources.stores.connect.health import Health
from resources.stores.inbox.coverage import covers, joined

TOKEN = "7000001:marker-token-aGVyb24tYW5kLXRpZGU"
MARKER = "zyxwvutmarker"
A, B = "g-0000000a", "g-0000000b"
CHAT_A, CHAT_B, SUPER_A = -5001, -5002, -1_001_234_567_890
DAY = date(2026, 11, 12)


class Bot:
    """A bot, its connector and the people who write."""

    def __init__(self, root, api: BotApi, runner: asyncio.Runner) -> None:
        self.api, self._runner = api, runner
        self.own = Connected(root, "telegram", api.url, at(-0.5))
        self.own.rooms = [room(one, str(chat), at(-6)) for one, chat in ((A, CHAT_A), (B, CHAT_B))]
        self.numbers = 0
        self.waits: list[float] = []
        self.client: BotClient | None = None
        self.passes()
        self.start()

    def end(self) -> None:
        """End the connector's process."""
        if self.client is not None:
            self._runner.run(self.client.__aexit__())

    def start(self) -> None:
        """Start the connector's process, anew."""
        self.end()

        async def made() -> None:
            self.client = BotClient.of(
                TOKEN, self.own.server, AGENT, Asking(600, sleep=self._waited)
            )

        self._runner.run(made())
        self.turns = telegram_turns(
            self.own.settings, self.own.folder, self.client, self.own.clock, self.own.location
        )

    async def _waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def passes(self, **time: float) -> None:
        self.own.passes(**time)
        self.api.now = self.own.now.timestamp()

    def take(self, **time: float) -> Health:
        """Let time pass, then take a turn."""
        self.passes(**(time or {"minutes": 10}))
        return self._runner.run(self.turns.take())

    def message(self, text: str = "so tired", chat: int = CHAT_A, **more) -> dict:
        self.numbers += 1
        kind = "group" if chat > -1_000_000_000_000 else "supergroup"
        return {
            "message_id": self.numbers,
            "date": int(self.api.now),
            "chat": {"id": chat, "type": kind, "title": f"{MARKER} team"},
            "from": {"id": 42, "is_bot": False, "first_name": "Ola", "last_name": "Berg"},
            "text": text,
            **more,
        }

    def says(self, text: str = "so tired", chat: int = CHAT_A, **more) -> dict:
        told = self.message(text, chat, **more)
        self.api.happens("message", told)
        return told

    def stands(self, status: str, chat: int = CHAT_A, **more) -> None:
        """Let an admin change how the bot stands in a chat."""
        self.api.statuses[chat] = status
        bot = {"id": 7_000_001, "is_bot": True, "first_name": "Tideline"}
        self.api.happens(
            "my_chat_member",
            {
                "date": int(self.api.now),
                "chat": {"id": chat, "type": "group", "title": "team"},
                "from": {"id": 9, "is_bot": False, "first_name": "Admin"},
                "old_chat_member": {"user": bot, "status": "member"},
                "new_chat_member": {"user": bot, "status": status, **more},
            },
        )

    def texts(self, ref: str = A) -> list[str]:
        return [one.text for one in self.own.read(ref).messages]

    def whole_days(self, ref: str = A) -> set[date]:
        """Days that its files hold whole, alone or joined."""
        files = self.own.candidates(ref)
        files += list(joined(files))
        days = [date(2026, 11, number) for number in range(9, 20)]
        return {day for day in days if any(covers(one, day) for one in files)}


@contextmanager
def a_bot(root, **more) -> Iterator[Bot]:
    with served(BotApi(TOKEN, 0, **more)) as api, asyncio.Runner() as runner:
        bot = Bot(root, api, runner)
        try:
            yield bot
        finally:
            bot.end()


@pytest.fixture
def bot(tmp_path) -> Iterator[Bot]:
    with a_bot(tmp_path) as made:
        yield made


def test_a_day_is_held_whole_by_the_files_of_its_turns(bot: Bot) -> None:
    bot.own.rooms = [room(A, str(CHAT_A), at(0)), room(B, str(CHAT_B), at(0))]
    bot.take()
    for hour in range(25):
        bot.passes(minutes=50)
        bot.says(f"word {hour}")
        if hour == 7:
            bot.says("hello from b", CHAT_B)
        bot.take()
    told = bot.take()
    assert bot.whole_days() == bot.whole_days(B) == {DAY}
    # A file for each turn in which somebody wrote, and one that ends the day.
    assert len(bot.own.held(A)) == 25
    assert len(bot.own.held(B)) == 2
    assert bot.texts() == [f"word {hour}" for hour in range(25)]
    assert bot.own.spans(A)[0][0] == bot.own.spans(B)[0][0] == at(0)
    assert [one for one in bot.texts(B) if one] == ["hello from b"]
    assert told.refused is None
    assert {ref: one.refused for ref, one in told.groups.items()} == {A: None, B: None}
    assert told.groups[A].supplied_until is not None
    assert bot.api.user_agents == {AGENT}


def test_only_what_lies_in_the_inbox_is_acknowledged(bot: Bot, monkeypatch) -> None:
    bot.take()
    bot.says("kept")
    outbox = bot.turns.delivery.outbox
    waiting: list[list[int]] = []
    put = type(outbox).put

    def seen(self, *given) -> None:
        waiting.append(bot.api.waiting)
        put(self, *given)

    monkeypatch.setattr(type(outbox), "put", seen)
    bot.take()
    assert [len(one) for one in waiting] == [1]
    assert len(bot.api.waiting) == 1
    bot.take()
    assert bot.api.waiting == []
    assert bot.texts() == ["kept"]


def test_more_than_one_answer_holds(bot: Bot) -> None:
    bot.take()
    for number in range(250):
        bot.says(f"w{number}", (CHAT_A, CHAT_B)[number % 2])
    bot.take()
    # Files of one moment are put in the order of their names, which are drawn.
    assert sorted(bot.texts()) == sorted(f"w{number}" for number in range(0, 250, 2))
    assert sorted(bot.texts(B)) == sorted(f"w{number}" for number in range(1, 250, 2))
    assert len(bot.own.held(A)) == 3


def test_what_is_not_listed_is_not_read(bot: Bot) -> None:
    bot.take()
    people = {"id": 42, "is_bot": False, "first_name": "Ola"}
    for chat in (-5003, 42):
        bot.says(f"{MARKER} elsewhere", chat)
    bot.api.happens("channel_post", bot.message(MARKER, -1_009_999_999_999))
    bot.api.happens("inline_query", {"id": "1", "from": people, "query": MARKER, "offset": ""})
    bot.take()
    bot.take()
    assert bot.own.held(A) == bot.own.held(B) == []
    assert bot.api.waiting == []
    wanted = {one[1].get("allowed_updates") for one in bot.api.asked if one[0] == "getUpdates"}
    assert wanted == {'["message", "edited_message", "my_chat_member"]'}


def test_nothing_of_before_the_consent_or_after_it(bot: Bot) -> None:
    bot.own.rooms = [room(A, str(CHAT_A), at(6), at(12))]
    bot.take()
    for hour in (3, 5.9, 6, 8, 11.9, 12, 14):
        bot.take(hours=(at(hour) - bot.own.now).total_seconds() / 3600)
        told = bot.says(f"at {hour}")
        if hour == 8:
            bot.api.happens("edited_message", {**told, "text": "changed", "edit_date": 1})
    early = bot.message("early", date=int(at(3).timestamp()), edit_date=int(bot.api.now))
    bot.api.happens("edited_message", early)
    bot.take()
    bot.take()
    assert bot.texts() == ["at 6", "changed", "at 11.9"]
    assert (bot.own.spans(A)[0][0], bot.own.spans(A)[-1][1]) == (at(6), at(12))


def test_a_day_that_was_not_listened_to_whole_is_not_supplied(bot: Bot) -> None:
    bot.take()
    bot.says("one")
    bot.take(hours=10)
    bot.says("two")
    # Down over a night, for less than Telegram keeps updates.
    bot.take(hours=22)
    assert bot.whole_days() == {DAY}
    bot.says("lost")
    bot.passes(hours=25)
    bot.says("three")
    bot.take(hours=6)
    for _ in range(4):
        bot.take(hours=9)
    assert "lost" not in bot.texts()
    assert "three" in bot.texts()
    assert bot.whole_days() == {DAY, date(2026, 11, 14), date(2026, 11, 15)}


def test_a_gap_while_the_bot_was_out_of_the_group(bot: Bot) -> None:
    bot.take()
    bot.says("before")
    bot.passes(hours=5)
    bot.stands("left")
    bot.passes(hours=2)
    bot.stands("member")
    bot.passes(minutes=1)
    bot.says("after")
    bot.take()
    for _ in range(6):
        bot.take(hours=9)
    assert sorted(bot.texts()) == ["after", "before"]
    assert bot.whole_days() == {date(2026, 11, 13)}
    bot.stands("kicked")
    told = bot.take()
    assert told.groups[A].refused == "CHAT_NOT_JOINED"
    assert told.groups[B].refused is None
    bot.stands("member")
    assert bot.take().groups[A].refused == "CHAT_NOT_WHOLE"


@pytest.mark.parametrize(
    ("reads_all", "status", "code"),
    [
        (True, "member", None),
        (True, "restricted", "CHAT_NOT_JOINED"),
        (True, "unknown", "CHAT_NOT_JOINED"),
        (False, "member", "BOT_SEES_NOT_ALL"),
        (False, "administrator", None),
    ],
)
def test_a_bot_that_is_not_given_all_is_refused(tmp_path, reads_all, status, code) -> None:
    with a_bot(tmp_path, reads_all=reads_all) as bot:
        bot.api.statuses = {CHAT_A: status, CHAT_B: "administrator"}
        told = bot.take()
        # It was added in the evening, of a day that it can't hold whole.
        whole = "CHAT_NOT_WHOLE"
        refused = {ref: one.refused for ref, one in told.groups.items()}
        assert (told.refused, refused) == (None, {A: code or whole, B: whole})
        bot.says("a word")
        bot.take()
        assert len(bot.own.held(A)) == (code is None)


def test_an_admin_who_becomes_a_member_again_makes_a_gap_where_privacy_is_on(tmp_path) -> None:
    with a_bot(tmp_path, reads_all=False) as bot:
        bot.api.statuses = {CHAT_A: "administrator", CHAT_B: "administrator"}
        bot.take()
        bot.passes(hours=3)
        bot.stands("member")
        bot.passes(hours=3)
        bot.stands("administrator", CHAT_A)
        for _ in range(5):
            bot.take(hours=12)
        assert DAY not in bot.whole_days()
        assert DAY in bot.whole_days(B)


@pytest.mark.parametrize("told_by", ["old", "new", "before the turn"])
def test_a_group_that_becomes_a_supergroup_stays_the_group(bot: Bot, told_by: str) -> None:
    bot.take()
    bot.says("in the group")
    if told_by == "before the turn":
        # The queue has nothing of it; only asking about the old number tells.
        bot.take()
        bot.api.moved[CHAT_A] = SUPER_A
    else:
        old, new = bot.message("", CHAT_A), bot.message("", SUPER_A)
        del old["text"], new["text"]
        tellings = [
            {**old, "migrate_to_chat_id": SUPER_A},
            {**new, "migrate_from_chat_id": CHAT_A},
        ]
        bot.api.moved[CHAT_A] = SUPER_A
        bot.api.happens("message", tellings[told_by == "new"])
    bot.says("in the supergroup", SUPER_A)
    bot.take()
    bot.start()
    bot.says("and on", SUPER_A)
    bot.take()
    assert [one for one in bot.texts() if one] == ["in the group", "in the supergroup", "and on"]
    assert bot.own.rooms[0].chat == str(CHAT_A)
    assert str(SUPER_A) in bot.own.kept_in_clear()
    # Which chat it was goes with the group.
    bot.own.rooms = bot.own.rooms[1:]
    bot.take()
    assert str(SUPER_A) not in bot.own.kept_in_clear()
    assert A not in bot.own.kept_in_clear()


def test_an_edit_acts_on_what_lies_in_an_earlier_file(bot: Bot) -> None:
    bot.take()
    told = bot.says("first words")
    media = bot.message("", location={"latitude": 1.0, "longitude": 2.0})
    del media["text"]
    bot.api.happens("message", media)
    bot.take()
    bot.api.happens("edited_message", {**told, "text": "other", "edit_date": int(bot.api.now)})
    bot.api.happens("edited_message", {**media, "edit_date": int(bot.api.now)})
    bot.take()
    (_, later) = bot.own.held(A)
    assert [one.kind for one in later[1]] == ["edited"]
    assert {(one.kind, one.text) for one in bot.own.read(A).messages} == {
        ("edited", "other"),
        ("media", ""),
    }


def test_what_comes_late_is_held_by_a_file_that_reaches_back(bot: Bot) -> None:
    bot.take()
    bot.says("in time")
    bot.take()
    bot.says("late", date=int(bot.api.now) - 300)
    bot.take()
    bot.says("of before it listened", date=int(at(-3).timestamp()))
    bot.take()
    assert sorted(bot.texts()) == ["in time", "late"]
    first, second, *_ = bot.own.spans(A)
    assert second[0] < first[1]


@pytest.mark.parametrize(
    ("fails", "code", "waits"),
    [
        ([(429, {"retry_after": 7}, "Too Many Requests: retry after 7")], None, [7]),
        ([(502, {}, "Bad Gateway")] * 2, None, [1, 2]),
        ([(429, {"retry_after": 900}, "Too Many Requests")], "PLATFORM_THROTTLES", []),
        ([(500, {}, "Internal Server Error")] * 9, "PLATFORM_NOT_REACHABLE", [1, 2, 4, 8]),
        ([(401, {}, "Unauthorized")], "CHAT_TOKEN_REFUSED", []),
        ([(400, {}, "Bad Request: what")], "PLATFORM_ANSWER_UNKNOWN", []),
    ],
)
def test_an_answer_that_is_none(bot: Bot, fails, code, waits) -> None:
    bot.take()
    bot.says("waits")
    bot.api.fails = fails
    told = bot.take()
    assert told.refused == code
    assert bot.waits == waits
    bot.api.fails = []
    bot.start()
    bot.take()
    assert bot.texts() == ["waits"]
    for _ in range(3):
        bot.take(hours=10)
    assert DAY in bot.whole_days()


def test_a_bot_that_another_reads_leaves_a_gap(bot: Bot) -> None:
    bot.take()
    bot.says("ours")
    bot.take()
    bot.api.webhook = True
    assert bot.take().refused == "BOT_READ_BY_ANOTHER"
    bot.api.webhook = False
    bot.start()
    for _ in range(6):
        bot.take(hours=10)
    assert DAY not in bot.whole_days()
    assert date(2026, 11, 13) in bot.whole_days()


def test_a_withdrawal_stops_it(bot: Bot) -> None:
    bot.take()
    bot.says("before")
    bot.take()
    bot.own.rooms = bot.own.rooms[1:]
    bot.says("after it", CHAT_A)
    bot.says("goes on", CHAT_B)
    bot.take()
    assert bot.texts() == ["before"]
    assert bot.texts(B) == ["goes on"]
    asked = len(bot.api.asked)
    bot.own.rooms = []
    bot.take()
    # A list that is no longer written anew stops it as well.
    bot.own.rooms = [room(B, str(CHAT_B))]
    bot.passes(minutes=10)
    bot.own.now += timedelta(seconds=61)
    assert bot._runner.run(bot.turns.take()).refused == "CONNECTOR_LIST_STALE"
    assert len(bot.api.asked) == asked


def test_a_withdrawal_while_it_pulls_keeps_nothing_and_loses_nothing(bot: Bot, monkeypatch) -> None:
    bot.take()
    bot.says("of a", CHAT_A)
    bot.says("of b", CHAT_B)
    updates = type(bot.client).updates

    async def withdrawn(self, *given):
        found = await updates(self, *given)
        bot.own.rooms = [one for one in bot.own.rooms if one.group_ref != A]
        bot.own.list_rooms()
        return found

    monkeypatch.setattr(type(bot.client), "updates", withdrawn)
    assert bot.take().refused == "CONNECTOR_ROOM_STOPPED"
    monkeypatch.undo()
    bot.start()
    bot.take()
    assert (bot.own.held(A), bot.texts(B)) == ([], ["of b"])


def test_numbers_that_begin_anew_after_a_quiet_week(bot: Bot) -> None:
    bot.take()
    bot.says("before")
    bot.take()
    bot.take()
    bot.api.restart_numbers(at=3)
    bot.says("after")
    bot.take()
    assert bot.texts() == ["before", "after"]


def test_a_damaged_update_is_a_gap(bot: Bot) -> None:
    bot.take()
    bot.says("before")
    bot.passes(minutes=1)
    bot.api.happens("message", {"chat": MARKER})
    bot.passes(minutes=1)
    bot.says("after, and not held")
    told = bot.take()
    assert (told.refused, told.groups[A].refused) == (None, "CHAT_NOT_WHOLE")
    for _ in range(6):
        bot.take(hours=10)
    assert bot.texts() == ["before"]
    assert bot.whole_days() == {date(2026, 11, 13)}


def test_no_word_and_no_token_is_kept_or_told(bot: Bot, caplog, capfd) -> None:
    caplog.set_level(0)
    bot.take()
    bot.says(MARKER)
    bot.api.happens("message", {**bot.message(MARKER), "entities": MARKER})
    bot.api.fails = [(502, {}, MARKER), (400, {"what": MARKER}, MARKER)]
    told = [bot.take()]
    bot.api.fails = [(401, {}, f"{MARKER} {TOKEN}")]
    bot.start()
    told += [bot.take(), bot.take(), bot.take()]
    assert MARKER in "".join(one.decode() for one in bot.own.sealed(A))
    out = "".join((*capfd.readouterr(), caplog.text, repr(told), bot.own.kept_in_clear()))
    assert MARKER not in out
    assert TOKEN not in out
    assert TOKEN.partition(":")[2] not in out


class Asked:
    """The same service without HTTP, for what is tried hundreds of times."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    def _ask(self, method: str, asked: dict[str, Any], permitted: Permission) -> Any:
        permitted()
        status, answer = self._api.answer(f"/bot{TOKEN}/{method}", asked)
        assert status == 200
        return answer["result"]

    async def sees_all(self, permitted: Permission) -> tuple[int, bool]:
        me = self._ask("getMe", {}, permitted)
        return me["id"], me["can_read_all_group_messages"]

    async def standing(self, chat: int, bot: int, permitted: Permission) -> Standing:
        return Standing(self._ask("getChatMember", {"chat_id": chat}, permitted)["status"])

    async def updates(self, offset: int, permitted: Permission) -> list[Update]:
        return [Update(one) for one in self._ask("getUpdates", {"offset": offset}, permitted)]


class BotWithoutHttp(Bot):
    def end(self) -> None:
        """There is no connection to close."""

    def start(self) -> None:
        self.turns = telegram_turns(
            self.own.settings,
            self.own.folder,
            Asked(self.api),  # type: ignore[arg-type]
            self.own.clock,
            self.own.location,
        )


AT_THE_DISK = (
    "connect/telegram/turns.py",
    "connect/delivery.py",
    "stores/connect/outbox.py",
    "stores/connect/pull_state.py",
    "base/files.py",
)


@pytest.mark.usefixtures("files_closed_by_nobody")
def test_killed_between_any_two_statements_nothing_is_lost_and_nothing_comes_twice(
    tmp_path, monkeypatch
) -> None:
    # Nobody cuts the power, and flushing to disk a thousand times takes a minute.
    monkeypatch.setattr("os.fsync", lambda _: None)

    def told(bot: Bot) -> tuple[list[str], list[str], set[date]]:
        return sorted(bot.texts()), sorted(bot.texts(B)), bot.whole_days()

    def a_day(root, number: int) -> tuple[int, tuple[list[str], list[str], set[date]]]:
        with asyncio.Runner() as runner:
            bot = BotWithoutHttp(root, BotApi(TOKEN, 0, url="http://127.0.0.1:1"), runner)
            bot.take()
            bot.passes(hours=20)
            for text in ("one", "two"):
                bot.says(text)
            bot.says("three", CHAT_B)
            with suppress(Killed), killed_at(number, AT_THE_DISK) as passed:
                bot.take()
            bot.start()
            bot.take(minutes=1)
            bot.says("four")
            bot.take(hours=5)
            bot.take()
            assert bot.api.waiting == []
            return passed[0], told(bot)

    many, expected = a_day(tmp_path / "whole", 0)
    assert many > 150
    assert expected == (["four", "one", "two"], ["three"], {DAY})
    for number in range(1, many + 1):
        passed, found = a_day(tmp_path / str(number), number)
        assert passed >= number
        assert found == expected, number


@pytest.mark.parametrize(
    ("token", "server", "code"),
    [
        ("", "https://api.telegram.org", "CONNECTOR_TOKEN_MISSING"),
        (TOKEN, "http://api.telegram.org", "CONNECTOR_SETTINGS_INVALID"),
    ],
)
def test_refused_at_the_start(token: str, server: str, code: str) -> None:
    with pytest.raises(SetupError) as caught:
        BotClient.of(token, server, AGENT, Asking(60))
    assert caught.value.code == code
    assert caught.value.__context__ is None
