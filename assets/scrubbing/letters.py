"""Words with any character outside ASCII."""

from collections.abc import Iterable

from assets.scrubbing.message import Message


class Letters:
    """Removes words written with letters outside a to z, in whatever script.

    The vocabulary is ASCII, and a look-alike letter ("Bаth" with a Cyrillic a) is a way round any
    list. Emoji, symbols and other scripts' punctuation are no words and vanish with the rest of
    what stands between words.
    """

    name = "letters"

    def removes(self, message: Message) -> Iterable[int]:
        """Indices of the words of `message` that are not plain ASCII."""
        return (
            i
            for i, token in enumerate(message.tokens)
            if token.is_word and not token.written.isascii()
        )
