"""A message gets the same bits alone and in any company, order, thread and process."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.constructs import CONSTRUCTS
from assets.restricted.scoring import score_texts
from assets.restricted.scoring.construct_model.corpora import HELD_OUT, read_own
from assets.restricted.scrubbing import Scrubber
from assets.restricted.scrubbing.name_tagger.corpora import read_care_chat
from assets.restricted.scrubbing.name_tagger.serving import NameTagger, load_name_tagger
from assets.restricted.scrubbing.name_tagger.words import tagger_words
from resources.models.graph_nodes import Graph
from resources.models.minilm import model_folder
from resources.models.narrow_encoder import load_narrow_encoder
from resources.models.sentence_encoder import SentenceEncoder, load_encoder

pytestmark = pytest.mark.slow

ROSTER = ("Grace Okafor", "Tom")
MESSAGES = [
    *[one.text for one in read_care_chat()[::53]],
    *read_own(HELD_OUT).texts[::31],
    "ok",
    "",
    "Grace says the rota is wrong again, ring her on 07700 900461 or a@b.org by 5pm",
    "so tired " * 90,
    "AAAAH!!! 😂😂 ok",
    "a" * 3000,
    "wir sind so müde und niemand kommt",
]
Told = Callable[[Sequence[str]], list[bytes]]
"""For each message the bits of what a model made of it."""


def vectors(messages: Sequence[str]) -> list[bytes]:
    return [row.tobytes() for row in load_encoder().encode(messages)]


def stored(messages: Sequence[str]) -> list[bytes]:
    return [row.tobytes() for row in load_narrow_encoder().encode(messages)]


def odds(messages: Sequence[str], tagger: NameTagger | None = None) -> list[bytes]:
    words = [[word.written for word in tagger_words(one)] for one in messages]
    return [one.tobytes() for one in (tagger or load_name_tagger()).probabilities(words)]


def scrubbed(messages: Sequence[str]) -> list[bytes]:
    return [one.encode() for one in Scrubber.load().scrub(messages, ROSTER)]


def scores(messages: Sequence[str]) -> list[bytes]:
    told = score_texts(messages)[list(CONSTRUCTS)].to_numpy()
    return [row.tobytes() for row in told]


KINDS: dict[str, Told] = {
    "vectors": vectors, "stored": stored, "odds": odds, "scrubbed": scrubbed, "scores": scores,
}  # fmt: skip


@pytest.fixture(scope="module")
def alone() -> dict[str, list[bytes]]:
    return {name: [told([one])[0] for one in MESSAGES] for name, told in KINDS.items()}


@st.composite
def companies(draw: st.DrawFn) -> list[list[int]]:
    """Places of messages, in any order and number, some of them twice, cut into batches."""
    places = st.integers(0, len(MESSAGES) - 1)
    return draw(st.lists(st.lists(places, min_size=1, max_size=40), min_size=1, max_size=3))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6)
@given(batches=companies(), callers=st.integers(1, 4))
def test_company_order_and_threads_change_no_bit(
    alone: dict[str, list[bytes]], kind: str, batches: list[list[int]], callers: int
) -> None:
    with ThreadPoolExecutor(callers) as threads:
        told = list(threads.map(lambda own: KINDS[kind]([MESSAGES[i] for i in own]), batches))
    assert told == [[alone[kind][i] for i in own] for own in batches]


@pytest.mark.parametrize("kind", KINDS)
def test_all_at_once_is_each_alone(alone: dict[str, list[bytes]], kind: str) -> None:
    assert KINDS[kind](MESSAGES) == alone[kind]
    assert KINDS[kind](MESSAGES[::-1]) == alone[kind][::-1]


def test_another_process_with_more_threads_tells_the_same(alone: dict[str, list[bytes]]) -> None:
    code = (
        "import hashlib, json, runpy, sys\n"
        "own = runpy.run_path(sys.argv[1])\n"
        "told = {name: [hashlib.sha256(one).hexdigest() for one in kind(own['MESSAGES'][::-1])]"
        " for name, kind in own['KINDS'].items()}\n"
        "print(json.dumps(told))"
    )
    project = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, __file__],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": str(project),
            **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "5"),
        },
        capture_output=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {
        name: [hashlib.sha256(one).hexdigest() for one in own[::-1]] for name, own in alone.items()
    }


def test_one_scale_for_a_whole_batch_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What ONNX Runtime calls dynamic quantisation: the scale is the largest of all rows."""
    of_each_row = Graph._in_eight_bits

    def of_all_rows(self: Graph, rows: str, lowest: float | None) -> tuple[str, str]:
        node: Any = self.node

        def whole(kind: str, *inputs: str, **given: object) -> object:
            made = node(kind, *inputs, **given)
            if kind == "ReduceMax":
                largest = node("ReduceMax", made, self.integers(0), keepdims=1)
                made = node("Expand", largest, node("Shape", made))
            return made

        monkeypatch.setattr(self, "node", whole)
        try:
            return of_each_row(self, rows, lowest)
        finally:
            monkeypatch.setattr(self, "node", node)

    monkeypatch.setattr(Graph, "_in_eight_bits", of_all_rows)
    from resources.models.encoder_file import build_encoder

    digest = build_encoder(model_folder(), tmp_path / "one.onnx", digests=None)
    encoder = SentenceEncoder(tmp_path / "one.onnx", sha256=digest)
    # But for those that no other message is as long as, which ran by themselves.
    together = encoder.encode(MESSAGES)
    apart = np.vstack([encoder.encode([one]) for one in MESSAGES])
    assert (together != apart).any(axis=1).mean() > 0.5
    # And it is no other model: what it says is nearly right.
    assert ((together * load_encoder().encode(MESSAGES)).sum(axis=1) > 0.9).all()
