from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from assets.restricted.collection.export import Message
from assets.restricted.scrubbing import Scrubber
from assets.restricted.scrubbing.group_day import GroupVectors, vectors_of_group

START = datetime(2026, 10, 24, 9, tzinfo=ZoneInfo("Europe/London"))
DAY, NEXT = START.date(), START.date() + timedelta(days=1)
ROSTER = ("Ama Boateng", "Grace Okafor", "~ Joy")
LINE = "we are so tired after the night shift and nobody came to help"


class OrderEncoder:
    """Numbers texts by the order in which it first saw them, and remembers them."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.seen.extend(text for text in texts if text not in self.seen)
        return np.array([[self.seen.index(text), 1] for text in texts], np.float32).reshape(-1, 2)


class LeakyScrubber(Scrubber):
    """Lets the word "grace" through on the second day only."""

    def scrub_counted(self, texts, roster=()):
        result = super().scrub_counted(texts, roster)
        result.texts[:] = [
            f"{done} grace" if "leak here" in text else done
            for text, done in zip(texts, result.texts, strict=True)
        ]
        return result


class Breaking:
    """A layer that breaks on some messages."""

    name = "capitals"
    judges_alone = True

    def removes(self, message):
        if "break here" in message.text:
            raise ValueError(message.text)
        return {}


def failing_scrubber(scrubber: Scrubber) -> Scrubber:
    return Scrubber(
        (Breaking(), *scrubber._layers), reader=scrubber._reader, detector=scrubber._detector
    )


def leaky_scrubber(scrubber: Scrubber) -> Scrubber:
    return LeakyScrubber(scrubber._layers, reader=scrubber._reader, detector=scrubber._detector)


def lost(made: GroupVectors) -> tuple[int, int]:
    """Messages on which a layer failed, and of which too little was left."""
    verdicts = made.verdicts.values()
    return sum(one.failed for one in verdicts), sum(one.too_little for one in verdicts)


def say(text: str, author: str = ROSTER[0], at: datetime = START) -> Message:
    return Message(sent_at=at, author=author, kind="speech", text=text)


def vectors(scrubber, vocabulary, messages, encoder=None, roster=ROSTER) -> GroupVectors:
    return vectors_of_group(
        messages,
        roster,
        scrubber=scrubber,
        vocabulary=vocabulary,
        encoder=encoder or OrderEncoder(),
    )


def test_each_message_keeps_its_person_and_its_day(scrubber, vocabulary) -> None:
    words = ["tired", "glad", "late", "busy", "cold", "warm"]
    messages = [
        say(f"{LINE} we are {word}", ROSTER[n % 3], START + timedelta(days=n // 3))
        for n, word in enumerate(words)
    ]
    encoder = OrderEncoder()
    made = vectors(scrubber, vocabulary, messages, encoder)
    assert set(made.days) == {DAY, NEXT}
    assert (made.refused, lost(made)) == ({}, (0, 0))
    for offset, day in enumerate((DAY, NEXT)):
        of_day = made.days[day]
        assert of_day.people.dtype == np.int32
        assert sorted(of_day.people) == [0, 1, 2]
        texts = {encoder.seen[int(row[0])].split()[-1] for row in of_day.embeddings}
        assert texts == set(words[3 * offset : 3 * offset + 3])


def test_messages_of_one_person_stay_together(scrubber, vocabulary) -> None:
    counts = {ROSTER[0]: 1, ROSTER[1]: 2, ROSTER[2]: 4}
    messages = [say(LINE, author) for author, many in counts.items() for _ in range(many)]
    people = vectors(scrubber, vocabulary, messages).days[DAY].people
    assert sorted(np.bincount(people)) == [1, 2, 4]


def test_numbers_and_rows_tell_nothing_of_the_order(scrubber, vocabulary) -> None:
    messages = [
        say(f"{LINE} we are {word}", f"Person {word}")
        for word in ("tired", "happy", "late", "busy", "cold", "warm", "sad", "glad")
    ]
    runs = [vectors(scrubber, vocabulary, messages).days[DAY] for _ in range(6)]
    # Of 8! orders, six alike come once in ten to the power of 23.
    assert len({tuple(run.embeddings[:, 0]) for run in runs}) > 1
    by_message = [tuple(run.people[np.argsort(run.embeddings[:, 0])]) for run in runs]
    assert len(set(by_message)) > 1


def test_people_are_not_linked_across_days(scrubber, vocabulary) -> None:
    words = ("tired", "happy", "late", "busy", "cold", "warm", "sad", "glad")
    messages = [
        say(f"{LINE} we are {word}", f"Person {word}", START + timedelta(days=day))
        for day in (0, 1)
        for word in words
    ]
    for _ in range(6):
        days = vectors(scrubber, vocabulary, messages).days
        numbers = [
            tuple(days[day].people[np.argsort(days[day].embeddings[:, 0])]) for day in (DAY, NEXT)
        ]
        if numbers[0] != numbers[1]:
            return
    pytest.fail("six times the same numbering on both days")


def test_names_of_the_roster_never_reach_the_encoder(scrubber, vocabulary) -> None:
    encoder = OrderEncoder()
    messages = [say(f"{LINE} said {word}") for word in ("Grace", "boateng", "JOY", "ama okafor")]
    assert vectors(scrubber, vocabulary, messages, encoder).refused == {}
    words = {word for text in encoder.seen for word in text.split()}
    assert words
    assert not words & {"grace", "boateng", "joy", "ama", "okafor", "_"}


def test_a_message_of_which_nothing_is_left_is_counted_not_embedded(scrubber, vocabulary) -> None:
    messages = [say(LINE), say("Grace 07700 900123"), say("👍"), say("")]
    made = vectors(scrubber, vocabulary, messages)
    assert len(made.days[DAY].people) == 1
    assert lost(made) == (0, 3)


def test_a_day_of_nothing_but_such_messages_has_no_vectors(scrubber, vocabulary) -> None:
    made = vectors(scrubber, vocabulary, [say("👍"), say("Grace", at=START + timedelta(days=1))])
    assert (made.days, made.refused) == ({}, {})


def test_no_messages_make_nothing(scrubber, vocabulary) -> None:
    made = vectors(scrubber, vocabulary, [])
    assert (made.days, made.verdicts, made.removed, made.languages) == ({}, {}, {}, {})


def test_a_message_on_which_a_layer_fails_is_dropped_and_counted(scrubber, vocabulary) -> None:
    failing = failing_scrubber(scrubber)
    messages = [say(LINE) for _ in range(9)] + [say("break here")]
    made = vectors(failing, vocabulary, messages)
    assert (lost(made), made.refused) == ((1, 0), {})
    [(cause, messages)] = made.causes.items()
    assert (cause.split("@")[0], messages) == ("ValueError", 1)
    assert "break" not in cause
    assert len(made.days[DAY].people) == 9


def test_a_day_with_too_many_of_those_is_refused_alone(scrubber, vocabulary) -> None:
    failing = failing_scrubber(scrubber)
    messages = [say(LINE) for _ in range(3)] + [say("break here")]
    made = vectors(failing, vocabulary, [*messages, say(LINE, at=START + timedelta(days=1))])
    assert made.refused == {DAY: "SCRUB_TOO_MANY_DROPPED"}
    assert set(made.days) == {NEXT}


def test_a_leaking_day_is_refused_and_the_others_pass(scrubber, vocabulary) -> None:
    leaky = leaky_scrubber(scrubber)
    encoder = OrderEncoder()
    messages = [
        say(LINE),
        say(f"{LINE} leak here", at=START + timedelta(days=1)),
        say(LINE, at=START + timedelta(days=2)),
    ]
    made = vectors(leaky, vocabulary, messages, encoder)
    assert made.refused == {NEXT: "SCRUB_ROSTER_TOKEN"}
    assert set(made.days) == {DAY, DAY + timedelta(days=2)}
    assert not any("grace" in text for text in encoder.seen)


def test_a_day_is_a_day_in_london(scrubber, vocabulary) -> None:
    zone = ZoneInfo("Europe/London")
    # 23:30 in London on the day before the clocks go back is 22:30 in UTC.
    messages = [
        say(LINE, at=datetime(2026, 10, 24, 23, 30, tzinfo=zone)),
        say(LINE, at=datetime(2026, 10, 25, 0, 30, tzinfo=zone)),
        say(LINE, at=datetime(2026, 10, 25, 1, 30, tzinfo=zone, fold=1)),
    ]
    made = vectors(scrubber, vocabulary, messages)
    assert {day: len(one.people) for day, one in made.days.items()} == {DAY: 1, NEXT: 2}


def test_nothing_shows_in_a_repr(scrubber, vocabulary) -> None:
    made = vectors(scrubber, vocabulary, [say(LINE)])
    assert repr(made.days[DAY]) == "DayVectors()"
    assert "tired" not in repr(say(LINE))


def test_removals_and_languages_are_counted_by_day(scrubber, vocabulary) -> None:
    messages = [
        say(f"{LINE} said Grace"),
        say("nie mam juz sily po tej nocnej zmianie i nikt nie pomaga"),
        say("😂"),
        say(LINE, at=START + timedelta(days=1)),
    ]
    made = vectors(scrubber, vocabulary, messages)
    assert made.removed[DAY]["roster", "known_name"] == 1
    assert made.removed[NEXT].total() == 0
    assert made.languages == {
        DAY: {
            ("english", "kept"): 1,
            ("polish", "too_little"): 1,
            ("undetermined", "too_little"): 1,
        },
        NEXT: {("english", "kept"): 1},
    }


def test_languages_of_a_refused_day_are_not_counted(scrubber, vocabulary) -> None:
    made = vectors(leaky_scrubber(scrubber), vocabulary, [say(f"{LINE} leak here")])
    assert (made.languages, set(made.removed)) == ({}, {DAY})
