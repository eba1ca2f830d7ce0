"""Who a file's "You" is, as it is sealed with the export: keyed digests, and proof of the key."""

import json
from dataclasses import dataclass, field

from resources.stores.members.marks import Marker, Marks


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
    """The exporter that a note tells; `None` where it was not made with this group's key.

    Without the proof a file could name as its exporter someone by whom nobody can object.
    """
    try:
        kept = json.loads(note)
        content = kept["said"]
        if not marker.proves(content, kept["proof"]):
            return None
        said = json.loads(content)
        parts = frozenset((full, first) for full, first in said["parts"])
        return Exporter(Marks(parts, said["joined"], said["number"]), said["sender"])
    except (ValueError, KeyError, TypeError):
        return None
