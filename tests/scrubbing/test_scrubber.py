import re
import string
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing import Scrubber
from assets.restricted.scrubbing.roster import FUNCTION_WORDS
from assets.restricted.scrubbing.scrubber import AT_ONCE
from assets.restricted.scrubbing.vocabulary import ClosedVocabulary
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from assets.restricted.scrubbing.words import LONGEST

VOCABULARY = load_vocabulary()[0]
ALLOWED = VOCABULARY | {"_", ".", ",", "?", "!"}

# Shapes that break scrubbers, glued together at random.
PIECES = st.one_of(
    st.sampled_from(
        ["half", "past", "ten", "at", "dot", "com", "may", "am", "it's", "half's", "_", "__", "@",
         "#", "’s", "'s", "'", "-", "\n", "\t", "\u2068", "\u2069", "\u200b", "😂", "é", "e\u0301",
         "А", "ſ", "İ", "ﬁ", "１", "٣", "²", "0", "7", "LS1", "4AB", "CQC", "I", "Will",
         "TEAM", "Ada", "manager's", "so", "tired", "we", "are", ".", "...", "?!", ",", ":", "://",
         "www.", "\\"]
    ),
    st.sampled_from(sorted(VOCABULARY)),
    st.text(max_size=6),
)  # fmt: skip
MESSAGES = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", " "])), max_size=24).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


@settings(max_examples=300, derandomize=True)
@given(
    st.lists(MESSAGES, max_size=4),
    st.lists(st.sampled_from(["Will", "Ada Obi", "Best Team", "é", ""]) | st.text(max_size=8)),
)
def test_what_comes_out_is_allowed_and_a_second_scrub_only_removes(texts, roster):
    scrubber = Scrubber.load()
    once = scrubber.scrub(texts, roster)
    assert len(once) == len(texts)
    for text in once:
        assert text == "" or set(text.split(" ")) <= ALLOWED
        assert "_ _" not in text
        assert not any(character.isnumeric() for character in text)
    # What the tagger makes of a message changes with what is gone from it, so a second scrub may
    # find more; it never puts a word back.
    for text, again in zip(once, scrubber.scrub(once, roster), strict=True):
        assert not Counter(again.split()) - Counter(text.split()) - Counter({"_": 10_000})


@settings(max_examples=100, derandomize=True)
@given(st.text(string.ascii_lowercase, min_size=2, max_size=9), st.sampled_from(sorted(VOCABULARY)))
def test_no_word_of_the_roster_comes_out(first, last):
    text = f"we asked {first} and {last} to help us but {last} {first.upper()} said no to that"
    scrubbed = Scrubber.load().scrub([text], [f"{first} {last}"])[0].split()
    assert not {first, last}.intersection(scrubbed) - FUNCTION_WORDS


CARE_SENTENCES = [
    "so tired after that shift, my back is killing me",
    "three of us for the whole floor again and nobody cares",
    "i'm burnt out, i cried in the car before i could drive home",
    "the rota came out late and they have changed it without asking",
    "can anyone swap my late shift please",
    "the agency carer never turned up so i stayed on",
    "proud of this team today, we got through it together",
    "we should all refuse to do the extra shifts until they pay us",
    "has the union said anything about the ballot yet",
    "put in a grievance, it's the only thing they listen to",
    "handover was a mess, meds not signed for and no notes",
    "they want us to use the hoist on our own and it isn't safe",
    "i raised it with safeguarding and nothing has been done",
    "knackered but the residents were lovely today",
    "honestly shattered, i can't face another night like that",
    "no breaks, no lunch, no thanks",
    "who is on the sleepover tonight",
    "the manager said we have to come in or lose our bonus",
    "sick pay is a joke, i was off with flu and got nothing",
    "i love this job but i don't know how much longer i can do it",
    "thank you all for covering me, you are the best",
    "we need to stick together on this",
    "my anxiety is through the roof every time the phone rings",
    "feeling a bit better this week, the new girl is really good",
    "they promised us more staff and we are still short",
    "call bells going off all night, couldn't sit down once",
    "lol same, i fell asleep on the bus home",
    "tbh i think we should walk out",
    "ppe has run out again and they told us to reuse gloves",
    "good supervision today, felt listened to for once",
    "she was crying in the staffroom and nobody asked why",
    "the inspector asked us how we cope, i told the truth",
    "mileage still isn't paid and it comes out of my own pocket",
    "i've handed my notice in, i feel so relieved",
    "we lost a resident last night and nobody checked on us",
    "let's meet before the shift and talk about the petition",
    "you get used to it, you just keep going",
    "pls can someone bring in gloves and pads for tomorrow",
    "don't let them bully you into working your day off",
    "my kids hardly see me, i'm always working",
]


