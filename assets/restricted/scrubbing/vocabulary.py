"""The closed vocabulary: the only words that survive."""

from collections.abc import Mapping

from assets.restricted.scrubbing.words import TokenizedMessage

NAME_CUT = 0.0006
"""Probability of a name from which a word goes that is a name as well. Chosen on development data
(docs/scrubbing.md)."""

FREQUENT_CUT = 0.006
"""The same for words that lists of names hold and nearly everyone means as words."""


class ClosedVocabulary:
    """Removes every word that is not in the list.

    Args:
        words: lower-case words.
        word_names: those of them that are names as well, and go unless the tagger is sure that
            they are none; they go too where it was not asked.
        name_cut: probability of a name from which such a word goes.
        frequent_names: words that are seldom names, and go likewise from a higher probability.
        frequent_cut: that probability.
    """

    name = "vocabulary"
    judges_alone = False

    def __init__(
        self,
        words: frozenset[str],
        word_names: frozenset[str] = frozenset(),
        name_cut: float = NAME_CUT,
        frequent_names: frozenset[str] = frozenset(),
        frequent_cut: float = FREQUENT_CUT,
    ) -> None:
        self._words = words
        self._cuts = {
            **dict.fromkeys(frequent_names, frequent_cut),
            **dict.fromkeys(word_names, name_cut),
        }

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` that are not in the list, or are likely names."""
        removed: dict[int, str] = {}
        for i, token in enumerate(message.tokens):
            if not token.is_word:
                continue
            lower = token.lower
            if lower not in self._words:
                removed[i] = "not_listed"
            elif lower in self._cuts and _may_be_name(message, i, self._cuts[lower]):
                removed[i] = "word_name"
        return removed


def _may_be_name(message: TokenizedMessage, i: int, cut: float) -> bool:
    return message.name_odds is None or message.name_odds[i] >= cut
