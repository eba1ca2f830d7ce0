"""Numbers that belong to one person: national, professional, case, account and secret ones."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import EXACT, NUMBER_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import (
    ANY_GAP,
    DIGIT_WORD,
    END,
    GAP,
    START,
    WORD,
    any_of,
)

_SHORT_WORDS = any_of(LISTS["short_words"])
_LABELS = any_of(LISTS["identifier_labels"])
_SECRETS_WORDS = LISTS["secrets"]
_SECRETS = any_of(_SECRETS_WORDS)
_NOT_SECRET = any_of(LISTS["not_secret"])
_FILLER = any_of(LISTS["label_fillers"])
# Words of three capitals that stand before a number in shouted text, or are no plate.
_CAPITAL_WORDS = any_of(LISTS["capital_words"])
_BODIES = ("dbs", "nmc", "swe", "hcpc", "gmc", "utr", "pcn", "mrn", "brp", "cad", "crn", "urn")
_REGISTERS = ("sw", "swe", "ph", "ot", "bs", "cs", "pa", "rn", "hcpc")
_LETTERS = f"(?!(?:{_SHORT_WORDS}){END})"

# Postcodes and plates, which have patterns of their own and would be counted as identifiers.
_OWN_KIND = (
    rf"(?!(?:[a-z]{{1,2}}\d[\da-z]?[ ]?\d[a-z]{{2}}|[a-z]{{2}}\d{{2}}[ ]?[a-z]{{3}}"
    rf"|[a-z]\d{{1,3}}[ ]?[a-z]{{3}}){END})"
)

SHAPES = (
    Shapes(
        "identifier",
        Asked.WORDS,
        {
            "secret": f"{START}(?:{_SECRETS}){GAP}(?:is|was|to)"
            f"(?:{GAP}(?:now|set{GAP}to|still))?{GAP}\\K(?!(?:{_NOT_SECRET}){END}){WORD}{END}",
            "secret behind a colon": f"{START}(?:{_SECRETS})[ ]?[:=]\\s?\\K\\S++",
        },
        {
            "secret": held(_SECRETS_WORDS, ("is", "was", "to")),
            "secret behind a colon": held(_SECRETS_WORDS, mark="[:=]"),
        },
    ),
    Shapes(
        "identifier",
        Asked.NUMBER,
        {
            "labelled in words": f"{START}(?:{_LABELS}){END}(?:{GAP}(?:{_FILLER}){END}){{0,2}}\\K"
            f"(?:{ANY_GAP}{NUMBER_WORD}{END}){{2,12}}",
        },
        {"labelled in words": held(LISTS["identifier_labels"], EXACT)},
    ),
    Shapes(
        "identifier",
        Asked.DIGIT,
        {
            "labelled": f"{START}(?:{_LABELS}){END}(?:{GAP}(?:{_FILLER}){END}){{0,2}}[.]?"
            rf"[^\w.,?!]{{1,4}}\K(?:{_LETTERS}[a-z]{{1,5}}[ /-])?{DIGIT_WORD}{END}"
            rf"(?:[ /-]{{1,2}}(?:{DIGIT_WORD}|[b-hj-z]){END}){{0,6}}",
            "body and number": f"{START}(?:{any_of(_BODIES)})"
            rf"{GAP}\d[\w/-]*",
            "long number": r"(?<!\d)\d{5,}(?!\d)",
            "number in groups": r"(?<![\d])(?:\d[ .,/()+-]{0,3}){5,40}\d(?:[ ]?[b-hj-z])?" + END,
            "letters and digits": rf"(?<!\S){_OWN_KIND}"
            r"(?!\d{1,2}[:.]?\d{0,2}(?:am|pm|hrs|ish|h)\b)"
            r"(?=\S*\d\S*\d\S*\d)(?=\S*[a-z])\S++",
            # With the letters that belong to it: "qq 12 34 56 c".
            "national insurance": f"{START}[a-z]{{2}}[ ./-]{{0,2}}(?:\\d{{2}}[ ./-]{{0,2}}){{3}}"
            f"[a-z]?{END}",
            "letters and digits in groups": f"{START}{_LETTERS}{_OWN_KIND}[a-z]{{1,2}}[ ./-]?"
            r"\d[\da-z]{0,3}[ -]?(?:\d{1,2}[ -]?){0,2}"
            rf"(?:\d[a-z]{{2}}|(?!(?:{_CAPITAL_WORDS}|{_SHORT_WORDS}){END})[a-z]{{1,3}}|\d){END}",
            "registration": f"{START}(?:{any_of(_REGISTERS)})[ ./-]{{1,2}}\\d{{3,}}",
            "capitals and digits": rf"{START}(?!(?:{_CAPITAL_WORDS}){END})(?-i:[\p{{Lu}}]){{2,5}}"
            r"[ /-]{1,2}\d{3,}[\w/-]*",
            "letters around": rf"{START}[a-z]{{5}}[ ]?\d{{6}}[ ]?\w{{2,6}}{END}",
            "letter between digits": r"(?<=\d[ /-])[a-z](?=[ /-]\d)",
            "letter by digit": r"(?<=\d[ /-])[b-hj-wyz]"
            + END
            + r"|"
            + START
            + r"[b-hj-tv-wyz](?=[ /-]\d)",
        },
        {
            "labelled": held(LISTS["identifier_labels"]),
            "body and number": held(_BODIES),
            "long number": held(mark=r"\d{5}", outlines=("00000",)),
            "number in groups": held(mark=r"(?:\d[ .,/()+-]{0,3}){5}\d", digits=6),
            "letters and digits": held(mark=r"\d\S*\d\S*\d", digits=3),
            "national insurance": held(mark=r"\d\d[ ./-]{0,2}\d\d[ ./-]{0,2}\d\d", digits=6),
            "letters and digits in groups": held(
                mark=r"(?<![^\W_])[a-zA-Z]{1,2}[ ./-]?\d",
                outlines=("a0", "a 0", "a.0", "a/0", "a-0"),
            ),
            "registration": held(_REGISTERS),
            "capitals and digits": held(mark=r"[A-Z]{2}[ /-]{1,2}\d{3}", outlines=("000",)),
            "letters around": held(mark=r"[a-zA-Z]{5} ?\d{6}", outlines=("000000",)),
            "letter between digits": held(
                mark=r"\d[ /-][a-zA-Z][ /-]\d", outlines=("0 a", "0/a", "0-a")
            ),
            "letter by digit": held(
                mark=r"\d[ /-][a-zA-Z](?![^\W_])|(?<![^\W_])[a-zA-Z][ /-]\d",
                outlines=("0 a", "0/a", "0-a", "a 0", "a/0", "a-0"),
            ),
        },
    ),
    Shapes(
        "plate",
        Asked.DIGIT,
        {
            # After normalising, where three single letters are one word.
            "letter by letter": rf"{START}[a-z](?:[ .-][a-z])?(?:[ .-]\d){{1,3}}"
            rf"(?:(?:[ .-][a-z]){{1,3}}|[ .-][a-z]{{3}}){END}",
            "private": rf"{START}(?!(?:{_CAPITAL_WORDS}|{_SHORT_WORDS}){END})"
            rf"(?-i:[\p{{Lu}}]{{1,3}})[ ]?\d{{1,4}}{END}"
            rf"|{START}\d{{1,4}}[ ](?!(?:{_CAPITAL_WORDS}|{_SHORT_WORDS}){END})"
            rf"(?-i:[\p{{Lu}}]{{1,3}}){END}",
            "labelled": f"{START}(?:reg|plate|plates|number{GAP}plate|registration|car{GAP}reg)"
            rf"(?:{GAP}(?:is|no|number)){{0,2}}\W{{1,4}}"
            rf"(?:[a-z]{{1,3}}[ -]?\d{{1,4}}(?:[ -]?[a-z]{{1,3}}{END})?"
            rf"|\d{{1,4}}[ -]?[a-z]{{1,3}}{END})",
            "northern ireland": rf"{START}(?!(?:{_CAPITAL_WORDS}|{_SHORT_WORDS}){END})"
            rf"(?-i:[A-Z]{{0,2}}[IZ][A-Z]?)[ -]\d{{3,4}}{END}",
            "prefix": rf"{START}[a-hj-npr-tv-y]\d{{1,3}}[- ]?(?!(?:{_CAPITAL_WORDS}){END})"
            rf"[a-hj-pr-z]{{3}}{END}",
            "suffix": rf"{START}(?!(?:{_CAPITAL_WORDS}){END})[a-hj-pr-z]{{3}}[- ]?\d{{1,3}}[- ]?"
            rf"[a-hj-npr-tv-y]{END}",
            "current": rf"{START}(?!(?:{_SHORT_WORDS}){END})[a-z]{{2}}[ -]{{1,2}}\d{{2}}[ -]{{0,2}}"
            rf"(?!(?:{_CAPITAL_WORDS}){END})[a-hj-pr-z]{{3}}{END}",
        },
        {
            "letter by letter": held(
                mark=r"(?<![^\W_])[a-zA-Z][ .-]\d", outlines=("a 0", "a.0", "a-0")
            ),
            "private": held(mark=r"[A-Z] ?\d|\d [A-Z]", outlines=("a0", "a 0", "0 a")),
            "labelled": held(("reg", "plate", "plates", "number", "registration", "car")),
            "northern ireland": held(mark=r"[IZ][A-Z]?[ -]\d{3}", outlines=("a 000", "a-000")),
            "prefix": held(mark=r"[a-zA-Z]\d{1,3}[- ]?[a-zA-Z]{3}", outlines=("a0",)),
            "suffix": held(
                mark=r"(?<![^\W_])[a-zA-Z]{3}[- ]?\d{1,3}[- ]?[a-zA-Z](?![^\W_])",
                outlines=("aaa0", "aaa 0", "aaa-0"),
            ),
            "current": held(
                mark=r"[a-zA-Z]{2}[ -]{1,2}\d\d[ -]{0,2}[a-zA-Z]{3}(?![^\W_])",
                outlines=(" 00", "-00"),
            ),
        },
    ),
)
