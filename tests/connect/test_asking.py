"""How often a platform is asked, and that it is not asked without permission."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from assets.core.errors import ConnectorError
from orchestration.connect.asking import (
    MOST_TRIES,
    AskedTooOften,
    Asking,
    NotReachable,
    seconds_told,
)

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


@pytest.mark.parametrize(("told", "left_alone"), [(3600, 3600), (1e300, 86_400), (299, 0)])
def test_it_leaves_alone_who_wants_to_be(
    monkeypatch: pytest.MonkeyPatch, told: float, left_alone: float
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    platform = Platform(*[AskedTooOften(told)] * (MOST_TRIES if told < 300 else 1), "ok")
    asking = Asking(600, platform.sleep)

    def asked() -> int:
        before = platform.happened.count("asked")
        with suppress(ConnectorError):
            asyncio.run(asking.ask(platform.request, platform.permitted))
        return platform.happened.count("asked") - before

    assert asked() > 0
    if left_alone:
        now[0] += left_alone - 1
        assert asked() == 0
        now[0] += 2
    assert asked() == 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Sun, 15 Nov 2026 12:00:09 GMT", 9.0),
        ("Sun, 15 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("\u00b2", None),
    ],
)
def test_how_long_a_platform_wants_to_be_left_alone(
    written: str | None, seconds: float | None
) -> None:
    assert seconds_told(written, lambda: datetime(2026, 11, 15, 12, tzinfo=UTC)) == seconds


def test_who_withdraws_while_it_keeps_to_its_own_pace_is_let_go_of_at_once() -> None:
    platform = Platform("ok", "ok")
    platform.withdrawn_after = 1

    async def ask_twice() -> None:
        asking = Asking(1, platform.sleep)
        await asking.ask(platform.request, platform.permitted)
        await asking.ask(platform.request, platform.permitted)

    with pytest.raises(ConnectorError, match="CONNECTOR_ROOM_STOPPED"):
        asyncio.run(ask_twice())
    assert platform.happened == [*TURN, 20, "permitted"]


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
