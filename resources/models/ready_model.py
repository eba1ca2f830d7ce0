"""Opens a ready model file and runs it so that a text gets the same bits in any company.

Three things make it so. A file holds no scale that is taken from more than one row of one text
(`transformer_graph.py`). Texts of one length run together and nothing is padded, so that every sum
over a text has that text's own number of terms. A session has one thread, which splits no sum.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from assets.core.errors import TidelineError, refuse_as

FOLDER = Path(__file__).parent
DIGESTS_FILE = FOLDER / "digests.json"
ENCODER_FILE = FOLDER / "sentence_encoder.onnx"
TAGGER_FILE = FOLDER / "name_tagger.onnx"

INPUT, ASKED, OUTPUT, TOKENIZER = "input_ids", "asked", "output", "tokenizer"

PIECES_AT_ONCE = 512
"""Word pieces in one run: more is no faster and takes memory. A longer text runs alone."""


def ready_digest(file: Path, part: str = "sha256") -> str:
    """What was noted of a ready file when it was built.

    Args:
        file: `ENCODER_FILE` or `TAGGER_FILE`.
        part: `sha256`, of the file itself, or `weights_sha256`, of the weights it was built from.
    """
    return json.loads(DIGESTS_FILE.read_text("utf-8"))[file.name][part]


class ReadyModel:
    """One open model file.

    Args:
        file: as `transformer_graph.write_ready_file` writes it.
        missing: what to raise where there is no such file.
        changed: what to raise where the file is not the one of `sha256`, or does not open.
        sha256: the file's digest in hexadecimal; None for the one that was noted when it was built.

    Attributes:
        tokenizer: what cuts texts for this model; it lies in the same file.
    """

    def __init__(
        self,
        file: Path,
        *,
        missing: TidelineError,
        changed: TidelineError,
        sha256: str | None = None,
    ) -> None:
        import onnxruntime  # noqa: PLC0415  (loaded only where a model is)
        from onnxruntime.capi.onnxruntime_pybind11_state import (  # noqa: PLC0415
            Fail,
            InvalidArgument,
            InvalidGraph,
            InvalidProtobuf,
        )
        from onnxruntime.capi.onnxruntime_pybind11_state import (  # noqa: PLC0415
            NotImplemented as NotServed,
        )
        from tokenizers import Tokenizer  # noqa: PLC0415

        with refuse_as(missing, OSError):
            content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != (sha256 or ready_digest(file)):
            raise changed
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Plans of memory are kept for every shape that was ever run.
        options.enable_mem_pattern = False
        options.log_severity_level = 4
        refusals = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NotServed, KeyError)
        with refuse_as(changed, *refusals):
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
            own = self._session.get_modelmeta().custom_metadata_map[TOKENIZER]
        self.tokenizer = Tokenizer.from_str(own)

    @property
    def width(self) -> int:
        """Numbers in the last axis of the output."""
        return int(self._session.get_outputs()[0].shape[-1])

    def run(
        self, pieces: Sequence[Sequence[int]], asked: Sequence[Sequence[int]] | None = None
    ) -> list[np.ndarray]:
        """Runs texts, those of one length together.

        Args:
            pieces: word-piece numbers of each text, special ones included, at least two.
            asked: of each text the places of the pieces that are asked about; None where the model
                gives one row for each text.

        Returns:
            For each text, in the order given, float32 of shape (width,), or (asked, width).
        """
        results: list[np.ndarray] = [np.empty(0)] * len(pieces)
        for own in _of_one_length(pieces):
            given = {INPUT: np.array([pieces[i] for i in own], dtype=np.int64)}
            if asked is None:
                for row, i in zip(self._output(given), own, strict=True):
                    results[i] = row
                continue
            length = given[INPUT].shape[1]
            rows = [row * length + place for row, i in enumerate(own) for place in asked[i]]
            # A product with one row alone is summed in another order.
            given[ASKED] = np.array(rows if len(rows) > 1 else [0, 0, *rows], dtype=np.int64)
            output = self._output(given)[-len(rows) :]
            at = 0
            for i in own:
                results[i] = output[at : (at := at + len(asked[i]))]
        return results

    def _output(self, given: dict[str, np.ndarray]) -> np.ndarray:
        return np.asarray(self._session.run([OUTPUT], given)[0])


def _of_one_length(pieces: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    by_length: dict[int, list[int]] = {}
    for i, own in enumerate(pieces):
        by_length.setdefault(len(own), []).append(i)
    for length, places in by_length.items():
        most = max(1, PIECES_AT_ONCE // length)
        for start in range(0, len(places), most):
            yield places[start : start + most]