def test_care_sentences_keep_their_words(scrubber):
    wanted = [word for text in CARE_SENTENCES for word in re.findall(r"[a-z']+", text)]
    kept = [
        word for text in scrubber.scrub(CARE_SENTENCES) for word in re.findall(r"[a-z']+", text)
    ]
    assert len(kept) / len(wanted) > 0.95
    assert all(scrubber.scrub(CARE_SENTENCES))


@pytest.mark.parametrize(
    "text",
    ["", "   ", "😂😂😂", "...", "?", "Sarah", "ok", "07700 900123", "<Media omitted>",
     "Ada Obi Sarah Jones hi there", "\x00", "\u2068", "🏳️‍🌈", "_ _"],
)  # fmt: skip
def test_too_little_left_is_dropped_and_is_no_failure(text, scrubber):
    result = scrubber.scrub_counted([text])
    assert (result.texts, result.dropped, result.too_little) == ([""], 0, (0,))


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("so tired", "so tired"),
        ("Ada Ola Obi so tired", "_ so tired"),
        ("Ada Ola Obi Eze so tired", ""),
    ],
)
def test_where_too_little_begins(text, scrubbed, scrubber):
    assert scrubber.scrub([text]) == [scrubbed]


class Failing:
    name = "failing"
    judges_alone = True

    def removes(self, message):
        if "reallybad" in message.text:
            raise ValueError(message.text)
        return {}


class FailingReader:
    """Fails on a whole batch for one message in it."""

    def read(self, messages):
        if any("reallybad" in message.text for message in messages):
            raise KeyError([message.text for message in messages])
        return list(messages)

    def found_nothing(self, message):
        return message


THREE = ["so tired now", "we are reallybad here", "so tired now"]


@pytest.mark.parametrize(
    ("made", "failure"),
    [
        (lambda: Scrubber((Failing(), ClosedVocabulary(VOCABULARY))), "ValueError@"),
        (lambda: Scrubber((ClosedVocabulary(VOCABULARY),), reader=FailingReader()), "KeyError@"),
    ],
)
def test_what_fails_on_a_message_drops_it_alone_and_is_counted(made, failure, capsys, caplog):
    result = made().scrub_counted(THREE)
    assert result.texts == ["so tired now", "", "so tired now"]
    assert (result.failed, result.dropped, result.too_little) == ((1,), 1, ())
    (told,) = result.failures
    assert told.startswith(failure)
    assert result.failures[told] == 1
    assert "reallybad" not in repr(result) + "".join(capsys.readouterr()) + caplog.text


class Leaky:
    """A second detector that knows a word which the layers let through."""

    name = "second"

    def removes(self, message):
        return {0: "name"} if "now" in message.text else {}


def test_what_the_second_detector_finds_drops_the_message():
    scrubber = Scrubber((ClosedVocabulary(VOCABULARY),), detector=Leaky())
    result = scrubber.scrub_counted(["so tired now", "so tired"])
    assert result.texts == ["", "so tired"]
    assert (result.fired, result.failed, result.dropped) == ((0,), (), 1)


def test_a_long_list_is_scrubbed_as_its_parts_are(scrubber):
    texts = [f"we were so tired {'again ' * (i % 7)}and short" for i in range(AT_ONCE + 3)]
    result = scrubber.scrub_counted([*texts, "", "ok"])
    assert result.too_little == (AT_ONCE + 3, AT_ONCE + 4)
    assert len(result.removed_by_message) == len(result.texts) == AT_ONCE + 5
    assert result.texts[: AT_ONCE + 3] == scrubber.scrub(texts)


def test_nothing_that_holds_text_shows_it(scrubber):
    assert "tired" not in repr(scrubber.scrub_counted(["so tired of this"], ["tired"]))


def test_removals_are_counted_by_layer_and_kind(scrubber):
    result = scrubber.scrub_counted(
        ["we had 3 calls about it and zoë was fine", "Will said Sarah was fine with all of us"],
        ["Will"],
    )
    assert result.removed_by_message == [
        Counter({("patterns", "number"): 1, ("letters", "other_script"): 1}),
        Counter({("roster", "known_name"): 1, ("tagger", "person"): 1}),
    ]
    assert result.removed == sum(result.removed_by_message, Counter())


@pytest.mark.parametrize(
    "piece", ["a", "7", "a7 ", "x@", "we are so tired ", "a.", "@a ", "at dot com "]
)
def test_a_huge_message_takes_bounded_time(piece, scrubber):
    text = "we are so tired " + piece * (200_000 // len(piece))
    scrubbed = scrubber.scrub([text])[0]
    assert len(scrubbed) <= LONGEST + LONGEST // 2
    assert set(scrubbed.split(" ")) <= ALLOWED | {""}


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys; import assets.restricted.scrubbing; "
        "print(sorted({'spacy', 'presidio_analyzer', 'great_expectations', 'pandas', 'dagster'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
