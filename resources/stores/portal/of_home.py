"""What a home keeps of its portal: settings, notices that it showed, ethics, keys it revoked."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from assets.core.errors import SetupError, refuse_as
from resources.base.files import make_folder, write_once
from resources.base.keys.signed_links import VerifyingKeys, public_key
from resources.stores.portal.answers import Ethics
from resources.stores.portal.settings import PortalSettings, read_settings, written_settings

_ETHICS = TypeAdapter(Ethics)
_REVOKED = TypeAdapter(dict[str, datetime])


@dataclass(frozen=True)
class PortalOfHome:
    """The folder; it is there once the settings were first written.

    Attributes:
        folder: of the home.
    """

    folder: Path

    @property
    def file(self) -> Path:
        """The settings file, of which the portal gets a copy."""
        return self.folder / "settings.yaml"

    def save(self, settings: PortalSettings, ethics: Ethics) -> None:
        """Keep settings; the notices of earlier ones stay, for answers to them may still come.

        Raises:
            StorageError: what `make_folder` and `write_once` raise.
        """
        make_folder(self.folder)
        text = settings.notice.encode()
        write_once(self._notice_file(hashlib.sha256(text).hexdigest()), text)
        write_once(self.folder / "ethics.yaml", yaml.safe_dump(asdict(ethics)).encode())
        write_once(self.file, written_settings(settings))

    def is_there(self) -> bool:
        """Whether the home has a portal."""
        return self.file.is_file()

    def settings(self) -> PortalSettings:
        """The settings; raises as `read_settings`."""
        return read_settings(self.file)

    def ethics(self) -> Ethics:
        """What the study answers for where members are read by notice.

        Raises:
            SetupError: `PORTAL_SETTINGS_MISSING`, `PORTAL_SETTINGS_INVALID`.
        """
        with refuse_as(SetupError("PORTAL_SETTINGS_MISSING"), OSError):
            content = (self.folder / "ethics.yaml").read_bytes()
        with refuse_as(SetupError("PORTAL_SETTINGS_INVALID"), ValidationError, yaml.YAMLError):
            return _ETHICS.validate_python(yaml.safe_load(content))

    def notice(self, digest: str) -> bytes:
        """The text of a notice that was shown; empty for one that never was."""
        try:
            content = self._notice_file(digest).read_bytes()
        except (OSError, ValueError):
            return b""
        return content if hashlib.sha256(content).hexdigest() == digest else b""

    def revoked(self) -> dict[str, datetime]:
        """Public keys of invitations that were revoked, as written, each with the moment.

        Raises:
            SetupError: `PORTAL_SETTINGS_INVALID`.
        """
        try:
            content = self._revoked_file.read_bytes()
        except FileNotFoundError:
            return {}
        with refuse_as(SetupError("PORTAL_SETTINGS_INVALID"), ValidationError, yaml.YAMLError):
            return _REVOKED.validate_python(yaml.safe_load(content))

    def revoke(self, keys: Mapping[str, datetime]) -> None:
        """Refuse from now on what these keys of invitations signed, whatever the settings say.

        `Revocations` calls it, and keeps them where a restore finds them, too.

        Args:
            keys: public keys in base64, each with the moment (aware).

        Raises:
            SetupError: as `revoked`.
            StorageError: what `make_folder` and `write_once` raise.
        """
        all_of_them = {**keys, **self.revoked()}
        make_folder(self.folder)
        written = yaml.safe_dump({key: at.isoformat() for key, at in all_of_them.items()})
        write_once(self._revoked_file, written.encode())

    def names_revoked(self) -> bool:
        """Whether the settings name a key that was revoked, as those of a backup may.

        Raises:
            SetupError: as `settings` and `revoked`.
        """
        return bool(self.revoked().keys() & set(self.settings().invitation_keys))

    def keys(self) -> VerifyingKeys:
        """By which links are checked here, without what was revoked; raises as `settings`."""
        settings, revoked = self.settings(), self.revoked()
        left = [one for one in settings.invitation_keys if one not in revoked]
        return replace(settings.keys, invitations=tuple(map(public_key, left)))

    def revoked_keys(self) -> VerifyingKeys:
        """By which a link of a revoked key is known again; raises as `revoked`."""
        return VerifyingKeys(tuple(map(public_key, self.revoked())), ())

    @property
    def _revoked_file(self) -> Path:
        return self.folder / "revoked-keys.yaml"

    def _notice_file(self, digest: str) -> Path:
        # A digest comes from a row that the portal wrote.
        name = digest if digest.isalnum() else "none"
        return self.folder / f"notice-{name}.txt"
