"""What WhatsApp Web and Desktop write in place of a message, or before one.

Their exports have no mark that leads such text, so each template here opens the whole body. Words
that people type too ("Poll:", "Location:") count only in a file that Web wrote for certain. (Facts
from the client's public bundle: WAWebExportChatPlainTextFormatter.)
"""

import re
from typing import Literal

from assets.restricted.collection.whatsapp.bodies import Body
from assets.restricted.collection.whatsapp.header_candidates import any_of
from assets.restricted.collection.whatsapp.templates import says_omitted
from assets.restricted.collection.whatsapp.wordings import every

SYSTEM_LEAD = "- "
"""What stands between the header and a notice."""

_FORWARDED = re.compile(rf"\[(?:{any_of(every('forwarded'))})\] ")
_BRACKETED = re.compile(r"<(?P<inside>[^<>\n]{1,60})>(?: (?P<caption>.+))?\Z", re.DOTALL)
_ATTACHED = re.compile(
    rf"(?P<name>[^\n]{{1,255}}?) \((?:{any_of(every('attached'))})\)(?: (?P<caption>.+))?\Z",
    re.DOTALL,
)
_FILE_OR_KIND = re.compile(r".*\.[A-Za-z0-9]{2,5}|[^\W\d_]+(?: [^\W\d_]+)?")
_CARD = re.compile(r"[^\n]{0,40}BEGIN:VCARD\b")
_CARDS = re.compile(r"[0-9]{1,3} contacts? shared\Z")
_COORDINATE = r"-?[0-9]{1,3}(?:\.[0-9]+)?(?:e-?[0-9]+)?"
_PLACE = re.compile(
    rf"{_COORDINATE}, ?{_COORDINATE} - https://maps\.google\.com/\?q={_COORDINATE},{_COORDINATE}\Z"
)
_OPTIONS = r"(?:\n {4}- [^\n]*)"
_POLL = re.compile(rf"(?i:{any_of(every('poll'))})(?:: [^\n]*)?{_OPTIONS}")
# In a language whose word for a poll is not known, its options tell.
_POLL_OF_ANY_LANGUAGE = re.compile(rf"[^\W\d_]{{2,20}}(?:: [^\n]*)?{_OPTIONS}+\s*\Z")
_LED_WORDS = re.compile(
    rf"(?:(?P<poll>(?i:{any_of(every('poll'))}))"
    rf"|(?P<place>(?:Live )?(?i:{any_of(every('location'))}))|(?P<card>Contact)): "
)


def web_body(text: str, *, certain: bool) -> Body | None:
    """Say what a body with a sender is; `None` where nothing tells it from speech.

    Args:
        text: the body after the sender.
        certain: whether Web is known to have written the file.
    """
    if text.startswith("[") and _FORWARDED.match(text):
        # Someone else's words.
        return Body("media", text, "forwarded")
    if ("BEGIN:VCARD" in text and _CARD.match(text)) or _CARDS.match(text):
        return Body("media", text, "contact_cards")
    if "https://maps.google.com/?q=" in text and _PLACE.search(text):
        return Body("media", text, "locations")
    if "\n    - " in text and (
        _POLL.match(text) or (certain and _POLL_OF_ANY_LANGUAGE.match(text))
    ):
        return Body("media", text, "polls")
    return _file(text, certain=certain) or (_led_by_word(text) if certain else None)


def _file(text: str, *, certain: bool) -> Body | None:
    if text.startswith("<") and (found := _BRACKETED.match(text)):
        # "<AI message>" too, and files in languages that are not listed.
        if not (says_omitted(found["inside"]) or (certain and found["caption"] is None)):
            return None
        card = "card" in found["inside"].lower()
        return _captioned(text, found["caption"], "contact_cards" if card else None)
    if "(" in text and (found := _ATTACHED.match(text)):
        if _FILE_OR_KIND.fullmatch(found["name"]) is None:
            return None
        card = found["name"].lower().endswith(".vcf")
        return _captioned(text, found["caption"], "contact_cards" if card else None)
    return Body("media", text) if text == "GIF attached" else None


def _captioned(text: str, caption: str | None, detail: Literal["contact_cards"] | None) -> Body:
    if caption is not None and caption.strip():
        return Body("speech", caption, "captions")
    return Body("media", text, detail)


def _led_by_word(text: str) -> Body | None:
    found = _LED_WORDS.match(text)
    if found is None:
        return None
    if found["poll"]:
        return Body("media", text, "polls")
    return Body("media", text, "locations" if found["place"] else "contact_cards")
