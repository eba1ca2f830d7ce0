"""Dates: days, months and feasts of all faiths."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import NUMBER, NUMBER_WORD, ORDINAL_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import (
    END,
    GAP,
    LIST_GAP,
    START,
    WORD,
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

_SEASONS_WORDS = ("spring", "summer", "autumn", "winter")
_SEASONS = any_of(_SEASONS_WORDS)

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
            "sat at the end": f"{START}{WORD}{GAP}\\Ksat(?=\\s*(?:[.,?!]|$))",
            "may and march after a word": f"{START}{_WORDLIKE_MONTHS}{END}"
            f"(?<={START}(?:{_BEFORE_MONTH}){GAP}{_WORDLIKE_MONTHS})",
            "march after a word": f"{START}march{END}(?<={START}(?:this|on|to){GAP}march)",
            "months in a list": f"{START}{_WORDLIKE_MONTHS}(?={_TO}{_MONTH}{END})"
            f"|{START}{_WORDLIKE_MONTHS}{END}(?<={START}{_MONTH}{_TO}{_WORDLIKE_MONTHS})",
        },
        {
            "days and months": held(_DAYS | _MONTHS),
            "feasts": held(_FEASTS_WORDS),
            "saint's day": held(("st", "saint"), ("day",)),
            "lent": held(("lent",)),
            "sat and sun in a list": held(("sat", "sun")),
            "sat and sun not far from a day": held(("sat", "sun"), _DAYS),
            "sat and sun after a word": held(("sat", "sun"), LISTS["before_day"]),
            "sat and sun before a word": held(("sat", "sun"), LISTS["after_day"]),
            "sat at the end": held(("sat",)),
            "may and march after a word": held(("may", "march", "mar"), LISTS["before_month"]),
            "march after a word": held(("march",)),
            "months in a list": held(("may", "march", "mar")),
        },
    ),
    Shapes(
        "date",
        Asked.NUMBER,
        {
            "number and month": f"{START}(?:{_ORDINAL}{_TO})?"
            f"{_ORDINAL}(?:{GAP}of)?{GAP}{_MONTH}{END}",
            "spring of ninety six": f"{START}(?:{_SEASONS}){GAP}of{GAP}(?:the{GAP})?{NUMBER}"
            f"(?:{GAP}{NUMBER_WORD}){{0,3}}{END}",
            "month and number": f"{START}{_MONTH}(?:{GAP}the)?{GAP}{_ORDINAL}{END}",
        },
        {
            **dict.fromkeys(
                ("number and month", "month and number"), held({*_MONTHS, "may", "march", "mar"})
            ),
            "spring of ninety six": held(_SEASONS_WORDS, ("of",)),
        },
    ),
    Shapes(
        "date",
        Asked.DIGIT,
        {
            "sat the 3rd": f"{START}{_WORDLIKE_DAYS}(?:{GAP}the)?{GAP}\\d",
            "numeric": r"(?<!\d)\d{1,4}([./-])\d{1,2}(?:\1\d{2,4})?(?!\d)",
            "with its ending": rf"(?:{START}the{GAP})?(?<!\d)\d{{1,2}}(?:st|nd|rd|th)" + END,
            "spring and year": rf"{START}(?:{_SEASONS})[^\w.,?!]+(?:19|20)?\d\d{END}",
            "year": rf"{START}(?:19|20)\d\d{END}",
        },
        {
            "sat the 3rd": held(("sat", "sun")),
            "numeric": held(mark=r"\d[./-]\d", outlines=("0.0", "0/0", "0-0")),
            "with its ending": held(mark=r"\d[snrtSNRT]", outlines=("0a",)),
            "spring and year": held(_SEASONS_WORDS),
            "year": held(mark=r"(?:19|20)\d\d", outlines=("0000",)),
        },
    ),
)
