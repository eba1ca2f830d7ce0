"""The words of the WhatsApp reader that the portal's page cuts by, as one JavaScript module.

`python -m assets.restricted.collection.browser_words FILE` writes it; a test fails where it is old.
"""

import json
import sys
from pathlib import Path

from assets.restricted.collection.read import REGION_ZONE
from assets.restricted.collection.whatsapp import templates, words
from assets.restricted.collection.whatsapp.clock import BUDDHIST_FROM, BUDDHIST_SHIFT
from assets.restricted.collection.whatsapp.forms import labels_instead_of_names
from assets.restricted.collection.whatsapp.header_candidates import INVISIBLE, SPACES
from assets.restricted.collection.whatsapp.wordings import every, wordings
from assets.restricted.consent.sentences import OBJECTION_SENTENCE, OPT_IN_SENTENCE


def browser_words() -> str:
    """The module's text."""
    with_you = [
        wording
        for several in wordings().values()
        if "exporter" in several
        for wording in several.get("encryption", ())
    ]
    told = {
        "INVISIBLE": INVISIBLE,
        "SPACES": SPACES,
        "MONTHS": words.MONTHS,
        "PARTS_OF_DAY": words.PARTS_OF_DAY,
        "NEUTRAL": words.NEUTRAL,
        "ERAS_BEFORE": words.ERAS_BEFORE,
        "ERAS_AFTER": words.ERAS_AFTER,
        "LINKS_TO_TIME": words.LINKS_TO_TIME,
        "BUDDHIST_FROM": BUDDHIST_FROM,
        "BUDDHIST_SHIFT": BUDDHIST_SHIFT,
        "ENCRYPTION": every("encryption"),
        "ENCRYPTION_WITH_YOU": with_you,
        "EXPORTER": every("exporter"),
        "EXPORTER_OF_PHONE": sorted(labels_instead_of_names("phone")),
        "ENCRYPTED": templates.ENCRYPTED.pattern,
        "ZONE": REGION_ZONE.key,
        "SENTENCES": (OBJECTION_SENTENCE, OPT_IN_SENTENCE),
    }
    lines = [f"export const {name} = {json.dumps(value)};\n" for name, value in told.items()]
    how = "python -m assets.restricted.collection.browser_words"
    return f"// Written by `{how}`; not by hand.\n" + "".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(browser_words(), encoding="utf-8")
