"""What WhatsApp itself writes in place of a message, as whole-line templates.

A template is tried on a whole line only: people type the same words inside their own sentences.
"""

import re
from collections.abc import Iterable

from assets.restricted.collection.whatsapp.header_candidates import SPACE, any_of
from assets.restricted.collection.whatsapp.wordings import every


def _with_stop(wordings: Iterable[str]) -> frozenset[str]:
    return frozenset(wording.rstrip(".") + stop for wording in wordings for stop in ("", "."))


OMITTED_MEDIA = frozenset(every("media"))
WAITING = frozenset(every("waiting"))
LIVE_PLACES = _with_stop(every("live"))
VIEW_ONCE = _with_stop(every("view_once"))
DELETED = _with_stop(every("deleted"))
DELETED_BY = re.compile(rf"(?:{any_of(every('deleted_by'))}){SPACE}[^\n]{{1,120}}\Z")
EDITED = tuple(every("edited"))

_ATTACHED = any_of(every("attached"))
# A file's name, then the phrase, alone on the first line; a caption follows on the next. A name
# that WhatsApp gave tells enough in languages whose phrase is not listed.
_EXTENSIONS = (
    r"(?i:jpe?g|png|webp|gif|heic|mp4|3gp|mov|mkv|opus|m4a|mp3|aac|amr|ogg|wav|pdf|docx?|xlsx?"
    r"|pptx?|txt|csv|vcf|zip|rar|apk|odt|rtf)"
)
ATTACHMENT = re.compile(
    rf"[\u200e\u200f]?(?:[^\n]{{1,255}}\.[A-Za-z0-9]{{2,5}} \((?:{_ATTACHED})\)"
    r"|[A-Z]{3}-\d{8}-WA\d{4}\.[A-Za-z0-9]{2,5} \([^()\n]{2,40}\)"
    # In any language: a file's name that nothing leads, and words in brackets, alone on a line.
    rf"|[^\n()]{{1,120}}\.{_EXTENSIONS} \([^()\d\n?!]{{4,40}}\))[ \u200e\u200f]*(?:\n|\Z)"
)
# iOS's own number before the name tells a file in any language, with or without marks.
NUMBERED_FILE = re.compile(
    r"(?:(?P<typed>.*?)[ \n])?[\u200e\u200f]?<[^<>\n:]{2,40}: ?[\u200e\u200f]?\d{5,10}-"
    r"(?P<name>[^<>\n]{1,255})\.[A-Za-z0-9]{2,5}>(?:\n(?P<below>.*))?\Z",
    re.DOTALL,
)
# Android's marker for left-out media, with what was typed under it.
BRACKETED = re.compile(
    r"<(?P<inside>[^<>\n]{2,60})>[ \u200e\u200f]*(?:(?P<between>[ \n])(?P<caption>.*))?\Z",
    re.DOTALL,
)
# What ends an edited message.
END_BRACKETED = re.compile(r"[\s\u200e\u200f]<(?P<inside>[^<>\n]{2,60})>\Z")
CARD = re.compile(
    rf"(?m)(?:^\u200e?(?P<android>[^\n]{{1,255}})\.vcf \((?:{_ATTACHED})\)"
    r"|<[^\n<>]{0,40}: \d+-(?P<ios>[^\n<>]{1,255})\.vcf>)"
)
PLACE = re.compile(
    rf"[\u200e\u200f]?(?:{any_of(every('location'))}) ?[:：] ?[\u200e\u200f]?https?://\S+(?:\s|\Z)"
    r"|[\u200e\u200f]?(?P<unlisted>[^\n\d:：]{2,40}) ?[:：] ?[\u200e\u200f]?"
    r"https?://maps\.google\.com/\?q="
    r"-?[\d.]+,-?[\d.]+\s*\Z"
    r"|[^\n]*\n?\u200e?https?://foursquare\.com/v/\S+\Z"
)
# A word before a colon, and options counted in brackets, in any language. Where there are capitals,
# both words are in capitals (`poll_head`).
_POLL = re.compile(rf"[\u200e\u200f]?(?:{any_of(every('poll'))}) ?[:：]\s*?\n")
_ANY_POLL = re.compile(
    r"[\u200e\u200f]?(?P<head>[^\d\n:：]{2,40}?) ?[:：]\s*?\n(?:[^\n]*\n){1,4}?"
    r"[\u200e\u200f]?(?P<option>[^\d\n:：]{2,30}?) ?[:：][^\n]*"
    r"\((?:\d+ ?[^\W\d_][^()\n]{0,14}|[^()\d\n]{2,12})\)[ \u200e\u200f]*(?:\n|\Z)"
)
CALL = re.compile(
    rf"[\u200e\u200f]?(?:{any_of(every('calls'))})(?:[.,،、，。](?: ?[^\n]{{0,40}})?)?\Z"
)
# Without a mark before it, only what follows tells that no person typed it.
CALLS = _with_stop(every("calls"))
UNMARKED_CALL = re.compile(
    rf"(?:{any_of(every('calls'))})[.,،、，] ?\u200e?(?:\d{{1,3}} ?[^\W\d_]{{1,12}}\.?"
    r"(?: \d{1,3} ?[^\W\d_]{1,12}\.?)?|No answer|Tap to call back|Click to call back"
    r"|Not answered|\d{1,3} joined)\.?\Z"
)
ENCRYPTION = re.compile(
    rf"[\u200e\u200f]?(?:{any_of(every('encryption'))})(?:[.。।,،、，:]| –|\Z)"
    r"(?: ?[^\n]{0,400})?\Z"
)
# How a notice of encryption begins; spares other bodies the pattern.
OPENING_LETTERS = 8
ENCRYPTION_OPENINGS = frozenset(wording[:OPENING_LETTERS] for wording in every("encryption"))
# In any language: it is long, speaks of encryption, and stands where the notice does.
ENCRYPTED = re.compile(
    r"encr[iy]pt|cript|crypt|chiffr|cifrad|verschlüssel|versleutel|krypter|kripti|szyfr|шифр|şifrel"
    r"|šifr|salat|titkos|krüpt|šifrē|מוצפנ|مشف|رمزگذاری|انکرپ|एन्क्रिप्ट|एनक्रिप्ट|এনক্রিপ্ট|เข้ารหัส"
    r"|kript|xifrat|fumbwa|şifrəl|գաղտնագր|დაშიფრ|መሰጠ|መስጠር|மறையாக்|குறியாக்|ఎన్‌క్రిప్ట్|എൻക്രിപ്|ಎನ್‌ಕ್ರಿಪ್"
    r"|暗号|암호|加密|mã hóa|mã hoá|κρυπτογρ|enkripsi|disulitkan",
    re.IGNORECASE,
)
SHORTEST_ENCRYPTION = 40
_ENDS = tuple(w.removeprefix("…") for w in every("omitted") if w.startswith("…"))
_STARTS = tuple(w.removesuffix("…") for w in every("omitted") if w.endswith("…"))
LONGEST_OMISSION = 60


