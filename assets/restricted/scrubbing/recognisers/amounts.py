"""Ages and sums of money."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import DECADES, EXACT, NUMBER, NUMBER_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes, held
from assets.restricted.scrubbing.recognisers.words import END, GAP, START, any_of

_SOME = rf"{START}(?:an?{GAP})?{NUMBER}(?:{GAP}(?:and{GAP})?{NUMBER}){{0,6}}"
_YEARS = any_of(LISTS["age_units"])
_UNITS = any_of(LISTS["money_units"])

_MONTHS_OLD = LISTS["months_old"]
_AGEING_WORDS = LISTS["who_ages"]
_AGEING = (
    f"{START}(?:{any_of(_AGEING_WORDS)})(?:'s|{GAP}(?:is|was|are|were|turned|turns))?{GAP}"
    f"(?:(?:{any_of(LISTS['only_so_old'])}){GAP}){{0,2}}"
)
_MONTHS_LEFT = f"{GAP}(?:{any_of(_MONTHS_OLD)})"

SHAPES = (
    Shapes(
        "age",
        Asked.NUMBER,
        {
            "aged": f"{START}(?:aged?|turning|turned|turns){GAP}\\K{NUMBER}(?:{GAP}{NUMBER})?",
            "years old": f"{_SOME}(?:{GAP}(?:and{GAP}a{GAP}half{GAP})?(?:{_YEARS}){GAP}"
            f"(?:old|olds|of{GAP}age)|{GAP}(?:yo|y\\W?o|years?old|yrs?old)){END}",
            "in her eighties": f"{START}(?:{any_of(DECADES)}){END}",
            "birthday": f"{START}{NUMBER}(?:{GAP}{NUMBER})?{GAP}(?:birthday|bday|b'day|b{GAP}day|"
            f"birthdays|bdays){END}",
            "she is three months": f"{_AGEING}\\K{NUMBER}(?:{GAP}(?:and{GAP})?{NUMBER}){{0,3}}"
            f"{_MONTHS_LEFT}{END}",
            "three months in brackets": f"[(][^)]{{0,40}}?\\K{NUMBER}{_MONTHS_LEFT}(?=\\s*[),;])",
            "born in": f"{START}born{GAP}(?:in|on){GAP}(?:the{GAP})?\\K{NUMBER}",
        },
        {
            "aged": held(("age", "aged", "turning", "turned", "turns")),
            "years old": held(
                ("old", "olds", "age", "yo", "y", "yearold", "yearsold", "yrold", "yrsold")
            ),
            "in her eighties": held(DECADES),
            "birthday": held(("birthday", "bday", "b", "birthdays", "bdays")),
            "she is three months": held(_AGEING_WORDS, _MONTHS_OLD),
            "three months in brackets": held(_MONTHS_OLD),
            "born in": held(("born",)),
        },
    ),
    Shapes(
        "age",
        Asked.DIGIT,
        {"84yo": r"(?<!\d)\d{1,3}[ ]{0,2}(?:y/?o|(?:yrs?|years?)[ -]{0,2}old)" + END},
        {"84yo": held(mark=r"\d {0,2}[yY]", outlines=("0a", "0 a", "0  a"))},
    ),
    Shapes(
        "money",
        Asked.WORDS,
        {
            "a tenner": f"{START}(?:fivers?|tenners?){END}",
            "half a grand": f"{START}half{GAP}a{GAP}(?:grand|million|mill){END}",
        },
        {
            "a tenner": held(("fiver", "fivers", "tenner", "tenners")),
            "half a grand": held(("grand", "million", "mill"), ("half",)),
        },
    ),
    Shapes(
        "money",
        Asked.NUMBER,
        {
            "ten pounds": f"{_SOME}(?:{GAP}and{GAP}a{GAP}half)?{GAP}(?:{_UNITS}){END}",
            "an hour": f"{START}{NUMBER_WORD}{GAP}(?:pounds?|quid){GAP}(?:an{GAP}hour|ph){END}",
        },
        {
            "ten pounds": held(LISTS["money_units"]),
            "an hour": held(("pound", "pounds", "quid"), EXACT),
        },
    ),
    Shapes(
        "money",
        Asked.DIGIT,
        {
            "sign": r"[£$€₦]\s?\d\S*+",
            "pence": r"(?<!\d)\d+[ ]{0,2}(?:p|ph|quid|k|grand)" + END,
        },
        {
            "sign": held(mark="[£$€₦]"),
            "pence": held(mark=r"\d {0,2}[pqkgPQKG]", outlines=("0a", "0 a", "0  a")),
        },
    ),
)
