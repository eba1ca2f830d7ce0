"""What may stand where a template has a name: how a notice is kept from swallowing a sentence.

The fixed words of some templates are few ("… added …", "… left"), so any new wording of WhatsApp's
that holds them would fit. A name is short, and no sentence runs through it.
"""

import re
from collections.abc import Collection

LONGEST_NAME, MOST_WORDS = 80, 7
LONGEST_TITLE = 100
# "ola from work" and "de la Cruz" are names; "this group to the community" is a phrase.
MOST_WORDS_FROM_LOWER_CASE = 3
LONGEST_ABBREVIATION = 4

_BREAK = re.compile(r"[!?;:…][ \u00a0\u202f]+\w|[。！？；：।؟]\s*\w")
_STOP = re.compile(r"(?P<before>[^\W\d_]+)\.[ \u00a0\u202f]+\w")
_QUOTED = re.compile(r"[\"“”„«»「」『』]")
# "Ola added Ben and 3 others".
_COUNT = re.compile(r"[0-9]{1,4} [^\W\d_]")


def may_be_name(written: str) -> bool:
    """Whether a piece of a notice may be one person's name or number."""
    name = written.strip(" ~\u00a0\u202f")
    words = name.split()
    if len(name) > LONGEST_NAME or len(words) > MOST_WORDS or _QUOTED.search(name):
        return False
    if not name or _sentence_runs_through(name):
        return False
    return not (name[0].islower() and len(words) > MOST_WORDS_FROM_LOWER_CASE)


def may_be_title(written: str) -> bool:
    """Whether a piece of a notice without quotation marks may be a group's title."""
    return len(written) <= LONGEST_TITLE and not _sentence_runs_through(written)


def is_phrase(label: str, others: Collection[str]) -> bool:
    """Whether what stands before a colon is no sender, but the beginning of a notice.

    It is longer than a name, or goes on after the name of another sender in small letters, as
    "Ola changed the group description: …" does in any language.

    Args:
        label: without marks at its edges.
        others: senders of the file, this label among them.
    """
    words = label.split()
    if len(words) > MOST_WORDS:
        return True
    for end in range(1, len(words) - MOST_WORDS_FROM_LOWER_CASE + 1):
        first = words[end][0]
        if first.isalpha() and not first.isupper() and " ".join(words[:end]) in others:
            return True
    return False


def is_count(written: str) -> bool:
    """Whether a piece counts people instead of naming one."""
    return _COUNT.match(written) is not None


def _sentence_runs_through(name: str) -> bool:
    if _BREAK.search(name):
        return True
    # "Dr. Reed" and "J. Reed" are names.
    return any(
        len(found["before"]) > LONGEST_ABBREVIATION or found["before"][0].islower()
        for found in _STOP.finditer(name)
    )