SHORTEST_WORD_ALONE = 6


def is_known_encryption(line: str) -> bool:
    """Whether a line is the notice of encryption in a listed wording."""
    return ENCRYPTION.match(line) is not None


def is_encryption(line: str) -> bool:
    """Whether a line that WhatsApp wrote is the notice of encryption, in any language."""
    if is_known_encryption(line):
        return True
    # None has ever had a second line, but notices about Meta AI have.
    one_line = len(line) >= SHORTEST_ENCRYPTION and "\n" not in line
    return one_line and ENCRYPTED.search(line) is not None


def poll_head(text: str) -> str | None:
    """What a poll with its options is headed by in no listed wording; None for no poll.

    Empty where the wording is listed.
    """
    if _POLL.match(text):
        return ""
    found = _ANY_POLL.match(text)
    return found["head"] if found and _in_capitals(found["head"] + found["option"]) else None


def _in_capitals(words: str) -> bool:
    # Also by what a word may begin with, for Georgian has capitals that no word alone begins with.
    return all(letter in (letter.upper(), letter.title()) for letter in words)


def no_person_typed(inside: str) -> bool:
    """Whether words in angle brackets are in none of the ways in which people put them there.

    People type one word in small letters ("<sigh>") or English. Anything in a catalogue is known;
    of the rest, WhatsApp writes words that begin with a capital, or that no capitals exist for.
    """
    if any(sign in inside for sign in "?!/@#=") or inside.strip() != inside:
        return False
    several = len(inside.split()) > 1
    first = inside[0]
    if first.upper() == first.lower():
        # A script without capitals; digits and smileys are no letters.
        return first.isalpha() and (several or len(inside) >= SHORTEST_WORD_ALONE)
    return several and (first.isupper() or not inside.isascii())


def says_omitted(bare: str) -> bool:
    """Whether a line is iOS's marker for left-out media or a file it names in angle brackets."""
    line = bare.partition("\n")[0]
    if line.startswith("<") and line.endswith(">"):
        return True
    return len(line) <= LONGEST_OMISSION and (line.endswith(_ENDS) or line.startswith(_STARTS))
