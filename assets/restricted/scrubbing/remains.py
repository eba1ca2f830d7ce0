"""What is left of a message once words are struck out."""

from collections.abc import Iterable

from assets.restricted.scrubbing.words import PLACEHOLDER, TokenizedMessage

FEWEST_WORDS = 2
"""Words left below which a message is dropped: a lone word has no sentence to score it by."""

MOST_REMOVED = 0.6
"""Share of a message's words gone above which it is dropped: what is left is mostly the shape of
what was taken, too little to score and the likeliest place for a name's neighbour to tell it."""


def is_enough(message: TokenizedMessage, removed: Iterable[int]) -> bool:
    """Whether enough words are left; a placeholder of an earlier scrub counts as a word gone.

    Args:
        message: the whole message.
        removed: indices of the tokens struck out.
    """
    gone = set(removed)
    words = left = 0
    for i, token in enumerate(message.tokens):
        words += not token.is_mark
        left += token.is_word and i not in gone
    return left >= FEWEST_WORDS and left >= (1 - MOST_REMOVED) * words


def written(message: TokenizedMessage, removed: Iterable[int]) -> str:
    """The words left, with one placeholder for a run of removed words and one mark for a run."""
    gone = set(removed)
    pieces: list[str] = []
    for i, token in enumerate(message.tokens):
        if token.is_word and i not in gone:
            pieces.append(token.lower)
            continue
        piece = token.written[0] if token.is_mark and i not in gone else PLACEHOLDER
        if pieces[-1:] != [piece]:
            pieces.append(piece)
    return " ".join(pieces)
