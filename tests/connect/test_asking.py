"""How often a platform is asked, and that it is not asked without permission."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from assets.core.errors import ConnectorError
from orchestration.connect.asking import MOST_TRIES, AskedTooOften, Asking, NotReachable

Outcome = str | Exception


class Platform:
    """Answers what it is told to, in order, and notes what happens."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.happened = list(outcomes), list[str | float]()
        self.withdrawn_after = 99

    async def request(self) -> str:
        self.happened.append("asked")
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def permitted(self) -> None:
        self.happened.append("permitted")
        if self.happened.count("permitted") > self.withdrawn_after:
            raise ConnectorError("CONNECTOR_ROOM_STOPPED")

    async def sleep(self, seconds: float) -> None:
        self.happened.append(seconds)

    def ask(self) -> str:
        return asyncio.run(Asking(600, self.sleep).ask(self.request, self.permitted))


TURN = ["permitted", "asked"]


@pytest.mark.parametrize(
    ("outcomes", "happened"),
    [
        (("ok",), [*TURN]),
        ((AskedTooOften(7), "ok"), [*TURN, 7, *TURN]),
        ((AskedTooOften(), "ok"), [*TURN, 1.0, *TURN]),
        ((NotReachable(), NotReachable(), "ok"), [*TURN, 1.0, *TURN, 2.0, *TURN]),
        ((AskedTooOften(0), NotReachable(), "ok"), [*TURN, 0, *TURN, 2.0, *TURN]),
    ],
)
def test_it_waits_as_it_is_told(outcomes: tuple[Outcome, ...], happened: list[str | float]) -> None:
    platform = Platform(*outcomes)
    assert platform.ask() == "ok"
    assert platform.happened == happened


@pytest.mark.parametrize(
    ("outcomes", "code", "asked"),
    [
        ([AskedTooOften(1)] * MOST_TRIES, "PLATFORM_THROTTLES", MOST_TRIES),
        ([AskedTooOften(3600)], "PLATFORM_THROTTLES", 1),
        ([NotReachable()] * MOST_TRIES, "PLATFORM_NOT_REACHABLE", MOST_TRIES),
        ([ConnectorError("CHAT_ENCRYPTED")], "CHAT_ENCRYPTED", 1),
    ],
)
def test_it_gives_up(outcomes: list[Outcome], code: str, asked: int) -> None:
    platform = Platform(*outcomes)
    with pytest.raises(ConnectorError, match=code):
        platform.ask()
    assert platform.happened.count("asked") == asked
    assert platform.happened[-1] == "asked"


def test_who_withdraws_while_it_waits_is_not_asked_for_again() -> None:
    platform = Platform(AskedTooOften(120), "ok")
    platform.withdrawn_after = 3
    with pytest.raises(ConnectorError, match="CONNECTOR_ROOM_STOPPED"):
        platform.ask()
    # It does not wait to the end before it lets go of what it had pulled.
    assert platform.happened == [*TURN, 20, "permitted", 20, "permitted", 20, "permitted"]


class _WaitedError(Exception):
    pass


def test_so_many_in_a_minute_and_no_more() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        raise _WaitedError

    async def answer() -> str:
        return "ok"

    async def ask_often(asking: Asking, request: Callable[[], Awaitable[str]]) -> None:
        for _ in range(4):
            await asking.ask(request, lambda: None)

    with pytest.raises(_WaitedError):
        asyncio.run(ask_often(Asking(3, sleep), answer))
    assert len(waited) == 1
    assert 0 < waited[0] <= 60
