"""A bot's connector, killed between any two statements."""

import asyncio
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from bot_api_server import BotApi
from killed import Killed, killed_at
from made_bot import CHAT_A, CHAT_B, DAY, SUPER_A, TOKEN, B, Bot

from orchestration.connect.contract import Permission
from orchestration.connect.telegram.bot import Moved
from orchestration.connect.telegram.turns import telegram_turns
from orchestration.connect.telegram.updates import Standing, Update


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
        if chat in self._api.moved:
            raise Moved(self._api.moved[chat])
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
    "stores/inbox/location.py",
    "resources/base/files.py",
)


@pytest.mark.usefixtures("files_closed_by_nobody")
def test_killed_between_any_two_statements_nothing_is_lost_and_nothing_comes_twice(
    tmp_path, monkeypatch, full
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
            # A group becomes a supergroup, and is written in under its new number.
            bot.says("", migrate_to_chat_id=SUPER_A)
            bot.api.moved[CHAT_A] = SUPER_A
            bot.says("moved", SUPER_A)
            with suppress(Killed), killed_at(number, AT_THE_DISK) as passed:
                bot.take()
            bot.start()
            bot.take(minutes=1)
            bot.says("four", SUPER_A)
            bot.take(hours=5)
            bot.take()
            assert bot.api.waiting == []
            return passed[0], told(bot)

    many, expected = a_day(tmp_path / "whole", 0)
    assert many > 300
    assert expected == (["four", "moved", "one", "two"], ["three"], {DAY})
    for number in range(1, many + 1, 1 if full else 5):
        passed, found = a_day(tmp_path / str(number), number)
        assert passed >= number
        assert found == expected, number
