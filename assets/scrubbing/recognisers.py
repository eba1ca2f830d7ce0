"""The project's own Presidio recognisers: what chat holds and Presidio's own don't look for.

A span is removed with every word that it touches, so a pattern may be wide. Those made of words
alone allow anything but a letter, digit or underscore between them: what is dropped in scrubbing
then never brings two words together that were not so before, and a second scrub finds no more.
"""

from presidio_analyzer import Pattern, PatternRecognizer

_START = r"(?<![^\W_])"
_END = r"(?![^\W_])"
_GAP = r"\W+"

_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NUMBERS = (
    f"zero|nought|{_HOURS}|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety|"
    "hundreds?|thousands?|millions?|billions?|dozens?"
)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_DAYS = (
    "mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|"
    "mon|tues?|weds?|thurs?|thu|fri|sat|sun"
)
_FEASTS = (
    "christmas|xmas|easter|eid|ramadan|di[vw]ali|hanukkah|chanukah|halloween|valentines?|hogmanay|"
    f"new{_GAP}years?(?:{_GAP}(?:eve|day))?|boxing{_GAP}day|bonfire{_GAP}night|"
    f"(?:good|pancake|shrove|ash|mothering){_GAP}(?:friday|day|tuesday|wednesday|sunday)"
)
_SHORT_WORDS = "am|an|as|at|be|by|do|go|he|if|in|is|it|me|my|no|of|ok|on|or|so|to|up|us|we"
_ENDINGS = "com|co|uk|org|net|gov|nhs|ac|io|info|me"
_WORD = r"[^\W_][\w.'-]*"

PATTERNS: dict[str, dict[str, str]] = {
    # The isolates are what WhatsApp wraps a mention in; older exports write "@Ada Obi" bare.
    "MENTION": {
        "isolated": r"@?[\u2066-\u2068][^\u2069\n]*\u2069?",
        "bare": r"@\s?[\w.'-]+(?-i:(?:[ ]\p{Lu}[\w'-]*){0,2})",
    },
    "HASHTAG": {"hashtag": r"#\s?[\w-]+"},
    "LINK_LIKE": {
        "link": r"(?<!\S)(?=\S*(?:@|://|(?<![^\W_])www\.|\\))\S++",
        "file": r"(?<!\S)\S+\.(?:pdf|docx?|xlsx?|csv|txt|jpe?g|png|gif|webp|mp[34]|opus|vcf|zip)"
        + _END,
        "spelled address": f"{_START}{_WORD}{_GAP}at{_GAP}{_WORD}{_GAP}dot{_GAP}(?:{_ENDINGS})"
        f"(?:{_GAP}dot{_GAP}(?:{_ENDINGS}))*{_END}",
        "spelled link": f"{_START}{_WORD}{_GAP}dot{_GAP}(?:{_ENDINGS})"
        f"(?:{_GAP}dot{_GAP}(?:{_ENDINGS}))*{_END}",
    },
    "DIGITS": {
        "any token with a digit": r"(?<!\S)(?=\S*\d)\S++",
        # With the letters that belong to it: "qq 12 34 56 c", "SW 1A 1AA", "AB 12 CDE".
        "national insurance": f"{_START}[a-z]{{2}}[ -]?(?:\\d{{2}}[ -]?){{3}}[a-z]?{_END}",
        "letters and digits in groups": f"{_START}(?!(?:{_SHORT_WORDS})\\b)[a-z]{{1,2}}[ -]?"
        r"\d[\da-z]{0,3}[ -]?(?:\d{1,2}[ -]?){0,2}(?:\d[a-z]{2}|[a-z]{1,3}|\d)" + _END,
        "spaced out": r"(?:\d[ .,/()+-]*){3,}[a-z]?" + _END,
    },
    "CLOCK": {
        "half ten": f"{_START}(?:half|quarter|(?:{_NUMBERS}))(?:{_GAP}(?:past|to|till))?"
        f"{_GAP}(?:{_HOURS}){_END}",
        "half past": f"{_START}(?:half|quarter){_GAP}(?:past|to){_END}",
        "seven am": f"{_START}(?:{_NUMBERS})(?:{_GAP}(?:{_NUMBERS}))?"
        f"{_GAP}(?:am|pm|a\\W+m|p\\W+m|o\\W*clock|ish){_END}",
        "7 am": r"\d[ ]?(?:am|pm|a\.m|p\.m|ish|o'?clock)" + _END,
        "noon": f"{_START}(?:noon|midday|midnight|o'?clock){_END}",
    },
    "CALENDAR": {
        "months and days": f"{_START}(?:{_MONTHS}|{_DAYS}|{_FEASTS}){_END}",
        "day and month": r"\d{1,2}(?:st|nd|rd|th)?(?:\s+of)?\s+(?:" + _MONTHS + ")" + _END,
    },
    "NUMBER_WORD": {"numbers": f"{_START}(?:{_NUMBERS}){_END}"},
}


def own_recognisers() -> list[PatternRecognizer]:
    """One Presidio recogniser for each kind in `PATTERNS`, at score 1."""
    return [
        PatternRecognizer(
            supported_entity=kind,
            patterns=[Pattern(name, regex, 1.0) for name, regex in patterns.items()],
        )
        for kind, patterns in PATTERNS.items()
    ]
