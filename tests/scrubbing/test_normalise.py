import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing.letters import Letters
from assets.restricted.scrubbing.look_alikes import plain
from assets.restricted.scrubbing.normalise import normalise
from assets.restricted.scrubbing.stretched import unstretched
from assets.restricted.scrubbing.words import TokenizedMessage


def words(text: str, roster: frozenset[str] = frozenset()) -> str:
    return " ".join(token.written for token in TokenizedMessage.read(text, roster).tokens)


def words_kept(text: str) -> str:
    message = TokenizedMessage.read(text)
    gone = Letters().removes(message)
    return " ".join(t.written for i, t in enumerate(message.tokens) if i not in gone)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("g r a c e", "grace"),
        ("S.A.R.A.H here", "SARAH here"),
        ("j-o-h-n", "john"),
        ("j_o_h_n", "john"),
        ("m/a/r/y", "mary"),
        ("G  R  A  C  E", "GRACE"),
        ("m a r y  a n n", "mary ann"),
        ("N.H.S. staff", "NHS . staff"),
        ("w.t.f is this", "wtf is this"),
        ("t i r e d", "tired"),
        ("Bless-\ning is", "Blessing is"),
        ("Bless- \r\n ing is", "Blessing is"),
        ("Mary\nAnn", "Mary Ann"),
        ("u r a star", "u r a star"),
        ("how r u i am", "how r u i am"),
        ("y r u so", "y r u so"),
        ("i a", "i a"),
        ("I, a", "I , a"),
        ("i a i a", "i a i a"),
        ("a.m. or p.m.", "a . m . or p . m ."),
        ("R & R", "R R"),
        ("yes...no", "yes ... no"),
        ("jo...hn", "jo ... hn"),
        ("thxBlessing", "thx Blessing"),
        ("cheers,evan", "cheers , evan"),
        ("vanDyke deSouza McCall MaryAnn", "vanDyke deSouza McCall MaryAnn"),
        ("iPhone DoLS", "iPhone DoLS"),
        ("soooo tired", "so tired"),
        ("graaaace", "grace"),
        ("SOOOO TIRED", "SO TIRED"),
        ("allll of usss", "all of us"),
        ("gooood, toooo late", "good , too late"),
        ("noooo wayyyy", "no way"),
        ("pleeeease", "please"),
        ("don'ttttt", "don't"),
        ("www.x.com", "www . x . com"),
        ("𝓖𝓻𝓪𝓬𝓮 Ⓖⓡⓐⓒⓔ Ｇｒａｃｅ", "Grace Grace Grace"),
        ("G\u0337r\u0337a\u0337c\u0337e", "Grace"),
        ("Gr\u200bace Gr\u2800ace Gr\u3164ace Gr\u00adace", "Grace Grace Grace Grace"),
    ],
)
def test_a_word_is_read_as_the_word_it_is(text, read):
    assert words(text) == read


def test_a_stretched_name_of_the_export_is_read_as_that_name():
    assert words("annnnna annnna", frozenset({"anna"})) == "anna anna"
    assert words("willlll", frozenset({"will"})) == "will"
    assert unstretched("zooooo") == "zo" or unstretched("zooooo") == "zoo"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Vlеssing is on", "is on"),
        ("tirеd", ""),
        ("$arah Jame$ €mma", ""),
        ("w|ll you", "you"),
        ("f*ck Gr*ce G**ce", ""),
        ("*so* tired, *it's* late", "so tired , it's late"),
        ("~no~ _yes_", "no _ yes _"),
        ("Zoë łódź বাংলা мама", ""),
        ("£ and & stay", "and stay"),
        ("ok😂thanks", "ok thanks"),
    ],
)
def test_a_word_in_disguise_goes_whole(text, kept):
    assert words_kept(text) == kept.strip()


def test_look_alikes_are_read_but_not_written():
    message = TokenizedMessage.read("Vlеssing at hаlf ten, jо at example dоt com")
    assert message.text == "Vlessing at half ten, jo at example dot com"
    assert [t.written.isascii() for t in message.tokens].count(False) == 4


def test_every_look_alike_has_a_latin_reading():
    assert plain("аеорсухВЕНαοΑıłøᴀᴢéÑ") == "aeopcyxBEHaoAiloAZeN"
    assert plain("жщ中😂") == "жщ中😂"


LETTER = st.characters(codec="utf-8")
TEXT = st.lists(
    st.one_of(
        LETTER,
        st.sampled_from(
            [" ", " ", ".", "-", "_", "\n", "'s", "'", "a", "i", "u", "b", "B", "ooo", "ﬁ", "ﷺ",
             "½", "é", "е", "\u200b", "\u2068", "...", "-\n", "S.A.R", "thxB", "😂", "７"]
        ),
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(max_examples=500, derandomize=True)
@given(TEXT)
def test_normalising_makes_no_letters(text):
    given_letters = [c for c in unicodedata.normalize("NFKC", text) if c.isalnum()]
    made = [c for c in unicodedata.normalize("NFKC", normalise(text)) if c.isalnum()]
    rest = iter(given_letters)
    assert all(c in rest for c in made)


@settings(max_examples=500, derandomize=True)
@given(TEXT)
def test_tokens_are_in_the_order_of_the_text_and_made_of_its_letters(text):
    message = TokenizedMessage.read(text)
    rest = iter(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())
    assert all(c in rest for t in message.tokens for c in t.written if c.isalnum())
    assert all(a.end <= b.start for a, b in zip(message.tokens, message.tokens[1:], strict=False))


@settings(max_examples=300, derandomize=True)
@given(TEXT)
def test_a_plain_reading_is_as_long_as_what_it_reads(text):
    assert len(plain(text)) == len(text)
