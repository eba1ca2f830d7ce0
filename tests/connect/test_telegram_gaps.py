"""Days that a bot does not hold whole are not supplied, and are told of."""

from datetime import date

import pytest
from connected import at, room
from made_bot import CHAT_A, CHAT_B, DAY, MARKER, A, B, Bot, a_bot

from orchestration.connect.telegram import turns


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


def test_a_second_connector_of_the_same_bot_takes_no_day_apart_unseen(bot: Bot, tmp_path) -> None:
    """Each asks when the other does not, so that the platform tells neither of a conflict."""
    bot.take()
    bot.take(hours=9)
    bot.says("ours")
    bot.take()
    other = Bot(tmp_path / "other", bot.api, bot._runner)
    try:
        other.own.now = bot.own.now
        bot.says("theirs")
        # By its next question the first message is taken for received.
        for _ in range(2):
            other.take()
        bot.passes(minutes=20)
        bot.says("after")
        bot.take()
    finally:
        other.end()
    for _ in range(4):
        bot.take(hours=10)
    assert bot.texts() == ["ours"]
    assert bot.whole_days() == {date(2026, 11, 13)}


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


@pytest.mark.parametrize("more", [{"date": 1 << 60}, {"date": -1}, {"migrate_to_chat_id": 1 << 70}])
def test_a_damaged_update_of_a_chat_is_a_gap_of_that_chat_alone(bot: Bot, more) -> None:
    bot.own.rooms = [room(A, str(CHAT_A), at(0)), room(B, str(CHAT_B), at(0))]
    bot.take()
    bot.passes(hours=1)
    bot.says("before")
    bot.says("before", CHAT_B)
    bot.says("elsewhere", -5009, **more)
    told = bot.take()
    assert {ref: one.refused for ref, one in told.groups.items()} == {A: None, B: None}
    bot.says("odd", **more)
    bot.says("lost")
    bot.says("after", CHAT_B)
    told = bot.take()
    assert (told.refused, told.groups[A].refused) == (None, "CHAT_NOT_WHOLE")
    assert told.groups[B].refused is None
    for _ in range(3):
        bot.take(hours=10)
    assert bot.texts() == ["before"]
    assert bot.texts(B) == ["before", "after"]
    assert DAY in bot.whole_days(B) - bot.whole_days()


def test_a_message_whose_fields_are_of_another_kind_is_counted_and_left_out(bot: Bot) -> None:
    bot.own.rooms = [room(A, str(CHAT_A), at(0))]
    bot.take()
    bot.passes(hours=1)
    bot.says("one")
    bot.says("odd", **{"from": {"id": 42, "is_bot": None, "first_name": "Ola"}})
    bot.says("two")
    told = bot.take()
    assert (told.refused, told.groups[A].refused) == (None, None)
    assert bot.texts() == ["one", "two"]
    assert bot.own.read(A).report.left_out == 1


def test_whatever_an_answer_raises_is_told_without_its_words(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object, **__: object) -> None:
        raise OSError(MARKER)

    bot.take()
    bot.says("waits")
    with monkeypatch.context() as patched:
        # The module that the bot has: a test before may have had it loaded anew.
        patched.setattr(turns, "batch_of", odd)
        assert bot.take().refused == "PLATFORM_ANSWER_UNKNOWN"
    assert MARKER not in bot.own.kept_in_clear()
    assert bot.take().refused is None
    assert bot.texts() == ["waits"]


def test_numbers_that_begin_anew_after_a_quiet_week(bot: Bot) -> None:
    bot.take()
    bot.says("before")
    bot.take()
    bot.take()
    bot.api.restart_numbers(at=3)
    bot.says("after")
    bot.take()
    assert bot.texts() == ["before", "after"]


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
