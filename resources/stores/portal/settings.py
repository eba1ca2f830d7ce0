"""All that the portal is given: nothing secret, nothing personal, nothing of a group."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from assets.core.errors import SetupError, refuse_as
from assets.core.modes import Mode
from assets.core.pulse_instrument import PulseInstrument
from resources.base.home import RegionKey
from resources.base.keys.signed_links import VerifyingKeys, public_key
from resources.stores.consent.consent_terms import MemberBasis

LARGEST_NOTICE = 100_000
"""Characters."""

_FORM_OF_ONE_LIST, _ONE_LIST = "tideline portal 1", "verifying_keys"


class PortalSettings(BaseModel):
    """The portal's settings file, which `tideline consent portal-settings` writes.

    Attributes:
        form: of the file.
        mode: of the home.
        address: where the portal is reached from outside, such as `https://portal.example.org`.
        regions: keys and names.
        inbox_recipient: the inbox's public key.
        inbox_days: how long a file stays in the inbox at most.
        invitation_keys: public keys in base64 by which invitations and delivery links are checked,
            the newest first; one that was revoked is not among them.
        withdrawal_keys: likewise those of withdrawal links, which are never revoked.
        member_bases: on which bases members may be read.
        cooling_off_days: between telling the members and the first day that is read.
        close_after_days: after which a day closes.
        notice_version: of the notice.
        notice: its full text.
        contact: whom to ask.
        pulse: what members are asked every fortnight; None where nobody is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Literal["tideline portal 2"] = "tideline portal 2"
    mode: Mode
    address: Annotated[str, Field(pattern=r"^https?://[a-z0-9.:-]+$", max_length=200)]
    regions: dict[RegionKey, str] = Field(min_length=1)
    inbox_recipient: Annotated[str, Field(pattern=r"^age1[0-9a-z]+$")]
    inbox_days: int = Field(default=14, ge=1, le=60)
    invitation_keys: tuple[str, ...] = Field(min_length=1)
    withdrawal_keys: tuple[str, ...] = Field(min_length=1)
    member_bases: tuple[MemberBasis, ...] = Field(min_length=1)
    cooling_off_days: int = Field(ge=0, le=60)
    close_after_days: int = Field(ge=1, le=60)
    notice_version: Annotated[str, Field(min_length=1, max_length=20)]
    notice: Annotated[str, Field(min_length=1, max_length=LARGEST_NOTICE)]
    contact: str
    pulse: PulseInstrument | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_one_list(cls, given: Any) -> Any:
        """Of the form before, in which each key signed both: its withdrawal links stay good."""
        if not isinstance(given, dict) or given.get("form") != _FORM_OF_ONE_LIST:
            return given
        kept = {name: value for name, value in given.items() if name not in {"form", _ONE_LIST}}
        keys = given.get(_ONE_LIST, ())
        return {**kept, "invitation_keys": keys, "withdrawal_keys": keys}

    @field_validator("invitation_keys", "withdrawal_keys")
    @classmethod
    def _are_keys(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        for one in written:
            public_key(one)
        return written

    @cached_property
    def keys(self) -> VerifyingKeys:
        """By which links are checked."""
        return VerifyingKeys(
            tuple(map(public_key, self.invitation_keys)),
            tuple(map(public_key, self.withdrawal_keys)),
        )

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
