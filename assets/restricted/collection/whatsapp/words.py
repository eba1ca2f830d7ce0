"""The words that phones put into a header: parts of the day, eras, months, links to the time.

Months, parts of the day and the common era are those of the Unicode CLDR, by Babel, in the
languages that WhatsApp is shown in. By hand is what headers write and CLDR lacks, and what settles
a word that languages differ about.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeVar

from babel import Locale

Part = Literal["am", "pm", "noon", "night"]
"""`noon` keeps 10 to 12 and moves 1 to 9 on; `night` is late evening or the small hours."""
T = TypeVar("T")

LANGUAGES = (
    "af", "ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "en_GB", "es", "et", "fa",
    "fi", "fil", "fr", "gu", "he", "hi", "hr", "hu", "id", "it", "ja", "kk", "kn", "ko", "lt",
    "lv", "mk", "ml", "mr", "ms", "nb", "nl", "pa", "pl", "pt", "pt_PT", "ro", "ru", "sk", "sl",
    "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi", "zh", "zh_Hant",
)  # fmt: skip
"""What WhatsApp is shown in, as CLDR calls it."""

_LOCALES = [Locale.parse(one) for one in LANGUAGES]
_CONTEXTS, _WIDTHS = ("format", "stand-alone"), ("wide", "abbreviated")
_NOON_S = 12 * 3600


def _agreed(found: Iterator[tuple[str, T]]) -> dict[str, T]:
    """Words by what they mean, without those that mean different things in two languages."""
    meanings: dict[str, set[T]] = {}
    for word, meaning in found:
        # In lower case and with plain spaces, as headers are read.
        meanings.setdefault(" ".join(word.split()).lower(), set()).add(meaning)
    return {word: next(iter(own)) for word, own in meanings.items() if len(own) == 1}


def _part(name: str, spans: Sequence[Mapping[str, int]]) -> Part | None:
    """What a period of CLDR is here, by the hours of the day that a language gives it."""
    if name in ("am", "pm", "noon"):
        return name
    if name == "midnight" or len(spans) > 1:
        return "night"
    if not spans:
        return None
    first, last = spans[0]["from"], spans[0]["before"]
    if first > last:
        return "night"
    return "am" if last <= _NOON_S else "pm" if first >= _NOON_S else "noon"


def _cldr_parts() -> Iterator[tuple[str, Part]]:
    for locale in _LOCALES:
        rules = locale.day_period_rules.get(None, {})
        for context in _CONTEXTS:
            for width in _WIDTHS:
                for name, word in locale.day_periods.get(context, {}).get(width, {}).items():
                    if part := _part(name, rules.get(name, ())):
                        yield word, part


def _cldr_months() -> Iterator[tuple[str, int]]:
    for locale in _LOCALES:
        for context in _CONTEXTS:
            for width in _WIDTHS:
                for number, word in locale.months[context][width].items():
                    # A month of two words, or of a number, is not written in a header.
                    if not any(letter.isspace() or letter.isdigit() for letter in word):
                        yield word.rstrip("."), number


_PARTS_BY_HAND: dict[str, Part] = {
    # CLDR lacks them: what phones wrote before CLDR changed its mind, and other spellings.
    **dict.fromkeys(
        (
            "früh", "früh am morgen", "f.m.", "pd", "yb", "i paradites", "paradites",
            "del mattino", "πμ", "пр.об.", "пр. об.", "пре подне", "ق.ظ", "לפנה״צ", "לפנה\"צ",
            "पूर्वाह्न", "पूर्व", "म.पू.", "পূর্বাহ্ণ", "முற்பகல்", "ఉద", "ಪೂರ್ವಾಹ್ನ", "ਪੂ.ਦੁ.",
            "પૂર્વાહ્ન", "새벽",
        ),
        "am",
    ),
    **dict.fromkeys(
        (
            "e.m.", "md", "de l'après-midi", "pasdites", "μμ", "сл.об.", "сл. об.", "ب.ظ",
            "אחה\"צ", "अपराह्न", "अपर", "म.उ.", "অপরাহ্ণ", "సాయం", "ಅಪರಾಹ್ನ", "ਬਾ.ਦੁ.",
            "અપરાહ્ન", "傍晚",
        ),
        "pm",
    ),
    **dict.fromkeys(("at noon",), "noon"),
    **dict.fromkeys(("mitternachts", "半夜", "রাত"), "night"),
    # CLDR has them end sooner than people and phones do.
    "ночи": "am",
    **dict.fromkeys(("mittags", "中午", "दोपहर", "দুপুর"), "noon"),
    **dict.fromkeys(
        ("at night", "nachts", "de la noche", "da noite", "noche", "夜"), "night"
    ),
    # Two languages have them, or one twice, for different hours.
    "öö": "am",
    "дня": "pm",
    "tengah hari": "noon",
    **dict.fromkeys(("tengah malam", "ночі"), "night"),
}  # fmt: skip
PARTS_OF_DAY: dict[str, Part] = _agreed(_cldr_parts()) | _PARTS_BY_HAND

# Words beside a time that say nothing of the part of the day.
NEUTRAL = ("ч.", "ч", "uhr", "น.", "hs.", "hs", "hrs", "год.")

# Years to add to a count of years in that era. Babel has the common era only, which adds nothing.
ERAS_BEFORE: dict[str, int] = {
    "R": 2018,
    "令和": 2018,
    "H": 1988,
    "平成": 1988,
    "民國": 1911,
    "พ.ศ.": -543,
}
ERAS_AFTER: dict[str, int] = {
    **{one.eras["abbreviated"][1]: 0 for one in _LOCALES},
    # What CLDR keeps as variants, which Babel leaves out.
    **dict.fromkeys(("CE", "GB"), 0),
    **dict.fromkeys(("BE", "B.E.", "พ.ศ."), -543),
}
# Thai phones write Buddhist years bare; nothing else in use reaches them.
BUDDHIST_FROM, BUDDHIST_SHIFT = 2400, -543

# A word or sign between the date and the time, spaces included.
LINKS_TO_TIME = (
    ", ", " ", "، ", ",", " - ", "; ", ": ", " à ", ", à ", " klo ", " kl. ", " kl ", " um ",
    ", um ", " at ", ", at ", " às ", ", às ", " as ", " a las ", ", a las ", " alle ", ", alle ",
    " alle ore ", " ore ", " om ", " u ", " o ", " ob ", " в ", ", в ", " у ", " о ", " lúc ",
    " jam ", " pukul ", ",  ", "  ", "T", " | ", ", г. ", " г., ", " р., ",
    " saat ", " στις ", " kell ", " plkst. ", " बजे ",
)  # fmt: skip

_THAI_MONTHS = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
)  # fmt: skip
MONTHS: dict[str, int] = _agreed(_cldr_months()) | {
    # CLDR lacks them: short forms without its last letter, and Thai ones with their last dot.
    "mrz": 3,
    "сен": 9,
    "ноя": 11,
    "tammik": 1,
    **dict(zip(_THAI_MONTHS, range(1, 13), strict=True)),
    # Croatian has them for the month before; a file does not tell which it is.
    "lip": 7,
    "lis": 11,
    "listopada": 11,
}
