"""Who a file's "You" is, as it is sealed with the export.

At the home keyed digests are sealed, and proof of the key. A browser has no key, and seals the name
as it was typed, which the reader makes the same digests of: it says no more than the names in the
export beside it, and whoever could put another there could as well change those.
"""

import json
from dataclasses import dataclass, field

from resources.stores.members.identity import identity_of
from resources.stores.members.marks import Marker, Marks

LONGEST_WRITTEN = 120
"""Characters of a name, a number or both, as a browser seals it."""


@dataclass(frozen=True)
class Exporter:
    """The member who made an export, told when it was delivered. Never shown.

    Attributes:
        marks: who.
        sender: the marker's digest of the sender.
    """

    marks: Marks = field(repr=False)
    sender: str = field(repr=False)


def note_of(marker: Marker, written: str) -> bytes:
    """What is kept of the exporter: digests of the group's key, and one over them.

    Args:
        marker: of the group.
        written: the name, the number or both, as the group's other members see them.
    """
    marks = marker.marks_of(written)
    said = {
        "parts": sorted(marks.parts),
        "joined": marks.joined,
        "number": marks.number,
        "sender": marker.sender(written),
    }
    content = json.dumps(said, sort_keys=True)
    return json.dumps({"said": content, "proof": marker.proof(content)}).encode()


def exporter_in(note: bytes, marker: Marker) -> Exporter | None:
    """The exporter that a note tells; `None` where digests were not made with this group's key.

    Without the proof digests could name as its exporter someone by whom nobody can object.
    """
    try:
        kept = json.loads(note)
        if "written" in kept:
            return _of_name(marker, kept["written"])
        content = kept["said"]
        if not marker.proves(content, kept["proof"]):
            return None
        said = json.loads(content)
        parts = frozenset((full, first) for full, first in said["parts"])
        return Exporter(Marks(parts, said["joined"], said["number"]), said["sender"])
    except (ValueError, KeyError, TypeError):
        return None


def _of_name(marker: Marker, written: object) -> Exporter | None:
    if not isinstance(written, str) or len(written) > LONGEST_WRITTEN:
        return None
    if identity_of(written).empty:
        return None
    return Exporter(marker.marks_of(written), marker.sender(written))
