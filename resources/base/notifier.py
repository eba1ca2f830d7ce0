"""Tells people by e-mail and webhook: codes, references, days and counts, and nothing else."""

import os
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum

from assets.core.errors import CATALOGUE, StorageError, refuse_as
from resources.base.notify_config import EmailConfig, NotifyConfig

PATIENCE_SECONDS = 20
Fact = Mapping[str, str | int]
"""By name: a count, a code, a reference, a day or a region's key."""


class Channel(StrEnum):
    """A way to the coordinator."""

    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Notification:
    """One message.

    Attributes:
        code: of the catalogue, whose words it is told in.
        facts: what it is about, a line each.
    """

    code: str
    facts: Sequence[Fact]

    @property
    def text(self) -> str:
        """The body of an e-mail."""
        entry = CATALOGUE[self.code]
        lines = [", ".join(f"{name} {value}" for name, value in one.items()) for one in self.facts]
        return "\n".join([f"{self.code}: {entry.happened}", entry.next_step, "", *lines, ""])


class Notifier:
    """Sends what it is given.

    Args:
        config: where to.
    """

    def __init__(self, config: NotifyConfig) -> None:
        self._config = config

    def to_coordinator(self, one: Notification) -> int:
        """Send to everyone configured. Returns how many messages went out.

        Raises:
            StorageError: `NOTICE_NOT_SENT`, `NOTICE_SECRET_NOT_SET`.
        """
        for channel in self.channels:
            self.send(channel, one)
        return len(self.channels)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Those that are configured, in the order in which they are used."""
        configured = {
            Channel.EMAIL: self._config.email,
            Channel.WEBHOOK: self._config.webhook_variable,
        }
        return tuple(channel for channel, one in configured.items() if one is not None)

    def send(self, channel: Channel, one: Notification) -> None:
        """Send to the coordinator by one of `channels`.

        Raises:
            StorageError: as `to_coordinator`.
        """
        if channel is Channel.EMAIL and self._config.email is not None:
            self._mail(self._config.email, self._config.email.to, one)
        elif channel is Channel.WEBHOOK and self._config.webhook_variable is not None:
            self._post(self._config.webhook_variable, one)

    def to_address(self, address: str, one: Notification) -> int:
        """Send one e-mail to one address; 0 where no mail server is configured.

        Raises:
            StorageError: as `to_coordinator`.
        """
        if self._config.email is None:
            return 0
        self._mail(self._config.email, [address], one)
        return 1

    def _mail(self, config: EmailConfig, to: Sequence[str], one: Notification) -> None:
        message = EmailMessage()
        message["From"], message["To"] = config.sender, ", ".join(to)
        message["Subject"] = f"Tideline: {one.code}"
        message.set_content(one.text)
        user, password = (
            _secret(name) for name in (config.user_variable, config.password_variable)
        )
        with refuse_as(StorageError("NOTICE_NOT_SENT"), OSError, smtplib.SMTPException):
            server = (
                smtplib.SMTP_SSL(
                    config.host,
                    config.port,
                    timeout=PATIENCE_SECONDS,
                    context=ssl.create_default_context(),
                )
                if config.security == "tls"
                else smtplib.SMTP(config.host, config.port, timeout=PATIENCE_SECONDS)
            )
            with server:
                if config.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if user is not None and password is not None:
                    server.login(user, password)
                server.send_message(message)

    def _post(self, variable: str, one: Notification) -> None:
        import requests  # noqa: PLC0415  (loaded where something is sent)

        url = _secret(variable)
        body = {
            "code": one.code,
            "next_step": CATALOGUE[one.code].next_step,
            "facts": [dict(fact) for fact in one.facts],
        }
        with (
            refuse_as(StorageError("NOTICE_NOT_SENT"), requests.RequestException),
            requests.Session() as session,
        ):
            # No password file and no proxy that nobody configured here.
            session.trust_env = False
            answer = session.post(
                str(url), json=body, timeout=PATIENCE_SECONDS, allow_redirects=False
            )
            answer.raise_for_status()
        if answer.is_redirect:
            raise StorageError("NOTICE_NOT_SENT")


def _secret(variable: str | None) -> str | None:
    if variable is None:
        return None
    written = os.environ.get(variable)
    if not written:
        raise StorageError("NOTICE_SECRET_NOT_SET")
    return written
