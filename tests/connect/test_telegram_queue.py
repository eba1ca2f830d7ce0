"""A bot's queue: what is taken of it, what is left, and what is told."""

from datetime import timedelta

import pytest
from connected import AGENT, at, room
from made_bot import CHAT_A, CHAT_B, DAY, MARKER, SUPER_A, TOKEN, A, B, Bot

from assets.core.errors import SetupError
from orchestration.connect.asking import Asking
from orchestration.connect.telegram.bot import BotClient


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


def test_no_repr_shows_the_token(bot: Bot) -> None:
    # The library's own shows it.
    assert TOKEN in super(type(bot.client.reader), bot.client.reader).__repr__()
    for one in (bot.client, bot.client.reader, bot.turns, *bot.client.requests, bot.client.asking):
        assert TOKEN not in repr(one)
        assert TOKEN.partition(":")[2] not in repr(one)


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


def test_a_chat_that_two_groups_claim_is_read_for_neither(bot: Bot) -> None:
    bot.take()
    bot.own.rooms.append(room("g-0000000c", str(SUPER_A), at(-6)))
    bot.says("in time")
    bot.take()
    bot.api.moved[CHAT_A] = SUPER_A
    bot.says("", migrate_to_chat_id=SUPER_A)
    bot.take()
    bot.says("whose", SUPER_A)
    told = bot.take()
    assert {ref: one.refused for ref, one in told.groups.items()} == {
        A: "CONNECTOR_CHAT_TAKEN",
        # It came into the group in the evening.
        B: "CHAT_NOT_WHOLE",
        "g-0000000c": "CONNECTOR_CHAT_TAKEN",
    }
    assert "in time" in bot.texts()
    assert "whose" not in bot.texts()
    assert bot.own.held("g-0000000c") == []


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
