"""Whether a text is written in letters that no listed phone language has."""

import unicodedata
from functools import cache

from assets.restricted.collection.whatsapp.wordings import wordings

# In other scripts, shorter words are smileys.
SHORTEST_WORD = 4
# Of the listed languages that are written in Cyrillic: Russian, Ukrainian and Bulgarian.
LISTED_CYRILLIC = frozenset("абвгґдеёєжзиіїйклмнопрстуфхцчшщъыьэюя")


def in_no_listed_alphabet(text: str) -> bool:
    """Whether a text holds a word in a script, or with a Cyrillic letter, of no listed language.

    Latin and Arabic letters tell nothing, for names from everywhere are written in them.

    Args:
        text: one message's body.
    """
    if text.isascii():
        return False
    # Letters that are only drawn otherwise ("𝓱𝓲") become plain ones.
    return any(map(_of_no_listed_alphabet, unicodedata.normalize("NFKC", text).split()))


def _of_no_listed_alphabet(word: str) -> bool:
    letters = [letter for letter in word.lower() if letter.isalpha()]
    scripts = {_script(letter) for letter in letters}
    if scripts == {"CYRILLIC"}:
        return not LISTED_CYRILLIC.issuperset(letters)
    # Words of several scripts are drawn from letters that look like others.
    one_script = len(scripts) == 1 and len(letters) >= SHORTEST_WORD
    return one_script and scripts.isdisjoint(_listed_scripts())


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


@cache
def _listed_scripts() -> frozenset[str]:
    return frozenset(_script(letter) for letter in str(wordings()) if letter.isalpha())
