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
    gone = frozenset(removed)
    words = left = 0
    for i, token in enumerate(message.tokens):
        if not token.is_mark:
            words += 1
            if token.is_word and i not in gone:
                left += 1
    return left >= FEWEST_WORDS and left >= (1 - MOST_REMOVED) * words


def written(message: TokenizedMessage, removed: Iterable[int]) -> str:
    """The words left, with one placeholder for a run of removed words and one mark for a run."""
    gone = set(removed)
    pieces: list[str] = []
    last = ""
    for i, token in enumerate(message.tokens):
        if i in gone:
            piece = PLACEHOLDER
        elif token.is_word:
            # No word is written as a placeholder or a mark is.
            last = token.lower
            pieces.append(last)
            continue
        else:
            piece = token.written[0] if token.is_mark else PLACEHOLDER
        if piece != last:
            pieces.append(piece)
            last = piece
    return " ".join(pieces)
