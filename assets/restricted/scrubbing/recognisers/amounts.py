"""Ages and sums of money."""

from assets.restricted.scrubbing.recognisers.lists import LISTS
from assets.restricted.scrubbing.recognisers.numbers import DECADES, NUMBER, NUMBER_WORD
from assets.restricted.scrubbing.recognisers.shapes import Asked, Shapes
from assets.restricted.scrubbing.recognisers.words import END, GAP, START, any_of

_SOME = rf"{START}(?:an?{GAP})?{NUMBER}(?:{GAP}(?:and{GAP})?{NUMBER}){{0,6}}"
_YEARS = any_of(LISTS["age_units"])
_UNITS = any_of(LISTS["money_units"])

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
            "born in": f"{START}born{GAP}(?:in|on){GAP}(?:the{GAP})?\\K{NUMBER}",
        },
    ),
    Shapes(
        "age",
        Asked.DIGIT,
        {"84yo": r"(?<!\d)\d{1,3}[ ]{0,2}(?:y/?o|(?:yrs?|years?)[ -]{0,2}old)" + END},
    ),
    Shapes(
        "money",
        Asked.WORDS,
        {
            "a tenner": f"{START}(?:fivers?|tenners?){END}",
            "half a grand": f"{START}half{GAP}a{GAP}(?:grand|million|mill){END}",
        },
        frozenset({"fiver", "fivers", "tenner", "tenners", "half"}),
    ),
    Shapes(
        "money",
        Asked.NUMBER,
        {
            "ten pounds": f"{_SOME}(?:{GAP}and{GAP}a{GAP}half)?{GAP}(?:{_UNITS}){END}",
            "an hour": f"{START}{NUMBER_WORD}{GAP}(?:pounds?|quid){GAP}(?:an{GAP}hour|ph){END}",
        },
    ),
    Shapes(
        "money",
        Asked.DIGIT,
        {
            "sign": r"[£$€₦]\s?\d\S*+",
            "pence": r"(?<!\d)\d+[ ]{0,2}(?:p|ph|quid|k|grand)" + END,
        },
    ),
)
