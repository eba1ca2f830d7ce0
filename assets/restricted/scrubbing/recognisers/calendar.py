"""Dates: days, months and feasts of all faiths."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import ORDINAL_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, first_words
from assets.restricted.scrubbing.recognisers.words import (
    END,
    GAP,
    LIST_GAP,
    START,
    any_of,
    misspelt,
)

_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = LISTS["short_days"]
_DAYS = {*misspelt(_LONG_DAYS), *(f"{day}s" for day in misspelt(_LONG_DAYS)), *_SHORT_DAYS}
_WORDLIKE_DAYS = "(?:sat|sun)"

_LONG_MONTHS = ("january", "february", "april", "june", "july", "august", "september", "october",
                "november", "december")  # fmt: skip
_SHORT_MONTHS = LISTS["short_months"]
_MONTHS = {*misspelt(_LONG_MONTHS), *_SHORT_MONTHS}
_WORDLIKE_MONTHS = "(?:may|march|mar)"
_MONTH = f"(?:{any_of(_MONTHS)}|{_WORDLIKE_MONTHS})"

_FEASTS_WORDS = frozenset({*misspelt(LISTS["feasts_often_misspelt"]), *LISTS["feasts"]})
_FEASTS = any_of(_FEASTS_WORDS)

_BEFORE_DAY = any_of(LISTS["before_day"])
_AFTER_DAY = any_of(LISTS["after_day"])
_BEFORE_MONTH = any_of(LISTS["before_month"])
_ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{ORDINAL_WORD})"
_TO = f"(?:{LIST_GAP}(?:to|or|and|until|till|through|thru|then|n))?{LIST_GAP}"
_PLAIN_DAY = f"(?:{any_of(_DAYS)}{END})"
_DAY = f"(?:{any_of(_DAYS)}|{_WORDLIKE_DAYS})"

SHAPES = (
    Shapes(
        "date",
        Asked.WORDS,
        {
            "days and months": f"{START}(?:{any_of(_DAYS | _MONTHS)}){END}",
            "feasts": f"{START}(?:{_FEASTS}){END}",
            "saint's day": f"{START}(?:st|saint){GAP}[^\\W\\d_]{{2,20}}{GAP}day{END}",
            "lent": f"{START}lent{END}"
            f"(?<={START}(?:for|during|until|till|over|through|throughout|since|of){GAP}lent)",
            "sat and sun in a list": f"{START}{_WORDLIKE_DAYS}(?={_TO}{_DAY}{END})"
            f"|{START}{_WORDLIKE_DAYS}{END}(?<={START}{_DAY}{_TO}{_WORDLIKE_DAYS})",
            "sat and sun not far from a day": f"{START}{_WORDLIKE_DAYS}{END}"
            f"(?<={START}{_PLAIN_DAY}(?:{LIST_GAP}[^\\W_]{{1,20}}){{0,3}}{LIST_GAP}{_WORDLIKE_DAYS})",
            "sat and sun after a word": f"{START}{_WORDLIKE_DAYS}{END}"
            f"(?<={START}(?:{_BEFORE_DAY}){GAP}{_WORDLIKE_DAYS})",
            "sat and sun before a word": f"{START}{_WORDLIKE_DAYS}(?={GAP}(?:{_AFTER_DAY}){END})",
            "may and march after a word": f"{START}{_WORDLIKE_MONTHS}{END}"
            f"(?<={START}(?:{_BEFORE_MONTH}){GAP}{_WORDLIKE_MONTHS})",
            "march after a word": f"{START}march{END}(?<={START}(?:this|on|to){GAP}march)",
            "months in a list": f"{START}{_WORDLIKE_MONTHS}(?={_TO}{_MONTH}{END})"
            f"|{START}{_WORDLIKE_MONTHS}{END}(?<={START}{_MONTH}{_TO}{_WORDLIKE_MONTHS})",
        },
        frozenset(_DAYS)
        | _MONTHS
        | first_words(_FEASTS_WORDS)
        | {"sat", "sun", "may", "march", "mar", "st", "saint", "lent"},
    ),
    Shapes(
        "date",
        Asked.NUMBER,
        {
            "number and month": f"{START}{_ORDINAL}(?:{GAP}of)?{GAP}{_MONTH}{END}",
            "month and number": f"{START}{_MONTH}(?:{GAP}the)?{GAP}{_ORDINAL}{END}",
        },
    ),
    Shapes(
        "date",
        Asked.DIGIT,
        {
            "sat the 3rd": f"{START}{_WORDLIKE_DAYS}(?:{GAP}the)?{GAP}\\d",
            "numeric": r"(?<!\d)\d{1,4}([./-])\d{1,2}(?:\1\d{2,4})?(?!\d)",
            "with its ending": r"(?<!\d)\d{1,2}(?:st|nd|rd|th)" + END,
            "year": rf"{START}(?:19|20)\d\d{END}",
        },
    ),
)
