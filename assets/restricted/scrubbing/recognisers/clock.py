"""Times of day, in digits and as people say them."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import EXACT, HOUR_WORD, NUMBER, NUMBER_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import END, GAP, START, any_of

_HOUR = rf"(?:{HOUR_WORD}|\d{{1,2}}(?:[.:]?\d\d)?)"
_MINUTES = f"(?:five|ten|twenty|twenty{GAP}five|5|10|20|25)"
_OCLOCK = rf"(?:o{GAP}?clock|oclock|o'clock|0'?clock|ish|am|pm|a\W?m|p\W?m)"

_PARTS_OF_DAY = LISTS["parts_of_day"]
_UNTIL = f"{_HOUR}(?:am|pm|ish)?{END}"
_OF_DAY = f"in{GAP}the{GAP}(?:{any_of(_PARTS_OF_DAY)})"

_MINUTES_WORDS = ("quarter", "five", "ten", "twenty", "5", "10", "20", "25")
_NOON_WORDS = LISTS["noons"]

SHAPES = (
    Shapes(
        "time",
        Asked.WORDS,
        {
            "half past": f"{START}(?:half|quarter){GAP}(?:past|to|till|til){END}",
            "noon": f"{START}(?:{any_of(_NOON_WORDS)}){END}",
            # A quarter is no number, and thirtyish none that others look for.
            "ten past": f"{START}(?:(?:a{GAP})?quarter|{NUMBER})(?:{GAP}(?:minutes|mins|min))?"
            f"{GAP}past(?:{GAP}{_HOUR}(?:ish)?)?{END}",
            "sevenish": f"{START}{NUMBER_WORD}ish{END}",
        },
        {
            "half past": held(("half", "quarter"), ("past", "to", "till", "til")),
            "noon": held(_NOON_WORDS),
            "ten past": held(("past",)),
            "sevenish": held({f"{word}ish" for word in EXACT}),
        },
    ),
    Shapes(
        "time",
        Asked.NUMBER,
        {
            "half ten": f"{START}(?:half|arf|'alf){GAP}(?:(?:past|after){GAP})?{_HOUR}"
            f"(?:ish)?{END}(?:{GAP}ish{END})?",
            "ten to six": f"{START}(?:(?:a{GAP})?quarter|{_MINUTES}){GAP}(?:to|till|til)"
            f"{GAP}{_HOUR}(?:ish)?{END}",
            "ten to": f"{START}{_MINUTES}{GAP}to(?=\\s*(?:[.,?!]|$))",
            "seven am": f"{START}{NUMBER_WORD}{GAP}{_OCLOCK}{END}",
            "eleven at night": f"{START}{_HOUR}(?:ish)?{GAP}"
            f"(?:at{GAP}(?:night|nite)|{_OF_DAY}){END}",
            "past three in the morning": f"{START}past{GAP}{_HOUR}{GAP}{_OF_DAY}{END}",
            "two till ten": f"{START}{_HOUR}{GAP}(?:to|till|til|until){GAP}{_UNTIL}",
            "between eight and six": f"{START}between{GAP}{_HOUR}{GAP}and{GAP}{_UNTIL}",
            "nineteen hundred hours": f"{START}{NUMBER_WORD}{GAP}(?:hundred|{NUMBER_WORD})"
            f"{GAP}(?:hours|hrs){END}",
        },
        {
            "half ten": held(("half", "arf", "alf")),
            "ten to six": held(_MINUTES_WORDS, ("to", "till", "til")),
            "ten to": held(_MINUTES_WORDS, ("to",)),
            "eleven at night": held(("at", "in"), ("night", "nite", *_PARTS_OF_DAY)),
            "past three in the morning": held(("past",), ("in",)),
            "two till ten": held(("to", "till", "til", "until")),
            "between eight and six": held(("between",), ("and",)),
            "seven am": held(("o", "oclock", "0", "0clock", "ish", "am", "pm", "a", "p"), EXACT),
            "nineteen hundred hours": held(("hours", "hrs"), EXACT),
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
        {
            "7 am": held(mark=r"\d {0,3}[apioAPIO]", outlines=("0a", "0 a", "0  a", "0   a")),
            "0730 hrs": held(mark=r"\d {0,2}[hH]", outlines=("0a", "0 a", "0  a")),
            "19:45": held(mark=r"\d[:.]\d\d", outlines=("0:00", "0.00")),
            "7-3": held(mark=r"\d ?- ?\d", outlines=("0-", "0 -")),
        },
    ),
)  # fmt: skip
