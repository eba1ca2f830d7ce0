"""How long each kind of thing is kept, in words made of a home's own settings."""

from collections.abc import Mapping
from string import Template
from typing import Any

LIFETIMES: Mapping[str, str] = {
    "exports": (
        "$inbox_lifetime_days days after it came, read or not; sooner, as soon as all its days are"
        " settled; at once when the group is withdrawn"
    ),
    "scores": (
        "$score_lifetime_days days after they were stored; at once when the group is withdrawn"
    ),
    "counts": (
        "$score_lifetime_days days after they were stored; longer while an incident is looked into"
    ),
    "own_backups": "$score_lifetime_days days after they were made",
    "vectors_and_scores": "as long as what each of them opens",
    "sayings_and_fillers": (
        "$member_record_lifetime_days days after the group’s consent ended; those of fillers, which"
        " open nothing of anybody, stay"
    ),
    "senders": (
        "$member_record_lifetime_days days after the group’s consent ended; at once when the group"
        " is withdrawn"
    ),
    "sayings": "$member_record_lifetime_days days after the group’s consent ended",
    "requests": "90 days after it came, whatever it asks",
    "pulse": (
        "until the two weeks in which it came are combined, $close_after_days days after their end;"
        " where nothing combines them, 14 days more at the latest"
    ),
    "surveys": (
        "$survey_lifetime_days days after the week that was asked about; at once when the group is"
        " withdrawn"
    ),
    "vectors": (
        "until the region’s day closes, at the earliest $close_after_days days after it, and at the"
        " latest $score_lifetime_days days after they were stored, when the key that opens them is"
        " destroyed; at once when the group is withdrawn"
    ),
    "vectors_until_scoring": (
        "until they are scored, and at the latest $score_lifetime_days days after they were stored,"
        " when the key that opens them is destroyed; at once when the group is withdrawn"
    ),
    "addresses": (
        "addresses $member_record_lifetime_days days after the group’s consent ended, at once when"
        " the group is withdrawn; keys as long as the home"
    ),
    "journal": (
        "what members said $member_record_lifetime_days days after the group’s consent ended; that"
        " a group left as long as the home"
    ),
    "rooms": (
        "as long as the home; which chat is a group’s goes at once when the group is withdrawn"
    ),
    "outside": "as long as the study keeps them: the program does not delete them",
    "for_ever": "for ever: rows are never changed and never deleted",
    "home": "as long as the home",
    "replaced": "until it is replaced by a newer one",
    "made_anew": "while the program works with it",
    "runs": (
        "400 days after a run ended, 30 days where it only deleted what was due; looks of sensors"
        " go after 7 to 365 days, of schedules after 90 days"
    ),
    "nothing": "nothing is stored",
}
"""By code; `$name` is a setting of `home.yaml`, as `assets.released.reviewed_facts` lists it."""

NOT_KNOWN = "not stated in this release"


def kept(code: str, settings: Mapping[str, Any]) -> str:
    """How long a kind of thing is kept.

    Args:
        code: of `LIFETIMES`.
        settings: of the home; without them a time that hangs on one is not stated.

    Raises:
        KeyError: for a code that is none.
    """
    if code == "vectors" and settings.get("vector_keys_until") == "scoring":
        code = "vectors_until_scoring"
    words = Template(LIFETIMES[code])
    if any(name not in settings for name in words.get_identifiers()):
        return NOT_KNOWN
    return words.substitute({name: settings[name] for name in words.get_identifiers()})
