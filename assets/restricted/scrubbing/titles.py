"""Titles, kinship and particles: "Mrs _" and "_ do _" would tell that somebody stands there."""

from collections.abc import Iterator, Mapping

from assets.restricted.scrubbing.capitals import Capitals
from assets.restricted.scrubbing.name_tagger.layer import CUT
from assets.restricted.scrubbing.vocabulary import NAME_CUT
from assets.restricted.scrubbing.words import PARTICLES, Token, TokenizedMessage

TITLES = frozenset({"mr", "mrs", "ms", "mx", "dr", "sr", "cllr", "prof"})
"""Nothing but titles: whatever stands behind one is a name, unless it is a plain word."""

KINSHIP = frozenset(
    {
        "ate", "aunt", "auntie", "aunty", "baba", "bro", "brother", "cousin", "gran", "grandad",
        "grandma", "grandpa", "granny", "kuya", "lady", "lola", "lolo", "ma", "mama", "mamma",
        "matron", "miss", "nan", "nana", "nanny", "nurse", "papa", "sir", "sis", "sista", "sister",
        "tita", "tito", "uncle",
    }
)  # fmt: skip
"""Words of their own as well ("ate", "miss"): titles only where the next word is likely a name."""


class Titles:
    """Removes a title with the name behind it, and a particle between two names.

    Args:
        words: the vocabulary.
        word_names: words of it that are names as well.
    """

    name = "titles"
    judges_alone = False

    def __init__(self, words: frozenset[str], word_names: frozenset[str]) -> None:
        self._words = words
        self._word_names = word_names

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of titles of `message` that a name follows, of these names, and of particles."""
        removed = {
            i: "particle"
            for i in range(1, len(message.tokens) - 1)
            if message.tokens[i].lower in PARTICLES
            and self._is_likely(message, i - 1)
            and self._is_likely(message, i + 1)
        }
        capitals: Mapping[int, str] | None = None
        for i, after in _titles(message.tokens):
            token = message.tokens[after]
            if capitals is None:
                capitals = Capitals().removes(message)
            is_name = (
                after in capitals
                or token.lower in message.roster
                or self._is_likely(message, after)
                or (
                    message.tokens[i].lower in TITLES
                    and (token.lower not in self._words or token.lower in self._word_names)
                )
            )
            if is_name:
                removed[i] = removed[after] = "title"
        return removed

    def _is_likely(self, message: TokenizedMessage, i: int) -> bool:
        if message.name_odds is None:
            return False
        cut = NAME_CUT if message.tokens[i].lower in self._word_names else CUT
        return message.name_odds[i] >= cut


def _titles(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
    """Places of possible titles, each with the place of the word behind it."""
    for i, token in enumerate(tokens[:-1]):
        if not token.is_word:
            continue
        is_title = token.lower in TITLES
        if not is_title and token.lower not in KINSHIP:
            continue
        after = i + 1
        # "Mr. Obi", "Sr. Joy"
        if is_title and tokens[after].written == "." and after + 1 < len(tokens):
            after += 1
        if tokens[after].is_word:
            yield i, after
