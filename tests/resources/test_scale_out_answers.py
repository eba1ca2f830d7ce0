"""What leaves a worker, and what the canary finds."""

import gc
from typing import Any

import msgspec
import pytest

from assets.core.errors import CATALOGUE, ExportError, SetupError, StepFailed
from resources.scale_out import canary
from resources.scale_out.answers import Answer, answering, body_of

WORD = "wobblequex"


class ToldError(ExportError):
    """One of another module, which could be called anything."""


def failing(error: BaseException) -> Any:
    @answering
    def work(order: bytes) -> bytes:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError(WORD), "STEP_BROKEN"),
        (ExceptionGroup(WORD, [KeyError(WORD)]), "STEP_BROKEN"),
        (SystemExit(WORD), "STEP_BROKEN"),
        (KeyboardInterrupt(WORD), "STEP_BROKEN"),
        (SetupError("INBOX_IDENTITY_MISSING"), "INBOX_IDENTITY_MISSING"),
        (ToldError("EXPORT_GONE"), "EXPORT_GONE"),
    ],
)
def test_an_error_leaves_as_its_code(error: BaseException, code: str) -> None:
    answer = failing(error)(b"")
    assert WORD.encode() not in answer
    with pytest.raises(StepFailed) as raised:
        body_of(answer)
    assert raised.value.code == code


def test_bytes_leave_as_they_are() -> None:
    assert body_of(answering(lambda order: order[::-1])(b"abc")) == b"cba"


def test_a_code_that_nobody_knows_is_none() -> None:
    with pytest.raises(StepFailed, match=r"^STEP_BROKEN$"):
        body_of(msgspec.msgpack.encode(Answer("NO_SUCH_CODE")))
    assert "NO_SUCH_CODE" not in CATALOGUE


def test_the_canary_finds_what_an_object_holds() -> None:
    holders = [
        [f"read {WORD}"],
        {"x": f"read {WORD}"},
        [{"x": f"read {WORD}"}],
        [("y", ("x", WORD.encode()))],
        [{WORD: 1}],
        ValueError(WORD),
    ]
    # As the canary does: only then are tuples of text no longer among what the collector follows;
    # a tuple in a tuple after the second time.
    gc.collect()
    gc.collect()
    for holder in holders:
        found = list(canary.kept_strings([[holder], holder]))
        assert any(WORD.encode() in one for one in found), holder
        assert not any(b"quexwobble" in one for one in found)


def test_a_planted_word_leaves_as_a_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer = canary.plant(b"salt")
    assert canary.word_of(b"salt").encode() not in answer
    with pytest.raises(StepFailed, match=r"^STEP_BROKEN ValueError@resources/scale_out/canary.py"):
        body_of(answer)
    assert list(tmp_path.iterdir()) == []
