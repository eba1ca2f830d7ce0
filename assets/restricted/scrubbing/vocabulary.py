"""The closed vocabulary: the only words that survive."""

from collections.abc import Mapping

from assets.restricted.scrubbing.words import TokenizedMessage

NAME_CUT = 0.001
"""Probability of a name from which such a word goes. Chosen on development data
(docs/scrubbing.md)."""


class ClosedVocabulary:
    """Removes every word that is not in the list.

    Args:
        words: lower-case words.
        word_names: those of them that are names as well, and go unless the tagger is sure that
            they are none; they go too where it was not asked.
        name_cut: probability of a name from which such a word goes.
    """

    name = "vocabulary"

    def __init__(
        self,
        words: frozenset[str],
        word_names: frozenset[str] = frozenset(),
        name_cut: float = NAME_CUT,
    ) -> None:
        self._words = words
        self._word_names = word_names
        self._name_cut = name_cut

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` that are not in the list, or are likely names."""
        removed: dict[int, str] = {}
        for i, token in enumerate(message.tokens):
            if not token.is_word:
                continue
            if token.lower not in self._words:
                removed[i] = "not_listed"
            elif token.lower in self._word_names and self._may_be_name(message, i):
                removed[i] = "word_name"
        return removed

    def _may_be_name(self, message: TokenizedMessage, i: int) -> bool:
        return message.odds is None or float(message.odds[i].sum()) >= self._name_cut
