"""Word pieces are the tokeniser's own, though it is seldom asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.restricted.scrubbing.name_tagger.serving import NameTagger
from assets.restricted.scrubbing.name_tagger.words import tagger_words
from resources.models.sentence_encoder import MAX_WORD_PIECES, SentenceEncoder
from resources.models.word_pieces import WordPieces

PIECES = st.one_of(
    st.sampled_from(
        ["the", "Rota", "handover", "don't", "o'clock", "'", "''", "'em", "a'b'c", "xqzv", "qq7",
         "07700", "2nd", "_", "##ing", "[CLS]", "[MASK]", "é", "Zoë", "ﬁ", "ſt", "İ", "K", "ñ",
         "e\u0301", "和", "😂", "a\x00b", "\u200b", "x" * 101, "nn" * 40, "...", "?!", "£5", "-"]
    ),
    st.text(max_size=6),
)  # fmt: skip
TEXTS = st.lists(
    st.tuples(PIECES, st.sampled_from([" ", " ", " ", "  ", "", "\n", "\t", "."])), max_size=90
).map(lambda pairs: "".join(one for pair in pairs for one in pair))


@pytest.fixture(scope="module")
def of_encoder() -> WordPieces:
    return SentenceEncoder()._pieces


@pytest.fixture(scope="module")
def of_tagger() -> WordPieces:
    return NameTagger()._pieces


@settings(max_examples=150)
@given(texts=st.lists(TEXTS, max_size=4))
def test_pieces_of_texts_are_the_tokenisers(of_encoder: WordPieces, texts: list[str]) -> None:
    told = [one.ids for one in of_encoder._tokenizer.encode_batch(texts)]
    assert of_encoder.of_texts(texts) == told
    assert all(len(own) <= MAX_WORD_PIECES for own in told)


@settings(max_examples=150)
@given(text=TEXTS)
def test_pieces_of_words_are_the_tokenisers(of_tagger: WordPieces, text: str) -> None:
    words = [*(word.written for word in tagger_words(text)), *text.split()]
    for word, pieces in of_tagger.of_words(words).items():
        assert pieces == of_tagger._tokenizer.encode(word, add_special_tokens=False).ids


def test_the_tokeniser_is_asked_for_what_has_no_plain_letters_alone(
    of_tagger: WordPieces, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Listening:
        def encode_batch(self, words: list[str], **_: object) -> list[object]:
            asked.extend(words)
            return list(tokenizer.encode_batch(words, add_special_tokens=False))

    tokenizer = of_tagger._tokenizer
    monkeypatch.setattr(of_tagger, "_tokenizer", Listening())
    of_tagger.of_words(["don't", "Blessing", "xqzv", ".", "Zoë", "😂"])
    assert asked == ["Zoë", "😂"]
