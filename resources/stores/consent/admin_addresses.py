"""Where a group's admin is reminded: a file for each group beside the keys, never the database.

So no copy of the database, and no backup, tells who a group's admin is. The address goes when the
group withdraws.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assets.core.errors import ConsentError
from resources.base.files import make_folder, write_once
from resources.base.notify_config import Address
from resources.stores.consent.consent_terms import GROUP_REF

_ADDRESS = TypeAdapter(Address)


@dataclass(frozen=True)
class AdminAddresses:
    """Addresses by group reference.

    Attributes:
        folder: in the home's folder of secrets.
    """

    folder: Path

    def record(self, group_ref: str, address: str) -> None:
        """Keep an address in place of an earlier one.

        Raises:
            ConsentError: `ADDRESS_INVALID`.
            StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
        """
        try:
            _ADDRESS.validate_python(address)
        except ValidationError:
            address = ""
        if not address or not GROUP_REF.match(group_ref):
            raise ConsentError("ADDRESS_INVALID")
        make_folder(self.folder)
        write_once(self.folder / group_ref, address.encode())

    def of(self, group_ref: str) -> str | None:
        """The address; None where none was recorded."""
        try:
            return (self.folder / group_ref).read_text("utf-8")
        except FileNotFoundError:
            return None

    def forget(self, groups: Iterable[str]) -> int:
        """Delete the addresses of groups. Returns how many there were."""
        found = [self.folder / ref for ref in groups if (self.folder / ref).exists()]
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)
