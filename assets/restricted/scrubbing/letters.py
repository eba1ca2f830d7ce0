"""Words with any character outside ASCII, or with a sign in a letter's place."""

import re
from collections.abc import Mapping

from assets.restricted.scrubbing.words import Token, TokenizedMessage

_LIKE_LETTERS = frozenset("$€¢¥₤|¦^§")
"""Signs that stand for a letter wherever they touch a word."""

_IN_PLACE = frozenset("*~+=")
"""Signs that do only between letters, for at a word's ends they make it bold."""

_ANY_SIGN = re.compile(f"[{re.escape(''.join(_LIKE_LETTERS | _IN_PLACE))}]")


class Letters:
    """Removes words written with letters outside a to z, in whatever script.

    The vocabulary is ASCII, and a look-alike letter ("Bаth" with a Cyrillic a) is a way round any
    list, as is a sign ("$am"). Emoji, symbols and other scripts' punctuation are no words and
    vanish with the rest of what stands between words.
    """

    name = "letters"
    judges_alone = True

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` that are not plain ASCII letters."""
        with_sign = _ANY_SIGN.search(message.text) is not None
        return {
            i: "other_script"
            for i, token in enumerate(message.tokens)
            if token.is_word
            and (not token.written.isascii() or (with_sign and _is_disguised(message.text, token)))
        }


def _is_disguised(text: str, token: Token) -> bool:
    before, after = text[max(token.start - 8, 0) : token.start], text[token.end : token.end + 8]
    return any(
        beside[:1] in _LIKE_LETTERS
        or (beside[:1] in _IN_PLACE and beside.lstrip(beside[0])[:1].isalnum())
        for beside in (before[::-1], after)
        if beside
    )
