"""Serves the tagger without Flair: MiniLM with the trained layers, in 8-bit integers."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assets.core.errors import ScrubError
from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from assets.restricted.scrubbing.name_tagger.weights import HEAD, WEIGHTS_FILE, read_weights
from resources.models.quantised import quantised_session, run_in_batches
from resources.models.sentence_encoder import minilm, model_folder

if TYPE_CHECKING:
    import torch

WORDS_AT_ONCE = 120
"""Words that the tagger sees together; a longer message is read in windows."""

OVERLAP = 30
"""Words that two windows share, so that every word has neighbours on both sides."""

MOST_PIECES_OF_A_WORD = 4
"""Of a longer word only the first pieces are shown; the tagger judges by the first alone."""

BATCH = 32


class NameTagger:
    """Tells for every word how likely it is part of a name.

    Args:
        weights: the trained file.
        threads: of one run; 0 for as many as there are cores.
        quantise: False serves single precision, to compare with.
    """

    def __init__(
        self, weights: Path = WEIGHTS_FILE, *, threads: int = 0, quantise: bool = True
    ) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415  (loaded only where a model is)

        folder = model_folder()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._begin, self._end, self._padding = (
            self._tokenizer.token_to_id(piece) for piece in ("[CLS]", "[SEP]", "[PAD]")
        )
        self._unknown = self._tokenizer.token_to_id("[UNK]")
        self._session = quantised_session(
            _module(folder, weights), threads=threads, quantise=quantise
        )

    def probabilities(self, messages: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """Probability of each label for each word.

        Args:
            messages: the words of each message, as `tagger_words` cuts them.

        Returns:
            For each message float32 of shape (words, len(LABELS)), rows summing to 1. A word in
            two windows has the row in which `O` is the less likely.
        """
        word_pieces = self._pieces({word for words in messages for word in words})
        windows: list[tuple[int, int]] = []
        pieces: list[list[int]] = []
        firsts: list[list[int]] = []
        for m, words in enumerate(messages):
            for start in window_starts(len(words)):
                own = [self._begin]
                first = []
                for word in words[start : start + WORDS_AT_ONCE]:
                    first.append(len(own))
                    own += word_pieces[word]
                windows.append((m, start))
                pieces.append([*own, self._end])
                firsts.append(first)
        results = [np.tile(_CERTAIN_NOTHING, (len(words), 1)) for words in messages]
        outputs = run_in_batches(self._session, pieces, padding=self._padding, batch=BATCH)
        for (m, start), first, output in zip(windows, firsts, outputs, strict=True):
            seen = _softmax(output[first])
            known = results[m][start : start + len(first)]
            np.copyto(known, seen, where=(seen[:, :1] < known[:, :1]))
        return results

    def _pieces(self, words: set[str]) -> dict[str, list[int]]:
        listed = list(words)
        encoded = self._tokenizer.encode_batch(listed, add_special_tokens=False)
        return {
            word: one.ids[:MOST_PIECES_OF_A_WORD] or [self._unknown]
            for word, one in zip(listed, encoded, strict=True)
        }


_CERTAIN_NOTHING = np.array([2.0, 0, 0, 0, 0], dtype=np.float32)
"""Above any probability of `O`, so that the first window's row always takes its place."""


def window_starts(words: int) -> range:
    """First words of the windows that cover `words` words."""
    step = WORDS_AT_ONCE - OVERLAP
    return range(0, max(words - OVERLAP, 1), step) if words else range(0)


@lru_cache(maxsize=1)
def load_name_tagger() -> NameTagger:
    """The process's one tagger; the first call takes some seconds.

    Raises:
        ScrubError: TAGGER_UNREADABLE.
        SetupError: ENCODER_MISSING, ENCODER_CHANGED.
    """
    return NameTagger()


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)


def _module(folder: Path, weights: Path) -> "torch.nn.Module":
    import torch  # noqa: PLC0415

    trained = read_weights(weights)
    head = torch.nn.Linear(trained[f"{HEAD}weight"].shape[1], trained[f"{HEAD}weight"].shape[0])
    head.load_state_dict(
        {n.removeprefix(HEAD): t for n, t in trained.items() if n.startswith(HEAD)}
    )
    encoder = minilm(folder)
    upper = {name: tensor for name, tensor in trained.items() if not name.startswith(HEAD)}
    fitted = encoder.load_state_dict(upper, strict=False)
    if fitted.unexpected_keys or len(LABELS) != head.out_features or not upper:
        raise ScrubError("TAGGER_UNREADABLE")

    class Tagger(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.head = head

        def forward(
            self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
        ) -> torch.Tensor:
            output = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=types)
            return self.head(output.last_hidden_state)

    return Tagger()
