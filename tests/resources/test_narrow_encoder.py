"""What is stored of a message: a few lines' values, of unit length, by itself."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core.errors import SetupError
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
NARROWING = Narrowing(CHANCE.normal(size=(3, 8)), np.array([0.5, 0.0, -0.5]), 4.0)
WIDE = CHANCE.normal(size=(50, 8)).astype(np.float32)


def test_it_holds_the_lines_values_and_what_is_left_to_one() -> None:
    near = WIDE * 0.2
    stored = NARROWING.of(near)
    assert (stored.shape, stored.dtype) == ((50, 4), np.float32)
    assert np.linalg.norm(stored, axis=1) == pytest.approx(np.ones(50), abs=1e-6)
    values = near.astype(float) @ NARROWING.weights.T + NARROWING.bias
    assert stored[:, :3] * 4 == pytest.approx(values, abs=1e-5)


def test_values_out_of_reach_are_cut_and_keep_their_direction() -> None:
    stored = NARROWING.of(WIDE[:1] * 100)
    values = WIDE[:1].astype(float) @ NARROWING.weights.T * 100 + NARROWING.bias
    assert stored[0, 3] == pytest.approx(0, abs=1e-3)
    assert stored[0, :3] == pytest.approx(values[0] / np.linalg.norm(values), abs=1e-5)


@given(places=st.lists(st.integers(0, 49), min_size=1, max_size=50))
def test_company_changes_no_bit(places: list[int]) -> None:
    assert NARROWING.of(WIDE[places]).tobytes() == NARROWING.of(WIDE)[places].tobytes()


def test_none_are_none() -> None:
    assert NARROWING.of(np.empty((0, 8))).shape == (0, 4)


def test_it_is_written_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "narrowing.safetensors"
    write_narrowing(NARROWING, file)
    read = read_narrowing(file)
    assert read.reach == NARROWING.reach
    assert read.of(WIDE) == pytest.approx(NARROWING.of(WIDE), abs=1e-5)
    with pytest.raises(SetupError, match=r"^ENCODER_MISSING$"):
        read_narrowing(tmp_path / "none")
    write_narrowing(Narrowing(NARROWING.weights, NARROWING.bias, float("inf")), file)
    with pytest.raises(SetupError, match=r"^ENCODER_CHANGED$"):
        read_narrowing(file)


@pytest.mark.parametrize("content", [b"", b"no numbers", NARROWING_FILE.read_bytes()[:400]])
def test_what_is_no_narrowing_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "narrowing.safetensors"
    file.write_bytes(content)
    with pytest.raises(SetupError, match=r"^ENCODER_CHANGED$"):
        read_narrowing(file)


def test_the_one_in_use_is_as_wide_as_agreed() -> None:
    assert read_narrowing().of(np.zeros((1, read_narrowing().weights.shape[1]))).shape == (1, WIDTH)
    assert encoder_digest() != sentence_encoder_digest()


@pytest.mark.slow
def test_texts_become_narrow_rows() -> None:
    vectors = load_narrow_encoder().encode(["so tired again", "", "we said no together"])
    assert vectors.shape == (3, WIDTH)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert load_narrow_encoder().encode([]).shape == (0, WIDTH)
