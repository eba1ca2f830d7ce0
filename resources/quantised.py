"""Turns a transformer into an ONNX Runtime session in 8-bit integers, all in memory.

Per-channel and reduced range (7 bits), because without VNNI the products of full-range weights
overflow the 16-bit sums that older processors add them in.
"""

import logging
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from resources import doors

if TYPE_CHECKING:
    import onnxruntime
    import torch

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT = "output"
_OPSET = 17


def quantised_session(
    module: "torch.nn.Module", *, threads: int = 0, quantise: bool = True
) -> "onnxruntime.InferenceSession":
    """Exports a module and loads it.

    Args:
        module: takes `INPUTS` (int64, shape (messages, pieces)) and returns one tensor.
        threads: for each run; 0 for as many as there are cores.
        quantise: False keeps single precision, to compare with.

    Returns:
        A session with the inputs `INPUTS` and the output `OUTPUT`.
    """
    import onnxruntime  # noqa: PLC0415  (loaded only where a model is)
    import torch  # noqa: PLC0415

    example = tuple(torch.ones((2, 8), dtype=torch.int64) for _ in INPUTS)
    # The folder holds weights alone: the export has seen no message.
    with doors.opened(), tempfile.TemporaryDirectory() as folder:
        exported, served = Path(folder, "exported.onnx"), Path(folder, "served.onnx")
        with warnings.catch_warnings(), torch.inference_mode():
            # The exporter warns of its own successor, and of every constant that it folds.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module.eval(),
                example,
                str(exported),
                input_names=list(INPUTS),
                output_names=[OUTPUT],
                dynamic_axes={n: {0: "messages", 1: "pieces"} for n in (*INPUTS, OUTPUT)},
                opset_version=_OPSET,
                dynamo=False,
            )
        if quantise:
            _quantise(exported, served)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(
            str(served if quantise else exported), options, providers=["CPUExecutionProvider"]
        )


def _quantise(exported: Path, served: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    # It advises on the root logger to preprocess, which changes nothing here.
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.CRITICAL)
    try:
        with _random_file_names():
            quantize_dynamic(
                str(exported),
                str(served),
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
            )
    finally:
        root.setLevel(before)


@contextmanager
def _random_file_names() -> Iterator[None]:
    """Let onnx name its temporary files by chance.

    It takes them from libuuid, which asks a daemon, or notes the time in a folder of the system's,
    and makes them of the machine's address.
    """
    from onnx import external_data_helper  # noqa: PLC0415

    external_data_helper.uuid = SimpleNamespace(uuid1=uuid.uuid4)  # pyright: ignore[reportAttributeAccessIssue, reportPrivateImportUsage]
    try:
        yield
    finally:
        external_data_helper.uuid = uuid  # pyright: ignore[reportPrivateImportUsage]


def run_in_batches(
    session: "onnxruntime.InferenceSession",
    pieces: Sequence[Sequence[int]],
    *,
    padding: int,
    batch: int,
) -> list[np.ndarray]:
    """Runs sequences of word pieces through a session, sorted by length, so little is padding.

    Args:
        session: of `quantised_session`.
        pieces: word-piece numbers of each text, special ones included.
        padding: number of the piece that fills up.
        batch: texts in one run.

    Returns:
        The output for each text in the order given: shape (pieces, width) with padding cut off, or
        (width,) where the session gives one row for each text.
    """
    order = sorted(range(len(pieces)), key=lambda i: len(pieces[i]))
    results: list[np.ndarray] = [np.empty(0)] * len(pieces)
    for start in range(0, len(order), batch):
        own = order[start : start + batch]
        longest = max(len(pieces[i]) for i in own)
        ids = np.full((len(own), longest), padding, dtype=np.int64)
        mask = np.zeros((len(own), longest), dtype=np.int64)
        for row, i in enumerate(own):
            ids[row, : len(pieces[i])] = pieces[i]
            mask[row, : len(pieces[i])] = 1
        (output,) = session.run(
            [OUTPUT], dict(zip(INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))
        )
        for row, i in enumerate(own):
            of_text = np.asarray(output)[row]
            results[i] = of_text if of_text.ndim == 1 else of_text[: len(pieces[i])]
    return results
