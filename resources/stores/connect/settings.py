"""All that a connector is given, but for its rooms and its token: nothing secret."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assets.core.errors import SetupError, refuse_as
from assets.core.modes import Mode

FILE = "settings.yaml"


class ConnectorSettings(BaseModel):
    """A connector's settings file, which `tideline connect settings` writes.

    Attributes:
        form: of the file.
        mode: of the home; never `discovery`, which counts what it opens on arrival.
        platform: one of `assets.core.platforms.PLATFORMS`.
        server: where the platform is reached, such as `https://matrix.example.org`.
        organisation: as whom the connector says it asks.
        contact: whom the platform's operator may write to.
        inbox: where the home's inbox lies.
        inbox_options: of its file system, secrets by the name of an environment variable.
        inbox_recipient: the inbox's public key.
        terms_sha256: digest of the platform's terms under which it may collect.
        swap: whether somebody vouches that the machine's swap is encrypted, as in `home.yaml`.
        close_after_days: after which a day closes; what is older is not pulled.
        requests_per_minute: the most that the connector asks of the platform.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: Literal["tideline connector 1"] = "tideline connector 1"
    mode: Literal[Mode.SYNTHETIC, Mode.STUDY]
    platform: str
    server: Annotated[
        str, Field(pattern=r"^https?://[a-z0-9.:-]+(/[a-z0-9./-]*)?$", max_length=200)
    ]
    organisation: Annotated[str, Field(pattern=r"^[ -~]{2,100}$")]
    contact: Annotated[str, Field(pattern=r"^[ -~]{3,200}$")]
    inbox: str
    inbox_options: dict[str, Any] = Field(default_factory=dict)
    inbox_recipient: Annotated[str, Field(pattern=r"^age1[0-9a-z]+$")]
    terms_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    swap: Literal["encrypted"] | None = None
    close_after_days: int = Field(ge=1, le=60)
    requests_per_minute: int = Field(default=60, ge=1, le=600)

    @model_validator(mode="after")
    def _is_private_on_the_way(self) -> "ConnectorSettings":
        if self.mode is Mode.STUDY and not self.server.startswith("https://"):
            raise ValueError
        return self

    @property
    def user_agent(self) -> str:
        """As whom it asks: the program, the organisation and whom to write to."""
        return f"Tideline ({self.organisation}; {self.contact})"


def read_settings(path: Path, platform: str) -> ConnectorSettings:
    """Read the settings file of a platform's connector.

    Raises:
        SetupError: `CONNECTOR_SETTINGS_MISSING`, `CONNECTOR_SETTINGS_INVALID`.
    """
    with refuse_as(SetupError("CONNECTOR_SETTINGS_MISSING"), OSError):
        content = path.read_bytes()
    with refuse_as(
        SetupError("CONNECTOR_SETTINGS_INVALID"),
        UnicodeDecodeError,
        ValidationError,
        yaml.YAMLError,
    ):
        settings = ConnectorSettings.model_validate(yaml.safe_load(content.decode("utf-8")))
    if settings.platform != platform:
        raise SetupError("CONNECTOR_SETTINGS_INVALID")
    return settings


def written_settings(settings: ConnectorSettings) -> bytes:
    """The content of a settings file."""
    plain = settings.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).encode()
