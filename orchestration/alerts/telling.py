"""Tells alerts by every channel once, and remembers what was told by which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assets.core.errors import StorageError
from orchestration.alerts.alert import KEY_DIGITS, Alert, messages
from resources.base import doors
from resources.base.notifier import Channel, Notifier


@dataclass(frozen=True)
class Outcome:
    """How telling went.

    Attributes:
        cursor: what to remember.
        sent: how many messages went out.
        failure: why some did not, None if all did; they are tried again.
    """

    cursor: str
    sent: int
    failure: StorageError | None


def tell(alerts: Iterable[Alert], notifier: Notifier, cursor: str) -> Outcome:
    """Send what was not yet told.

    A channel that fails keeps the others back in nothing, and what another has told is not told
    by that one again. Killed between sending and remembering, it sends once more.

    Args:
        alerts: all that stands now.
        notifier: sends.
        cursor: of the look before, empty at first.
    """
    standing = {one.key: one for one in alerts}
    told = _told(cursor)
    sent, failure = 0, None
    for channel in notifier.channels:
        # What stands no longer is forgotten, or the cursor would grow.
        known = told.get(channel, set()) & standing.keys()
        for message, own in messages(one for key, one in standing.items() if key not in known):
            try:
                # References, codes and counts; no step's text is in reach.
                with doors.opened():
                    notifier.send(channel, message)
            except StorageError as error:
                failure = error
                continue
            sent += 1
            known |= {one.key for one in own}
        told[channel] = known
    return Outcome(_written(told), sent, failure)


def _told(cursor: str) -> dict[Channel, set[str]]:
    parts = cursor.split(":")
    if len(parts) != len(Channel):
        return {}
    return {
        channel: {part[at : at + KEY_DIGITS] for at in range(0, len(part), KEY_DIGITS)}
        for channel, part in zip(Channel, parts, strict=True)
    }


def _written(told: Mapping[Channel, set[str]]) -> str:
    return ":".join("".join(sorted(told.get(channel, ()))) for channel in Channel)
