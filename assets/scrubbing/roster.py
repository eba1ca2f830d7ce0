"""Names that the export itself knows: the best list of names there is, and only in memory."""

import re
from collections.abc import Iterable

from assets.scrubbing.message import Message
from assets.scrubbing.normalise import normalise, without_marks

FUNCTION_WORDS = frozenset(
    {
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "do", "for", "from", "he",
        "her", "him", "his", "i", "if", "in", "is", "it", "me", "my", "no", "not", "of",
        "on", "or", "our", "she", "so", "that", "the", "their", "them", "they", "this",
        "to", "us", "was", "we", "with", "you", "your",
    }
)  # fmt: skip
"""Words that stay although they are part of an author's name ("Team at the Oaks"): they name
nobody, and without them every message of the group would read as gaps."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def roster_words(names: Iterable[str]) -> frozenset[str]:
    """The words by which people of an export can be called.

    Parts of each name, with and without accents, apostrophes and humps ("MaryAnn"), the whole
    written as one word, and the plural ("the Graces"). Not parts of one letter, not function words.

    Args:
        names: authors and other names as the export writes them.

    Returns:
        Lower-case words.
    """
    words: set[str] = set()
    for name in names:
        plain = normalise(name)
        for form in (plain, without_marks(plain)):
            parts = [part for part in _WORD.findall(form) if len(part) > 1]
            words.update(part.lower() for part in parts)
            for part in parts:
                words.update(bit.lower() for bit in _HUMP.sub(" ", part).split())
                words.update(bit.lower() for bit in part.split("'"))
                words.add(part.replace("'", "").lower())
            words.add("".join(parts).lower())
    words = {word for word in words if len(word) > 1}
    return frozenset((words | {f"{word}s" for word in words}) - FUNCTION_WORDS)


class Roster:
    """Removes the words of the export's names, even those that are ordinary words."""

    name = "roster"

    def removes(self, message: Message) -> Iterable[int]:
        """Indices of the words of `message` that are on its roster, in any case."""
        if not message.roster:
            return ()
        return (
            i
            for i, token in enumerate(message.tokens)
            if token.is_word and not message.roster.isdisjoint(_forms(token.lower))
        )


def _forms(word: str) -> tuple[str, ...]:
    return (word,) if "'" not in word else (word, word.replace("'", ""), *word.split("'"))
