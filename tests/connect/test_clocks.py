"""A clock that is wrong makes no day seem whole: attacks by the time of either machine."""

from datetime import UTC, datetime, timedelta

import pytest
from made_bot import A, Bot
from made_channel import A as OF_TEAMS
from made_channel import Channel

from assets.core.errors import ConnectorError
from orchestration.connect.same_clock import require_same_clock

NOON = datetime(2026, 11, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Sun, 15 Nov 2026 12:00:00 GMT", None),
        ("Sun, 15 Nov 2026 12:01:30 GMT", None),
        ("Sun, 15 Nov 2026 11:58:29 GMT", "CONNECTOR_CLOCK_WRONG"),
        ("Sun, 15 Nov 2026 12:01:31 GMT", "CONNECTOR_CLOCK_WRONG"),
        ("Sun, 15 Nov 2026 13:00:00 +0100", None),
        ("Sun, 15 Nov 2026 12:00:00 -0000", None),
        # What tells nothing.
        (None, None),
        ("", None),
        ("yesterday", None),
        ("Sun, 15 Nov 99999 12:00:00 GMT", None),
    ],
)
def test_clocks_that_agree(written: str | None, code: str | None) -> None:
    if code is None:
        require_same_clock(written, lambda: NOON)
        return
    with pytest.raises(ConnectorError, match=code):
        require_same_clock(written, lambda: NOON)


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine is an hour ahead of the platform, which tells the true time."""
    real = require_same_clock

    def an_hour_ahead(written: str | None) -> None:
        real(written, lambda: datetime.now(UTC) + timedelta(hours=1))

    for user in ("teams.graph", "telegram.bot", "matrix.rooms"):
        monkeypatch.setattr(f"orchestration.connect.{user}.require_same_clock", an_hour_ahead)


@pytest.mark.usefixtures("ahead")
def test_no_day_of_a_channel_is_supplied_an_hour_early(channel: Channel) -> None:
    channel.post(NOON - timedelta(days=3))
    assert channel.take().groups[OF_TEAMS].refused == "CONNECTOR_CLOCK_WRONG"
    assert channel.own.held(OF_TEAMS) == []


@pytest.mark.usefixtures("ahead")
def test_nothing_of_a_bot_s_queue_is_taken_an_hour_early(bot: Bot) -> None:
    bot.says("waits")
    assert bot.take().refused == "CONNECTOR_CLOCK_WRONG"
    assert (bot.own.held(A), len(bot.api.waiting)) == ([], 1)
