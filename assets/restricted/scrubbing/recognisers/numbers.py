"""Numbers, in digits and in words."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import (
    ANY_GAP,
    DIGIT_WORD,
    END,
    GAP,
    START,
    any_of,
    misspelt,
)

DIGITS = ("zero", "nought", "naught", "one", "two", "three", "four", "five", "six", "seven",
          "eight", "nine")  # fmt: skip
HOURS = (*DIGITS[3:], "ten", "eleven", "twelve")
TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
DECADES = (
    "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties",
    "noughties",
)  # fmt: skip
_LARGE = ("hundred", "thousand", "million", "billion", "dozen")
_PLURALS = tuple(f"{word}s" for word in (*_LARGE, *HOURS[1:]))
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", *(f"{word}th" for word in TEENS),
    *(f"{word[:-1]}ieth" for word in TENS), "hundredth", "thousandth", "millionth",
)  # fmt: skip
_SLIPS = LISTS["number_slips"]

EXACT = (*DIGITS, *HOURS, *TEENS, *TENS, *_LARGE, *_PLURALS, *DECADES, *ORDINALS, *_SLIPS)
"""All that `NUMBER_WORD` matches."""

NUMBER_WORDS = frozenset(
    {*misspelt(set(EXACT) - set(_PLURALS)), *_PLURALS, *(f"{hour}ish" for hour in HOURS)}
)
"""A message with none of these and no digit holds no number."""

# With common slips only, for these stand in many patterns.
NUMBER_WORD = any_of(EXACT)
ORDINAL_WORD = any_of((*ORDINALS, *_SLIPS))
HOUR_WORD = any_of((*HOURS, *_SLIPS))

NUMBER = f"(?:{NUMBER_WORD}{END}|{DIGIT_WORD}{END})"
"""One word that is a number or holds a digit, from its first letter to its last."""

SHAPES = (
    Shapes(
        "number",
        Asked.NUMBER,
        {
            "number word": f"{START}{any_of(NUMBER_WORDS)}{END}",
            "number words": f"{START}(?:(?:half{GAP})?an?{GAP}"
            f"(?=(?:hundred|thousand|million|billion|dozen){END}))?{NUMBER_WORD}"
            f"(?:(?:(?:(?<=hundred)|(?<=thousand)|(?<=million)){GAP}and)?{ANY_GAP}{NUMBER_WORD}){{0,40}}{END}",
            "two and a half": f"{START}{NUMBER}{GAP}and{GAP}(?:a{GAP})?half{END}",
        },
        {
            "number word": held(NUMBER_WORDS),
            "number words": held(EXACT),
            "two and a half": held(("and",), ("half",)),
        },
    ),
    Shapes(
        "number",
        Asked.DIGIT,
        {
            # Neighbours too, so that a message of digits alone is one match and not thousands.
            "words with a digit": r"(?<!\S)(?=\S*\d)\S++(?:\s++(?=\S*\d)\S++)*+",
        },
    ),
)
