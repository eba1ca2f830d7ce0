"""Messages that come after their day was supplied are told by order of magnitude, never kept."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from connected import at
from killed import Killed, killed_at
from made_bot import A as OF_BOT
from made_bot import Bot
from made_channel import A as OF_CHANNEL
from made_channel import Channel
from made_connector import GROUP, Chat, Connector

from assets.core.errors import ConnectorError
from resources.stores.connect.health import FILE as HEALTH
from resources.stores.connect.health import GroupHealth
from resources.stores.connect.pull_state import FILE as STATE
from resources.stores.connect.pull_state import PullStateFile

DAY = timedelta(days=1)
FIRST = datetime(2026, 10, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "told"), [(0, 0), (1, 1), (9, 1), (10, 10), (99, 10), (100, 100), (1234, 1000)]
)
def test_only_the_order_of_magnitude_is_told(count: int, told: int) -> None:
    assert GroupHealth().after_pull(FIRST, FIRST, 5, count).late == told


class Pulled:
    """A connector that has supplied the day of the 12th, of two messages, just after its end."""

    def __init__(self, connector: Connector) -> None:
        self.own = connector
        self.chat = Chat({"$a": FIRST + timedelta(hours=9), "$b": FIRST + timedelta(hours=10)})
        assert self.turn(FIRST + DAY + timedelta(minutes=30)).late == 0

    def turn(self, now: datetime) -> GroupHealth:
        self.own.now = now
        self.own.list_rooms(self.own.room)
        turns = self.own.turns(self.chat)
        return asyncio.run(turns.take()).groups[GROUP]


@pytest.fixture
def pulled(connector: Connector) -> Pulled:
    return Pulled(connector)


NEXT = FIRST + 2 * DAY + timedelta(minutes=30)


def test_what_came_late_is_counted_with_the_next_day(pulled: Pulled) -> None:
    for number in range(11):
        pulled.chat.sent[f"$late-{number}"] = FIRST + timedelta(hours=20, minutes=number)
    told = pulled.turn(NEXT)
    assert (told.late, told.records, told.refused) == (10, 0, None)
    # The next day had none, and the one before is not looked at again.
    assert pulled.turn(NEXT + DAY).late == 0
    # Nothing of them was sealed.
    assert b"late" not in b"".join(line for one in pulled.own.exports() for line in one)


def test_it_looks_again_once_and_not_at_days_that_it_makes_up_for(pulled: Pulled) -> None:
    pulled.chat.sent["$late"] = FIRST + timedelta(hours=20)
    # What the first of several told stays, until the next day.
    assert pulled.turn(NEXT + 2 * DAY).late == 1
    assert pulled.turn(NEXT + 2 * DAY + timedelta(minutes=1)).late == 1
    starts = [one.start for one in pulled.chat.asked]
    assert starts == [FIRST, FIRST, FIRST + DAY, FIRST + 2 * DAY, FIRST + 3 * DAY]


def test_a_day_of_long_ago_is_not_looked_at_again(pulled: Pulled) -> None:
    pulled.chat.sent["$late"] = FIRST + timedelta(hours=20)
    assert pulled.turn(NEXT + 3 * DAY).late == 0
    assert [one.start for one in pulled.chat.asked][:2] == [FIRST, FIRST + 2 * DAY]


@pytest.mark.parametrize("error", [ConnectorError("CHAT_NOT_WHOLE"), ValueError("wobblequex")])
def test_a_second_look_that_fails_keeps_no_day_back(pulled: Pulled, error: Exception) -> None:
    failing = [error]

    def fail_once() -> None:
        if failing:
            raise failing.pop()

    pulled.chat.before_answer = fail_once
    told = pulled.turn(NEXT)
    assert (told.refused, told.supplied_until) == (None, FIRST + 2 * DAY)


def test_who_withdraws_at_the_second_look_is_asked_for_nothing_more(pulled: Pulled) -> None:
    def withdraw() -> None:
        pulled.own.list_rooms()
        raise ConnectorError("CONNECTOR_ROOM_STOPPED")

    pulled.chat.before_answer = withdraw
    assert pulled.turn(NEXT).refused == "CONNECTOR_ROOM_STOPPED"
    assert len(pulled.chat.asked) == 2
    assert len(pulled.own.exports()) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda room: {"chat": "!other:x.test"},
        lambda room: {"starts": FIRST + DAY},
    ],
)
def test_another_chat_or_consent_is_not_asked_for_that_day(
    pulled: Pulled, change: Callable[[Any], dict[str, Any]]
) -> None:
    pulled.own.room = msgspec.structs.replace(pulled.own.room, **change(pulled.own.room))
    pulled.turn(NEXT)
    assert [one.start for one in pulled.chat.asked] == [FIRST, FIRST + DAY]


@pytest.mark.usefixtures("files_closed_by_nobody")
def test_killed_at_any_statement_of_the_next_pull_it_is_told_all_the_same(
    connector: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)
    of_turns = ("orchestration/connect/late.py", "orchestration/connect/turn.py")
    apart = 1 if full else 3
    number, passed = 1 - apart, [1]
    while passed[0] >= number:
        number += apart
        folder = tmp_path / str(number)
        (folder / "connect").mkdir(parents=True)
        made = Pulled(replace(connector, folder=folder / "connect", inbox=folder / "inbox"))
        made.chat.sent["$late"] = FIRST + timedelta(hours=20)
        with suppress(Killed), killed_at(number, of_turns) as passed:
            made.turn(NEXT)
        told = made.turn(NEXT + timedelta(minutes=1))
        assert (told.late, told.supplied_until) == (1, FIRST + 2 * DAY), number
        assert len(made.own.exports()) == 2
    assert number > 30


def test_the_state_holds_a_count_and_no_id(pulled: Pulled) -> None:
    content = (pulled.own.folder / STATE).read_text()
    assert "$a" not in content
    counted = PullStateFile(pulled.own.folder / STATE).load().of(GROUP).counted
    assert counted is not None
    assert counted.messages == 2


def test_a_reply_that_shows_late_in_a_channel(channel: Channel) -> None:
    post = channel.post(at(9, 12))
    channel.take()
    channel.reply(post, at(23, 12))
    # A reply of the next day under an old post is of that day, and in time.
    channel.reply(post, at(9, 13), "of the next day")
    told = channel.take(days=1)
    assert (told.groups[OF_CHANNEL].late, told.groups[OF_CHANNEL].refused) == (1, None)
    assert channel.texts() == ["of the next day", "so tired"]


def test_what_telegram_hands_out_after_a_day_has_ended(bot: Bot) -> None:
    bot.take()
    bot.take(hours=24)
    held_up = int(bot.api.now) - 3600
    assert bot.take(minutes=50).groups[OF_BOT].late == 0
    bot.says("late", date=held_up)
    bot.says("in time")
    told = bot.take().groups[OF_BOT]
    assert told.late == 1
    # Killed before it could tell.
    (bot.own.folder / HEALTH).unlink()
    again = bot.take().groups[OF_BOT]
    assert (again.late, again.supplied_until) == (1, told.supplied_until)
    # It is told until the next day ends.
    bot.says("later")
    assert bot.take().groups[OF_BOT].late == 1
    bot.take(hours=12)
    assert bot.take(hours=12).groups[OF_BOT].late == 0
