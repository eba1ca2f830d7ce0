"""Which words and pairs a text holds, as places in a table whose size is known beforehand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resources.models.embedded import PLACES, WORD_PIECES, Embedded, places_of
from resources.models.sentence_encoder import load_encoder

BEGIN, END = 101, 102

pieces = st.lists(st.integers(0, WORD_PIECES - 1), max_size=62).map(lambda own: [BEGIN, *own, END])


@given(own=pieces)
def test_places_are_in_the_table_each_once_and_rising(own: list[int]) -> None:
    places = places_of(own)
    assert places.dtype == np.int64
    assert (np.diff(places) > 0).all()
    assert places[0] >= 0
    assert places[-1] < PLACES
    assert set(places[places < WORD_PIECES]) == set(own[1:-1])


def test_pairs_tell_order_and_where_a_text_begins_and_ends() -> None:
    one, other = places_of([BEGIN, 7, 8, END]), places_of([BEGIN, 8, 7, END])
    assert one[:2].tolist() == other[:2].tolist() == [7, 8]
    assert not set(one[2:]) & set(other[2:])


def test_a_word_twice_counts_once() -> None:
    assert places_of([BEGIN, 7, 7, 7, END]).tolist() == places_of([BEGIN, 7, 7, END]).tolist()


def test_some_are_chosen_with_what_they_hold() -> None:
    read = Embedded(np.arange(6.0).reshape(3, 2), [np.array([n]) for n in range(3)])
    assert len(read) == 3
    for chosen in (np.array([True, False, True]), np.array([0, 2])):
        own = read.of(chosen)
        assert own.vectors.tolist() == [[0, 1], [4, 5]]
        assert [places.tolist() for places in own.places] == [[0], [2]]


def test_the_tables_first_part_is_as_long_as_the_encoders_list() -> None:
    encoder = load_encoder()
    assert encoder._model.tokenizer.get_vocab_size() == WORD_PIECES
    read = encoder.read(["so tired", "", "so tired"])
    assert (read.vectors == encoder.encode(["so tired", "", "so tired"])).all()
    assert read.places[0].tolist() == read.places[2].tolist()
    # Of a text without a word only that it begins and ends is left.
    assert len(read.places[1]) == 1
    assert len(encoder.read([])) == 0
