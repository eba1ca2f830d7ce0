"""A bot with its connector, and people who write, over a Bot API of our own."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from bot_api_server import BotApi, served
from connected import AGENT, Connected, at, room

from orchestration.connect.asking import Asking
from orchestration.connect.telegram.bot import BotClient
from orchestration.connect.telegram.turns import telegram_turns
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
