"""Telephone numbers; Presidio's own recogniser has those written in digits alone."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import DIGITS, NUMBER
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import (
    ANY_GAP,
    DIGIT_WORD,
    END,
    START,
    any_of,
    misspelt,
)

_LIKE_DIGITS = (*misspelt(DIGITS), "oh", "o", "double", "treble", "triple", "hundred")
_WORDS = any_of(_LIKE_DIGITS)
_DIGIT = f"(?:{_WORDS}{END}|{DIGIT_WORD}{END})"
_LIKE_DIGIT = rf"(?<![^\W_])(?:{DIGIT_WORD}|(?i:{_WORDS}))(?![^\W_])"
_HAS_NUMBER = f"(?=(?:(?:oh|o|double|treble|triple){ANY_GAP}){{0,3}}{NUMBER})"
_LABEL = any_of(LISTS["phone_labels"])

SHAPES = (
    Shapes(
        "phone",
        Asked.NUMBER,
        {
            "digit by digit": f"{START}{_HAS_NUMBER}{_DIGIT}"
            f"(?:{ANY_GAP}(?:and{ANY_GAP})?{_DIGIT}){{3,40}}",
            "double": f"{START}{_HAS_NUMBER}(?:double|treble|triple){ANY_GAP}{_DIGIT}"
            f"(?:{ANY_GAP}{_DIGIT}){{1,40}}",
            "labelled": f"{START}(?:{_LABEL}){END}(?:\\W+is)?\\W+{NUMBER}",
        },
        {
            "digit by digit": held(
                mark=rf"(?:{_LIKE_DIGIT}\W+(?:(?i:and)\W+)?){{3}}{_LIKE_DIGIT}",
                numbers=4,
                number_words=_LIKE_DIGITS,
            ),
            "double": held(("double", "treble", "triple")),
            "labelled": held(LISTS["phone_labels"]),
        },
    ),
    Shapes(
        "phone",
        Asked.DIGIT,
        {
            # "o77oo 9oo ooo": a group of letters alone beside one with digits.
            "o and l after digits": r"(?<=\d[\dol]{1,6}[ ./()-]{1,3})(?!lol)[ol]{1,6}" + END,
            "o and l before digits": START
            + r"(?!lol)[ol]{1,6}(?=[ ./()-]{1,3}[ol]{0,4}\d[\dol]{2,12}"
            + END
            + ")",
        },
        {
            "o and l after digits": held(mark=r"\d[\dolOL]{1,6}[ ./()-]{1,3}[olOL]"),
            "o and l before digits": held(mark=r"[olOL][ ./()-]{1,3}[olOL]{0,4}\d"),
        },
    ),
)
