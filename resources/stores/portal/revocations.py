"""Revoked keys of invitations, kept in the home and in the leaving journal: either tells the other.

The home's list lies in every backup, so an older one has forgotten what was revoked since, and a
stolen key would sign again. The journal beside the database is the newer one, as for those who
left; it knows public keys and moments, nothing of a group.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from assets.core.errors import SetupError
from resources.stores.consent.leaving_journal import LeavingJournal
from resources.stores.portal.of_home import PortalOfHome


@dataclass(frozen=True)
class Revocations:
    """Both lists. They only grow: nothing un-revokes a key.

    Attributes:
        portal: of the home.
        journal: of the home.
    """

    portal: PortalOfHome
    journal: LeavingJournal

    def revoke(self, keys: Iterable[str], now: datetime) -> None:
        """Refuse from now on what these keys of invitations signed.

        Args:
            keys: public keys in base64.
            now: the moment (aware).

        Raises:
            SetupError: `PORTAL_SETTINGS_INVALID`.
            StorageError: `DISK_NOT_WRITABLE`, and what `PortalOfHome.revoke` raises.
        """
        new = {key: now for key in keys if key not in self.portal.revoked()}
        # First what a restore goes by, as of those who leave.
        self.journal.note_revoked(new)
        self.portal.revoke(new)

    def put_back(self) -> None:
        """Let both know what either does.

        Raises:
            StorageError: as `revoke`. A list in the home that can't be read is left to whoever
                uses it, and keeps nobody from reading or leaving.
        """
        noted = self.journal.revoked()
        with suppress(SetupError):
            own = self.portal.revoked()
            if missing := {key: at for key, at in own.items() if key not in noted}:
                self.journal.note_revoked(missing)
            if forgotten := {key: at for key, at in noted.items() if key not in own}:
                self.portal.revoke(forgotten)

    def are_forgotten(self) -> bool:
        """Whether the journal knows of a revoked key that the home does not; nothing is changed."""
        try:
            return bool(self.journal.revoked().keys() - self.portal.revoked())
        except SetupError:
            return True
