"""Serves the tagger without Flair, from its ready file."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np

from assets.core.errors import ScrubError
from assets.restricted.scrubbing.name_tagger.corpora import LABELS
from resources.models.ready_model import TAGGER_FILE, ReadyModel, ready_digest
from resources.models.word_pieces import WordPieces

WORDS_AT_ONCE = 120
"""Words that the tagger sees together; a longer message is read in windows."""

OVERLAP = 30
"""Words that two windows share, so that every word has neighbours on both sides."""

MOST_PIECES_OF_A_WORD = 4
"""Of a longer word only the first pieces are shown; the tagger judges by the first alone."""


def tagger_digest() -> str:
    """SHA-256 of the ready file: weights, tokeniser and arithmetic all lie in it."""
    return ready_digest(TAGGER_FILE)


class NameTagger:
    """Tells for every word how likely it is part of a name.

    A message's words have the same bits alone and in any company, order and thread.

    Args:
        file: the ready file.
        sha256: its digest; None for the one that was noted when it was built.

    Raises:
        ScrubError: TAGGER_UNREADABLE.
    """

    def __init__(self, file: Path = TAGGER_FILE, *, sha256: str | None = None) -> None:
        refusal = ScrubError("TAGGER_UNREADABLE")
        self._model = ReadyModel(file, missing=refusal, changed=refusal, sha256=sha256)
        if self._model.width != len(LABELS):
            raise refusal
        self._pieces = WordPieces(self._model.tokenizer)

    def probabilities(
        self, messages: Sequence[Sequence[str]], asked: Sequence[Sequence[int]] | None = None
    ) -> list[np.ndarray]:
        """Probability of each label for each word.

        Args:
            messages: the words of each message, as `tagger_words` cuts them.
            asked: of each message the places of the words that are asked about, in order; None for
                all. What an answer is does not depend on what else is asked.

        Returns:
            For each message float32 of shape (words, len(LABELS)), rows summing to 1. A word in
            two windows has the row in which `O` is the less likely. One that was not asked about
            has no odds of any name.
        """
        word_pieces = {
            word: own[:MOST_PIECES_OF_A_WORD] or [self._pieces.unknown]
            for word, own in self._pieces.of_words(w for words in messages for w in words).items()
        }
        rows: list[list[int]] = []
        pieces: list[list[int]] = []
        firsts: list[list[int]] = []
        later: set[int] = set()
        begins = 0
        for m, words in enumerate(messages):
            places: Sequence[int] = range(len(words)) if asked is None else asked[m]
            for start in window_starts(len(words)):
                window = words[start : start + WORDS_AT_ONCE]
                within = [p - start for p in places if start <= p < start + len(window)]
                if not within:
                    continue
                own = [self._pieces.begin]
                first = []
                for word in window:
                    first.append(len(own))
                    own += word_pieces[word]
                own.append(self._pieces.end)
                if start:
                    later.add(len(rows))
                rows.append([begins + start + place for place in within])
                pieces.append(own)
                firsts.append([first[place] for place in within])
            begins += len(words)
        results = np.tile(_CERTAIN_NOTHING, (begins, 1))
        outputs = self._model.run(pieces, firsts)
        once = [i for i in range(len(rows)) if i not in later]
        if once:
            of_words = list(chain.from_iterable(rows[i] for i in once))
            results[of_words] = np.concatenate([outputs[i] for i in once])
        for i in sorted(later):
            known = results[rows[i]]
            results[rows[i]] = np.where(outputs[i][:, :1] < known[:, :1], outputs[i], known)
        ends = np.cumsum([len(words) for words in messages])
        return np.split(results, ends[:-1]) if messages else []


_CERTAIN_NOTHING = np.array([2.0, 0, 0, 0, 0], dtype=np.float32)
"""Above any probability of `O`, so that the first window's row always takes its place."""


def window_starts(words: int) -> range:
    """First words of the windows that cover `words` words."""
    step = WORDS_AT_ONCE - OVERLAP
    return range(0, max(words - OVERLAP, 1), step) if words else range(0)


@lru_cache(maxsize=1)
def load_name_tagger() -> NameTagger:
    """The process's one tagger, open in a fraction of a second.

    Raises:
        ScrubError: TAGGER_UNREADABLE.
    """
    return NameTagger()
