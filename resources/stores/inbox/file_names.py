"""How files of an inbox are called: when they came and a digest, never what they were called."""

import re
from datetime import UTC, datetime

STAMP = "%Y%m%dT%H%M%S%fZ"
_STAMPED = r"^(\d{8}T\d{12}Z)-([0-9a-f]{64})"
_EXPORT, _BOOKMARK = re.compile(rf"{_STAMPED}\.age$"), re.compile(rf"{_STAMPED}\.mark$")


def export_named(path: str) -> tuple[datetime, str] | None:
    """Arrival and digest that an export's name tells, None if `Inbox.add` did not name it."""
    return _told(_EXPORT, path)


def bookmark_named(path: str) -> tuple[datetime, str] | None:
    """When a bookmark was kept and how it is called, None if a file is none."""
    return _told(_BOOKMARK, path)


def _told(pattern: re.Pattern[str], path: str) -> tuple[datetime, str] | None:
    match = pattern.match(path.rsplit("/", 1)[-1])
    if not match:
        return None
    try:
        return datetime.strptime(match[1], STAMP).replace(tzinfo=UTC), match[2]
    except ValueError:
        return None
