"""Where reminders go: the part `notify` of `home.yaml`. Secrets are named, never written there."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,60}$")]
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class EmailConfig(BaseModel):
    """A mail server and who gets what concerns the study as a whole."""

    model_config = ConfigDict(extra="forbid")

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: Address
    to: list[Address] = Field(min_length=1)
    user_variable: VariableName | None = None
    password_variable: VariableName | None = None

    @model_validator(mode="after")
    def _sealed_on_the_way(self) -> "EmailConfig":
        if self.security == "none" and self.host not in _LOOPBACK:
            raise ValueError
        return self


class NotifyConfig(BaseModel):
    """Either or both."""

    model_config = ConfigDict(extra="forbid")

    email: EmailConfig | None = None
    webhook_variable: VariableName | None = None
    """Environment variable that holds the URL, which is often a secret itself."""
