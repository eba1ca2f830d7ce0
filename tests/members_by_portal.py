"""The portal's side of a house for tests of members' requests, and the command line on a house."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.stores.requests.matching import group_code
from resources.stores.requests.member_request import Asks
from resources.stores.requests.portal_side import MembersDoor
from resources.stores.requests.receipts import Stands

COMMANDS = (
    "backup",
    "consent",
    "inbox",
    "lifetimes",
    "member",
    "readiness",
    "release",
    "release_budget",
    "remind",
    "requests",
    "status",
    "verify",
)


class Portal:
    """The pages' side of a house: the real role, and no key but the public one."""

    def __init__(self, house: Any) -> None:
        self.database = Database(house.session.url, Role.PORTAL)
        recipient = house.session.home.config.inbox_recipient
        self.door = MembersDoor(self.database, recipient)
        self.house = house

    def put(self, asks: Asks, ref: str | None, **said: str) -> str:
        code = "" if ref is None else group_code(self.house.resources["members"].marker(ref))
        return self.door.put(asks, group=code, **said)

    def stands(self, code: str) -> Stands:
        return self.door.answer(code).stands


@contextmanager
def portals() -> Iterator[Callable[[Any], Portal]]:
    """Makes portals of houses, and disposes of them."""
    opened: list[Portal] = []

    def of(house: Any) -> Portal:
        opened.append(Portal(house))
        return opened[-1]

    yield of
    for one in opened:
        one.database.dispose()


def command_line(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs commands on a house; returns what they print."""

    def command(house: Any, *arguments: str, given: str = "") -> str:
        for module in COMMANDS:
            monkeypatch.setattr(
                f"orchestration.cli.{module}.open_session", lambda: house.session, raising=False
            )
        result = CliRunner().invoke(app, arguments, input=given)
        if result.exception is not None and result.exit_code:
            raise result.exception
        return result.output

    return command
