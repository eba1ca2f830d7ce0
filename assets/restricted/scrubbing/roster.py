"""Names that the export itself knows: the best list of names there is, and only in memory."""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from assets.restricted.scrubbing.normalise import normalise, without_marks
from assets.restricted.scrubbing.vocabulary_file import load_vocabulary
from assets.restricted.scrubbing.words import TokenizedMessage

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

NAMES_FILE = Path(__file__).parent / "care_chat" / "names.csv"
"""Names of people by origin and part, written for this project."""

SHORTEST_SHORT_FORM = 3
"""Letters of a name from which its beginning is taken for its short form ("Bless")."""

ENDINGS = ("", "y", "ie", "i", "ey", "o", "a", "s", "z", "za", "zza", "zzy", "ster", "kins")
"""What people hang on to the beginning of a name: Shaz, Gazza, Jonno, Becky."""

OTHER_SHORT_FORMS = {
    "albert": "bert", "alexandra": "sandy", "alexander": "sandy", "andrew": "drew",
    "anthony": "tone", "barbara": "babs", "charles": "chuck", "deborah": "debs",
    "dorothy": "dot dolly", "edward": "ted ned", "eleanor": "nell nora", "elizabeth": "bet bess",
    "eugene": "gene", "florence": "flo", "frances": "fanny", "francis": "frank",
    "geraldine": "ger", "helen": "nell", "henry": "hank harry", "james": "jim", "john": "jack",
    "joseph": "jo", "lawrence": "lorry", "louise": "lou", "margaret": "peg meg daisy",
    "martha": "patty", "mary": "molly polly", "matilda": "tilly", "michael": "mick",
    "mildred": "milly", "richard": "dick", "robert": "bob rob", "sarah": "sally",
    "susan": "sue", "theresa": "tess", "theodore": "ted", "thomas": "tom",
    "william": "bill will", "wilhelmina": "mina",
}  # fmt: skip
"""Short forms that don't begin as the name does."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def roster_words(names: Iterable[str]) -> frozenset[str]:
    """The words by which people of an export can be called.

    Parts of each name, with and without accents, apostrophes and humps ("MaryAnn"), the whole
    written as one word, short forms ("Bless", "Bill") and the plural ("the Graces"). Not parts of
    one letter, not function words.

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
    words = {word for word in words if len(word) > 1} - FUNCTION_WORDS
    words |= {short for word in words for short in _short_forms(word)}
    return frozenset((words | {f"{word}s" for word in words}) - FUNCTION_WORDS)


def _short_forms(word: str) -> set[str]:
    """Short forms of one name that the vocabulary would let through.

    Words that the vocabulary lacks go without the roster's help; those that nobody is called
    ("care" of "Careen") stay.
    """
    stems = [word[:length] for length in range(SHORTEST_SHORT_FORM, len(word) - 1)]
    forms = {f"{stem}{ending}" for stem in stems for ending in ENDINGS}
    # "Shaz" and "Gaz": the r that ended the syllable becomes a z.
    forms |= {f"{stem[:-1]}z" for stem in stems if stem.endswith("r")}
    return forms & _called_names() | set(OTHER_SHORT_FORMS.get(word, "").split())


@cache
def _called_names() -> frozenset[str]:
    """First names and short forms that the vocabulary would let through."""
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        called = {row["name"].lower() for row in csv.DictReader(file) if row["part"] != "last"}
    return load_vocabulary()[0] & called


class Roster:
    """Removes the words of the export's names, even those that are ordinary words."""

    name = "roster"
    judges_alone = True

    def removes(self, message: TokenizedMessage) -> Mapping[int, str]:
        """Indices of the words of `message` that are on its roster, in any case."""
        if not message.roster:
            return {}
        return {
            i: "known_name"
            for i, token in enumerate(message.tokens)
            if token.is_word and not message.roster.isdisjoint(_forms(token.lower))
        }


def _forms(word: str) -> tuple[str, ...]:
    return (word,) if "'" not in word else (word, word.replace("'", ""), *word.split("'"))
