# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""Where a connector puts sealed exports: it writes into the inbox, and opens and lists nothing."""

from collections.abc import Iterable

import pyrage

from assets.core.canonical_export import Header, Record, line_of
from assets.core.errors import SetupError, refuse_as
from resources.stores.connect.pull_state import Plan
from resources.stores.inbox.location import InboxLocation


class Outbox:
    """Seals canonical exports into the inbox.

    Args:
        location: of the inbox.
        recipient: the inbox's public key.

    Raises:
        SetupError: `CONNECTOR_SETTINGS_INVALID` if the key is none.
    """

    def __init__(self, location: InboxLocation, recipient: str) -> None:
        self._location = location
        with refuse_as(SetupError("CONNECTOR_SETTINGS_INVALID"), pyrage.RecipientError):
            self._recipient = pyrage.x25519.Recipient.from_str(recipient)

    def put(self, group_ref: str, plan: Plan, platform: str, records: Iterable[Record]) -> None:
        """Write the canonical form in memory, seal it, and put it under the planned name.

        What lies there under that name already, of a try that was cut off, is replaced.

        Args:
            group_ref: whose it is.
            plan: span and name.
            platform: one of `assets.core.platforms.PLATFORMS`.
            records: of the span, in any order; each id once.

        Raises:
            StorageError: `INBOX_NOT_WRITABLE`; nothing is left behind.
        """
        header = Header(
            canonical_export=1,
            platform=platform,
            covers_from=plan.covers_from.isoformat(),
            covers_until=plan.covers_until.isoformat(),
        )
        content = b"".join([line_of(header), *map(line_of, records)])
        sealed = pyrage.encrypt(content, [self._recipient])
        self._location.put(group_ref, plan.name, sealed)
