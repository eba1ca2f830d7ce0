"""How one person types: case, full stops, typing slips, stretched letters, shortened words."""

import re
from dataclasses import dataclass
from random import Random

_SHORTENED = {
    "you": "u",
    "your": "ur",
    "please": "pls",
    "because": "cos",
    "thanks": "thx",
    "though": "tho",
    "tonight": "2nite",
    "tomorrow": "tmrw",
    "before": "b4",
    "people": "ppl",
    "about": "abt",
    "and": "&",
    "okay": "k",
    "morning": "mornin",
    "nothing": "nuffin",
    "something": "summat",
    "with": "wiv",
}
_STRETCHABLE = re.compile(
    r"(?<!\{)\b(so|no|yes|please|tired|love|proud|really|hey|all|day|go|today)\b(?!\})"
)
_SENTENCE_START = re.compile(r"(^|[.!?\n] ?)([a-z])")
_SLIP_LENGTH = 5


@dataclass(frozen=True)
class Habits:
    """Chances, each 0..1, that the writer does so in a message.

    Attributes:
        lower: types in lower case throughout, names and postcodes too.
        stop: ends with a full stop.
        shorten: shortens each word that has a short form.
        slip: makes one typing slip.
        stretch: stretches a word.
        sign: ends with kisses or an emoji.
        curly: the phone's keyboard makes ' into a curly one.
    """

    lower: float
    stop: float
    shorten: float
    slip: float
    stretch: float
    sign: float
    curly: bool


def draw_habits(rng: Random, *, curly_keyboard: bool) -> Habits:
    """The habits of a new person; only some keyboards make curly apostrophes."""
    return Habits(
        lower=rng.choice((0.05, 0.3, 0.9)),
        stop=rng.choice((0.05, 0.2, 0.7)),
        shorten=rng.choice((0.0, 0.0, 0.05, 0.4)),
        slip=rng.choice((0.02, 0.05, 0.15)),
        stretch=rng.choice((0.02, 0.06, 0.2)),
        sign=rng.choice((0.05, 0.2, 0.45)),
        curly=curly_keyboard and rng.random() < 0.5,  # noqa: PLR2004
    )


def roughen(rng: Random, habits: Habits, template: str) -> str:
    """Shortens, stretches and misspells words of a template, never inside a {slot}."""
    words = template.split(" ")
    if habits.shorten and rng.random() < 2 * habits.shorten:
        words = [
            _SHORTENED.get(word, word) if rng.random() < habits.shorten else word for word in words
        ]
    if rng.random() < habits.slip:
        _slip(rng, words)
    text = " ".join(words)
    if rng.random() < habits.stretch:
        text = _STRETCHABLE.sub(
            lambda found: found[0] + found[0][-1] * rng.randrange(2, 5), text, count=1
        )
    return text


def set_case(rng: Random, habits: Habits, template: str) -> tuple[str, bool]:
    """The template in the writer's case, and whether what fills its slots is in lower case too."""
    if rng.random() < habits.lower:
        return template.lower(), True
    return _SENTENCE_START.sub(lambda found: found[1] + found[2].upper(), template), False


def _slip(rng: Random, words: list[str]) -> None:
    long_words = [
        place for place, word in enumerate(words) if len(word) >= _SLIP_LENGTH and word.isalpha()
    ]
    if not long_words:
        return
    place = rng.choice(long_words)
    word = words[place]
    at = rng.randrange(1, len(word) - 1)
    words[place] = rng.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
    )
