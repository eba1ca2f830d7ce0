"""Times of day, in digits and as people say them."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import HOUR_WORD, NUMBER, NUMBER_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, first_words
from assets.restricted.scrubbing.recognisers.words import END, GAP, START, any_of

_HOUR = rf"(?:{HOUR_WORD}|\d{{1,2}}(?:[.:]?\d\d)?)"
_MINUTES = f"(?:five|ten|twenty|twenty{GAP}five|5|10|20|25)"
_OCLOCK = rf"(?:o{GAP}?clock|oclock|o'clock|0'?clock|ish|am|pm|a\W?m|p\W?m)"

_NOON_WORDS = LISTS["noons"]

SHAPES = (
    Shapes(
        "time",
        Asked.WORDS,
        {
            "half past": f"{START}(?:half|quarter){GAP}(?:past|to|till|til){END}",
            "noon": f"{START}(?:{any_of(_NOON_WORDS)}){END}",
        },
        first_words(_NOON_WORDS) | {"half", "quarter"},
    ),
    Shapes(
        "time",
        Asked.NUMBER,
        {
            "half ten": f"{START}(?:half|arf|'alf){GAP}(?:(?:past|after){GAP})?{_HOUR}"
            f"(?:ish)?{END}(?:{GAP}ish{END})?",
            "ten past": f"{START}(?:(?:a{GAP})?quarter|{NUMBER})(?:{GAP}(?:minutes|mins|min))?"
            f"{GAP}past(?:{GAP}{_HOUR}(?:ish)?)?{END}",
            "ten to six": f"{START}(?:(?:a{GAP})?quarter|{_MINUTES}){GAP}(?:to|till|til)"
            f"{GAP}{_HOUR}(?:ish)?{END}",
            "ten to": f"{START}{_MINUTES}{GAP}to(?=\\s*(?:[.,?!]|$))",
            "seven am": f"{START}{NUMBER_WORD}{GAP}{_OCLOCK}{END}",
            "sevenish": f"{START}{NUMBER_WORD}ish{END}",
            "nineteen hundred hours": f"{START}{NUMBER_WORD}{GAP}(?:hundred|{NUMBER_WORD})"
            f"{GAP}(?:hours|hrs){END}",
        },
    ),
    Shapes(
        "time",
        Asked.DIGIT,
        {
            "7 am": r"\d[ ]{0,3}(?:am|pm|a\W?m|p\W?m|ish|o[ ']?clock)" + END,
            "0730 hrs": r"(?<!\d)\d{2}:?\d{2}[ ]{0,2}(?:hrs|hours|h)" + END,
            "19:45": r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)",
            "7-3": r"(?<![\d/.-])\d{1,2}[ ]?-[ ]?\d{1,2}(?![\d/.-])",
        },
    ),
)  # fmt: skip
