"""The two sentences by which a member speaks for themselves in the chat, and what they are told."""

import re

from resources.stores.members.identity import folded, plain
from resources.stores.members.member_events import Saying

OBJECTION_SENTENCE = "Please leave my messages out of Tideline"
"""Posted as a whole message: nothing of its sender is read."""

OPT_IN_SENTENCE = "Tideline may read my messages"
"""Posted as a whole message: its sender may be read."""

PULSE_SENTENCES = (
    "Every two weeks you may answer six questions on the study's page, or not. Your answer is"
    " sealed: only the study's key opens it. A program alone uses that key. It makes one average of"
    " the whole region, changes that a little at random, and deletes the answers. It shows nobody"
    " an answer, or that you answered, and publishes none of this. Whoever broke the study's rules"
    " and had both its key and its records could open an answer before it is deleted; they would"
    " find the code of your group in it, and no name."
)
"""For the notice to members of a group that may be asked the pulse: no more than what is kept."""

_ENDS = re.compile(r"^[\W_]+|[\W_]+$")
_NAME = "tideline"
_LONGEST = 4 * len(OBJECTION_SENTENCE)


def said(text: str, *, opt_in_group: bool) -> Saying | None:
    """What a message says about its sender's being read, if it is one of the two sentences.

    Case, spaces, and signs before and after make no difference; a sentence within a longer message
    does not count, for the notice itself quotes both.

    Args:
        text: a whole message.
        opt_in_group: whether only listed members are read, so that an objection is a withdrawal.
    """
    if len(text) > _LONGEST or not _may_hold_the_name(text):
        return None
    own = _even(text)
    if own == _OBJECTION:
        return Saying.WITHDRAWN if opt_in_group else Saying.OBJECTED
    return Saying.OPTED_IN if own == _OPT_IN else None


def _may_hold_the_name(text: str) -> bool:
    # Exact for ASCII, where folding changes nothing but case and apostrophes; years of messages are
    # asked every day.
    if not text.isascii():
        return True
    return _NAME in text.lower().replace("'", "").replace("`", "")


def _even(text: str) -> str:
    return " ".join(_ENDS.sub("", folded(plain(text.replace("\n", " ")))).split())


_OBJECTION, _OPT_IN = _even(OBJECTION_SENTENCE), _even(OPT_IN_SENTENCE)
