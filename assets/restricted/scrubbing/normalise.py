"""Brings the many ways of writing one character to one, before anything is looked for."""

import re
import unicodedata

_STRAIGHT = str.maketrans(
    {
        "‘": "'", "’": "'", "‛": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'",
        "“": '"', "”": '"', "…": " ... ",
    }
)  # fmt: skip
_ISOLATES = "\u2066\u2067\u2068\u2069"
_POSSESSIVE = re.compile(r"(?<![^\W_])([^\W_]+)'s(?![^\W_])", re.IGNORECASE)
_STEMS_OF_IS = frozenset(
    {
        "he", "here", "how", "it", "let", "she", "that", "there", "what", "when", "where",
        "who",
    }
)  # fmt: skip
_KEPT_CONTROLS = {"\n", "\t", "\r"}
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing, though Unicode does not call them so."""

_TRAILING_OFF = re.compile(r"(?<=[^\W_])\.{3,}(?=[^\W_])")
_BROKEN_OFF = re.compile(r"(?<=[^\W\d_])-[ \t]*\r?\n[ \t]*(?=[a-z])")
_SPACED_OUT = re.compile(
    r"(?<![^\W_])(?<![^\W_]')[^\W\d_]([^\w\n]{1,3}|_)[^\W\d_](?:\1[^\W\d_])+(?!'?[^\W_])"
)
_TEXT_SPEAK = frozenset("abciknruy")
_LONGEST_TEXT_SPEAK = 4


def normalise(text: str) -> str:
    """One spelling for each character; case and line ends are kept.

    NFKC (full-width, ligatures, mathematical letters), straight quotes, and without characters
    that show nothing: zero-width, soft hyphens, marks that no letter took up, controls. The
    isolates U+2066 to U+2069 stay, because WhatsApp wraps a mentioned person's name in them.
    Possessive endings go ("the manager's" becomes "the manager"): to the vocabulary they would
    be other words. A word spaced out ("g r a c e", "S.A.R.A.H") or broken at a line's end
    ("Bless-", "ing") is joined, so that it is judged as the word it is.

    Args:
        text: a message, an author or a name.
    """
    # What a step can't do without is looked for first: most messages lack it.
    if not text.isascii() or "`" in text:
        text = text.translate(_STRAIGHT)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if _shows(c))
    if "\n" in text:
        text = _BROKEN_OFF.sub("", text)
    if "..." in text:
        text = _TRAILING_OFF.sub(" ... ", text)
    text = _SPACED_OUT.sub(_joined, text)
    return _POSSESSIVE.sub(_without_ending, text) if "'s" in text or "'S" in text else text


def _joined(match: re.Match[str]) -> str:
    """The letters as one word, unless they are words of one letter: "c u", "u r a", "i a"."""
    word = "".join(c for c in match[0] if c.isalpha())
    letters = set(word.lower())
    is_text_speak = "u" in letters and letters <= _TEXT_SPEAK and len(word) <= _LONGEST_TEXT_SPEAK
    return match[0] if is_text_speak or letters <= {"i", "a"} else word


def _without_ending(match: re.Match[str]) -> str:
    return match[0] if match[1].lower() in _STEMS_OF_IS else match[1]


def without_marks(text: str) -> str:
    """The text with accents taken off ("Zoë" becomes "Zoe")."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _shows(character: str) -> bool:
    if character in _ISOLATES or character in _KEPT_CONTROLS:
        return True
    if character in _BLANKS:
        return False
    return unicodedata.category(character) not in {"Cf", "Cc", "Cs", "Co", "Cn", "Mn", "Me"}
