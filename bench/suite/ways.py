"""One way of scrubbing or embedding, timed: `python -m bench.suite.ways WAY SET CORPORA MOST`.

As `bench.scrubbing.whole_path`: a line with the number of messages, then for each line of standard
input one with the seconds that a round took.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.scrubbing.whole_path import NAMES, WholePath, read_messages, timed

Run = Callable[[Sequence[str]], object]
BATCH = 32


def scrubbing() -> Run:
    """Tideline's, a group's messages at once."""
    scrubber = WholePath().scrubber
    return lambda texts: scrubber.scrub(list(texts), NAMES)


def embedding() -> Run:
    """Tideline's, narrowing included."""
    return WholePath().encoder.encode


def whole() -> Run:
    """Scrub, language, gate, embed, narrow, score."""
    path = WholePath()

    def run(texts: Sequence[str]) -> None:
        for group in path.groups(texts):
            path.run(group)

    return run


def one_by_one() -> Run:
    """Presidio and Flair, a message at a time."""
    from bench.scrubbing.one_by_one import OneByOne  # noqa: PLC0415  (imports torch)

    return OneByOne().scrub


def batched() -> Run:
    """Presidio's batch engine, and Flair over batches."""
    from bench.scrubbing.one_by_one import Batched  # noqa: PLC0415  (imports torch)

    return Batched(BATCH).scrub


def whole_one_by_one() -> Run:
    """Presidio, Flair and sentence-transformers, a message at a time."""
    from bench.scrubbing.one_by_one import EncodedOneByOne  # noqa: PLC0415  (imports torch)

    return EncodedOneByOne().run


def sentence_transformers() -> Run:
    """The encoder that ours was built from, over batches."""
    encode = _sentence_transformers()
    return lambda texts: encode(list(texts), batch_size=BATCH, show_progress_bar=False)


def sentence_transformers_one_by_one() -> Run:
    """The same, a message at a time."""
    encode = _sentence_transformers()
    return lambda texts: [encode([text], show_progress_bar=False) for text in texts]


def _sentence_transformers() -> Callable[..., Any]:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  (imports torch)

    from resources.models.minilm import model_folder  # noqa: PLC0415

    return SentenceTransformer(str(model_folder()), device="cpu").encode


WAYS: dict[str, Callable[[], Run]] = {
    one.__name__: one
    for one in (
        scrubbing,
        embedding,
        whole,
        one_by_one,
        batched,
        whole_one_by_one,
        sentence_transformers,
        sentence_transformers_one_by_one,
    )
}


def main() -> None:
    """See above."""
    most = int(sys.argv[4])
    texts = read_messages(sys.argv[2], Path(sys.argv[3]), most)
    # Where there are fewer they come again.
    texts = (texts * (most // len(texts) + 1))[:most]
    run = WAYS[sys.argv[1]]()
    run(texts[:5])
    print(json.dumps({"messages": len(texts)}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(timed(lambda: run(texts))), flush=True)


if __name__ == "__main__":
    main()
