"""What is stored of a message: a few lines' values, of unit length, by itself."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core.errors import SetupError
from resources.models.embedded import PLACES, Embedded
from resources.models.narrow_encoder import (
    NARROWING_FILE,
    WIDTH,
    Narrowing,
    encoder_digest,
    load_narrow_encoder,
    read_narrowing,
    write_narrowing,
)
from resources.models.sentence_encoder import encoder_digest as sentence_encoder_digest

CHANCE = np.random.default_rng(2)
WORDS = np.abs(CHANCE.normal(size=(PLACES, 4))).astype(np.float16).astype(np.float32)
LINES = CHANCE.normal(size=(3, 8)), np.array([0.5, 0.0, -0.5])
NARROWING = Narrowing(*LINES, WORDS, 4.0)
WIDE = CHANCE.normal(size=(50, 8)).astype(np.float32)
PLACES_OF = [np.sort(CHANCE.choice(PLACES, size, replace=False)) for size in range(50)]
READ = Embedded(WIDE, PLACES_OF)


def no_words(vectors: np.ndarray) -> Embedded:
    return Embedded(vectors, [np.empty(0, np.int64)] * len(vectors))


def test_it_holds_the_lines_values_and_what_is_left_to_one() -> None:
    near = WIDE * 0.2
    stored = NARROWING.of(no_words(near))
    assert (stored.shape, stored.dtype) == ((50, 4), np.float32)
    assert np.linalg.norm(stored, axis=1) == pytest.approx(np.ones(50), abs=1e-6)
    values = near.astype(float) @ NARROWING.weights.T + NARROWING.bias
    assert stored[:, :3] * 4 == pytest.approx(values, abs=1e-5)


def test_values_out_of_reach_are_cut_and_keep_their_direction() -> None:
    stored = NARROWING.of(no_words(WIDE[:1] * 100))
    values = WIDE[:1].astype(float) @ NARROWING.weights.T * 100 + NARROWING.bias
    assert stored[0, 3] == pytest.approx(0, abs=1e-3)
    assert stored[0, :3] == pytest.approx(values[0] / np.linalg.norm(values), abs=1e-5)


@given(places=st.lists(st.integers(0, 49), min_size=1, max_size=50))
def test_company_changes_no_bit(places: list[int]) -> None:
    own = READ.of(np.array(places))
    assert NARROWING.of(own).tobytes() == NARROWING.of(READ)[places].tobytes()


def test_words_add_by_rarity_to_each_line() -> None:
    near = Embedded(WIDE[:1] * 0.1, [np.array([3, 70, PLACES - 1])])
    stored = NARROWING.of(near)
    added = WORDS[[3, 70, PLACES - 1]].astype(float).sum(axis=0)
    values = near.vectors[0].astype(float) @ LINES[0].T + LINES[1]
    values += added[:3] / np.sqrt(added[3])
    assert stored[0, :3] * 4 == pytest.approx(values / max(1, np.linalg.norm(values / 4)), abs=1e-5)


def test_none_are_none() -> None:
    assert NARROWING.of(no_words(np.empty((0, 8)))).shape == (0, 4)


def test_it_is_written_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "narrowing.safetensors"
    write_narrowing(NARROWING, file)
    read = read_narrowing(file)
    assert read.reach == NARROWING.reach
    assert read.of(READ) == pytest.approx(NARROWING.of(READ), abs=1e-5)
    with pytest.raises(SetupError, match=r"^ENCODER_MISSING$"):
        read_narrowing(tmp_path / "none")
    for broken in (
        Narrowing(*LINES, WORDS, float("inf")),
        Narrowing(*LINES, WORDS[:-1], 4.0),
        Narrowing(*LINES, WORDS[:, 1:], 4.0),
    ):
        write_narrowing(broken, file)
        with pytest.raises(SetupError, match=r"^ENCODER_CHANGED$"):
            read_narrowing(file)


@pytest.mark.parametrize("content", [b"", b"no numbers", NARROWING_FILE.read_bytes()[:400]])
def test_what_is_no_narrowing_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "narrowing.safetensors"
    file.write_bytes(content)
    with pytest.raises(SetupError, match=r"^ENCODER_CHANGED$"):
        read_narrowing(file)


def test_the_one_in_use_is_as_wide_as_agreed() -> None:
    nothing = no_words(np.zeros((1, read_narrowing().weights.shape[1])))
    assert read_narrowing().of(nothing).shape == (1, WIDTH)
    assert encoder_digest() != sentence_encoder_digest()


@pytest.mark.slow
def test_texts_become_narrow_rows() -> None:
    vectors = load_narrow_encoder().encode(["so tired again", "", "we said no together"])
    assert vectors.shape == (3, WIDTH)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert load_narrow_encoder().encode([]).shape == (0, WIDTH)
