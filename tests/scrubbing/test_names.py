import pytest

from assets.restricted.scrubbing import Scrubber
from assets.restricted.scrubbing.capitals import Capitals
from assets.restricted.scrubbing.roster import roster_words
from assets.restricted.scrubbing.vocabulary import ClosedVocabulary
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary

# Names that are no words, names that are, and places and homes that are.
NAMES = [
    "sarah", "mohammed", "oluwaseun", "nguyen", "kowalska", "siobhan", "priya", "d'souza",
    "blessing", "precious", "patience", "comfort", "mercy", "gift", "grace", "hope", "joy",
    "faith", "rose", "daisy", "baker", "smith", "success", "peace",
    "london", "norwich", "reading", "bath", "sale", "diss", "ware", "rugby", "hull",
    "willows", "oaks", "meadows", "lodge", "manor",
]  # fmt: skip


@pytest.mark.parametrize("form", [str.lower, str.upper, str.title, "{}'s".format, "{}’s".format])
def test_a_name_goes_without_a_roster_in_any_case(form, words_left):
    left = {name: words_left(f"ask {form(name)} about it") for name in NAMES}
    assert left == {name: ["ask", "_", "about", "it"] for name in NAMES}


@pytest.mark.parametrize(
    ("author", "said"),
    [
        ("Will Young", "will"),
        ("Will Young", "young"),
        ("Will Young", "WILL"),
        ("Will Young", "will's"),
        ("Will Young", "wills"),
        ("~ Will 🌸", "will"),
        ("Good Care Agency", "agency"),
        ("Zoë Love", "love"),
        ("Zoë Love", "zoe"),
        ("WillYoung", "young"),
        ("Early Day", "earlyday"),
        ("Best-Long", "long"),
        ("O'Free", "free"),
        ("\u202aWill\u202c", "will"),
    ],
)
def test_an_author_goes_even_where_the_name_is_a_word(author, said, words_left):
    assert words_left(f"ask {said} about it", (author,)) == ["ask", "_", "about", "it"]


def test_a_word_stays_where_nobody_is_called_so(words_left):
    text = "will they cover the long day"
    assert words_left(text) == text.split()
    assert words_left(text, ("Grace Obi",)) == text.split()


def test_function_words_and_single_letters_of_names_stay(words_left):
    text = "i was on a late at the home"
    assert words_left(text, ("I A Obi", "Team on the Sea at A")) == text.split()


def test_the_roster_is_not_carried_to_the_next_call(scrubber):
    text = "will they cover the long day for me please"
    assert scrubber.scrub([text], ["Will"])[0].startswith("_ ")
    assert scrubber.scrub([text])[0] == text


@pytest.mark.parametrize(
    ("author", "said"),
    [
        ("Blessing Obi", "bless"),
        ("William Obi", "bill"),
        ("William Obi", "will"),
        ("Robert Obi", "bob"),
        ("Patricia Obi", "pat"),
        ("Sandra Obi", "sandy"),
        ("Rosalind Obi", "rosa"),
    ],
)
def test_a_short_form_of_an_author_goes(author, said, words_left):
    assert words_left(f"ask {said} about it", (author,)) == ["ask", "_", "about", "it"]


@pytest.mark.parametrize(
    ("author", "word"), [("Theresa", "there"), ("Careen", "care"), ("Team", "tea")]
)
def test_an_everyday_word_is_no_short_form(author, word):
    assert word not in roster_words([author])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", set()),
        ("+44 7700 900123", set()),
        ("A", set()),
        ("Will", {"will", "wills"}),
        ("the Team", {"team", "teams", "theteam", "theteams"}),
        ("Ana-Maria", {"ana", "anas", "maria", "marias", "anamaria", "anamarias"}),
    ],
)
def test_roster_words(name, words):
    assert roster_words([name]) == words


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("we love Team here", "we love _ here"),
        ("Team is on. Work hard! Really? Yes", "team is on . work hard ! really ? yes"),
        ("we need you\nWork hard", "we need you work hard"),
        ("and I can't, I'm done, I've had it", "and i can't , i'm done , i've had it"),
        ("the CQC and the NHS say so", "the cqc and the nhs say so"),
        ("WE ARE SO TIRED OF Waiting", "we are so tired of waiting"),
        ("ask Green Home Care about it", "ask _ about it"),
        ("go to: Team home", "go to _ home"),
    ],
)  # fmt: skip
def test_capitals_inside_a_sentence_go(text, left):
    layers = (Capitals(), ClosedVocabulary(load_vocabulary()[0]))
    assert Scrubber(layers).scrub([text]) == [left]
