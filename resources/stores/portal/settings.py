"""All that the portal is given: nothing secret, nothing personal, nothing of a group."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assets.core.errors import SetupError, refuse_as
from assets.core.modes import Mode
from assets.core.pulse_instrument import PulseInstrument
from resources.base.home import RegionKey
from resources.base.keys.signed_links import public_key
from resources.stores.consent.consent_terms import MemberBasis

LARGEST_NOTICE = 100_000
"""Characters."""


class PortalSettings(BaseModel):
    """The portal's settings file, which `tideline consent portal-settings` writes.

    Attributes:
        form: of the file.
        mode: of the home.
        address: where the portal is reached from outside, such as `https://portal.example.org`.
        regions: keys and names.
        inbox_recipient: the inbox's public key.
        inbox_days: how long a file stays in the inbox at most.
        verifying_keys: public keys of invitations in base64, the newest first.
        member_bases: on which bases members may be read.
        cooling_off_days: between telling the members and the first day that is read.
        close_after_days: after which a day closes.
        notice_version: of the notice.
        notice: its full text.
        contact: whom to ask.
        pulse: what members are asked every fortnight; None where nobody is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Literal["tideline portal 1"] = "tideline portal 1"
    mode: Mode
    address: Annotated[str, Field(pattern=r"^https?://[a-z0-9.:-]+$", max_length=200)]
    regions: dict[RegionKey, str] = Field(min_length=1)
    inbox_recipient: Annotated[str, Field(pattern=r"^age1[0-9a-z]+$")]
    inbox_days: int = Field(default=14, ge=1, le=60)
    verifying_keys: tuple[str, ...] = Field(min_length=1)
    member_bases: tuple[MemberBasis, ...] = Field(min_length=1)
    cooling_off_days: int = Field(ge=0, le=60)
    close_after_days: int = Field(ge=1, le=60)
    notice_version: Annotated[str, Field(min_length=1, max_length=20)]
    notice: Annotated[str, Field(min_length=1, max_length=LARGEST_NOTICE)]
    contact: str
    pulse: PulseInstrument | None = None

    @field_validator("verifying_keys")
    @classmethod
    def _are_keys(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        for one in written:
            public_key(one)
        return written

    @cached_property
    def keys(self) -> tuple[Ed25519PublicKey, ...]:
        """The public keys of invitations."""
        return tuple(map(public_key, self.verifying_keys))

    @property
    def host(self) -> str:
        """The address without its scheme, as a request names it."""
        return urlsplit(self.address).netloc


def read_settings(path: Path) -> PortalSettings:
    """Read a settings file.

    Raises:
        SetupError: `PORTAL_SETTINGS_MISSING`, `PORTAL_SETTINGS_INVALID`.
    """
    with refuse_as(SetupError("PORTAL_SETTINGS_MISSING"), OSError):
        content = path.read_bytes()
    with refuse_as(
        SetupError("PORTAL_SETTINGS_INVALID"), UnicodeDecodeError, ValidationError, yaml.YAMLError
    ):
        return PortalSettings.model_validate(yaml.safe_load(content.decode("utf-8")))


def written_settings(settings: PortalSettings) -> bytes:
    """The content of a settings file."""
    # A portal of the version before reads what has no pulse.
    plain = settings.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).encode()
