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
_POSSESSIVE = re.compile(r"([^\W_]+)'s(?![^\W_])", re.IGNORECASE)
_STEMS_OF_IS = frozenset(
    {
        "he", "here", "how", "it", "let", "she", "that", "there", "what", "when", "where",
        "who",
    }
)  # fmt: skip
_KEPT_CONTROLS = {"\n", "\t", "\r"}


def normalise(text: str) -> str:
    """One spelling for each character; case and line ends are kept.

    NFKC (full-width, ligatures, mathematical letters), straight quotes, and without characters
    that show nothing: zero-width, soft hyphens, marks that no letter took up, controls. The
    isolates U+2066 to U+2069 stay, because WhatsApp wraps a mentioned person's name in them.
    Possessive endings go ("the manager's" becomes "the manager"): to the vocabulary they would
    be other words.

    Args:
        text: a message, an author or a name.
    """
    text = text.translate(_STRAIGHT)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if _shows(c))
    return _POSSESSIVE.sub(_without_ending, text)


def _without_ending(match: re.Match[str]) -> str:
    return match[0] if match[1].lower() in _STEMS_OF_IS else match[1]


def without_marks(text: str) -> str:
    """The text with accents taken off ("Zoë" becomes "Zoe")."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _shows(character: str) -> bool:
    if character in _ISOLATES or character in _KEPT_CONTROLS:
        return True
    return unicodedata.category(character) not in {"Cf", "Cc", "Cs", "Co", "Cn", "Mn", "Me"}
