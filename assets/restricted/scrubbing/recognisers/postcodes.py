"""Postcodes, whole and in part; Presidio's own recogniser has the whole ones as printed."""

import string

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import EXACT, NUMBER_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import DIGIT_WORD, END, GAP, START, any_of

_AREAS = any_of(LISTS["postcode_areas"])
_WORDS = any_of(LISTS["not_area"])
_DIGIT = f"(?:{DIGIT_WORD}|{NUMBER_WORD}|o|oh)"
_LETTER = "[a-z]"
_SHORT_WORDS = any_of(LISTS["short_words"])
_INWARD_WORDS = any_of(LISTS["not_inward"])

SHAPES = (
    Shapes(
        "postcode",
        # An o is a nought here, and no number elsewhere.
        Asked.WORDS,
        {
            "spelled": f"{START}{_LETTER}(?:(?:{GAP})?{_LETTER})?"
            f"{GAP}{_DIGIT}(?:{GAP}(?:{_DIGIT}|{_LETTER}))?{GAP}{_DIGIT}{GAP}{_LETTER}{GAP}{_LETTER}{END}",
        },
        {
            "spelled": held(
                string.ascii_lowercase,
                mark=r"(?<![^\W_])[a-zA-Z][^\w.,?!]+[a-zA-Z](?![^\W_])",
                numbers=2,
                number_words=(*EXACT, "o", "oh"),
            ),
        },
    ),
    Shapes(
        "postcode",
        Asked.NUMBER,
        {
            "area and number word": f"{START}(?!(?:{_WORDS}){END})(?:{_AREAS})"
            f"{GAP}{NUMBER_WORD}{END}",
        },
        {"area and number word": held(LISTS["postcode_areas"], EXACT)},
    ),
    Shapes(
        "postcode",
        Asked.DIGIT,
        {
            "part": f"{START}(?:{_AREAS})\\d{{1,2}}[a-z]?{END}",
            "part with a gap": f"{START}(?!(?:{_WORDS}|e|w|n|b|l|g){END})(?:{_AREAS})[ -]\\d{{1,2}}"
            f"[a-z]?{END}(?:[ ]\\d[a-z]{{2}}{END})?",
            "inward": START + r"\d[abd-hjlnp-uw-z]{2}" + END,
            "o for nought": rf"{START}[a-z]{{1,2}}\d[\dol]?[a-z]?[ ]?"
            rf"(?!(?:{_INWARD_WORDS}){END})o[abd-hjlnp-uw-z]{{2}}{END}",
            "letter by letter": rf"{START}(?!(?:{_WORDS}|{_SHORT_WORDS}){END})"
            r"[a-z](?:[ .-]?[a-z])?[ .-]?\d(?:[ .-]?[\dol])?[a-z]?[ .-]{0,2}"
            rf"(?:\d[a-z]{{2}}|[\dol][ .-][a-z][ .-][a-z]){END}",
        },
        {
            "part": held(mark=r"(?<![^\W_])[a-zA-Z]{1,2}\d", outlines=("a0",)),
            "part with a gap": held(
                mark=r"(?<![^\W_])[a-zA-Z]{1,2}[ -]\d", outlines=("a 0", "a-0")
            ),
            "inward": held(mark=r"(?<![^\W_])\d[a-zA-Z]{2}(?![^\W_])", outlines=("0aa",)),
            "o for nought": held(
                mark=r"\d[a-zA-Z\d]{0,2} ?[oO][a-zA-Z]{2}", outlines=("0a", "0 a")
            ),
            "letter by letter": held(
                mark=r"(?:\d[a-zA-Z]{2}|[\dolOL][ .-][a-zA-Z][ .-][a-zA-Z])(?![^\W_])"
            ),
        },
    ),
)
