"""What a check found of one item."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assets.core.errors import CATALOGUE


class Item(StrEnum):
    """What is looked at, in this order."""

    HOME = "home"
    DATABASE = "database"
    KEYS = "keys"
    SWAP = "swap"
    CLOCK = "clock"
    DISK = "disk"
    DAEMON = "daemon"
    SCHEDULES = "schedules"
    BACKUPS = "backups"
    RELEASE = "release"
    REGISTER = "register"
    TELEMETRY = "telemetry"
    ROLES = "roles"
    PORTAL = "portal"
    VERSIONS = "versions"
    INBOX = "inbox"
    CONNECTORS = "connectors"


class Severity(StrEnum):
    """How bad it is."""

    WARNING = "warning"
    """It works; see to it in the next days."""
    FAULT = "fault"
    """Something does not work, or is open that must be closed."""
    NOT_LOOKED_AT = "not looked at"
    """Another finding stands before it."""


Fact = Mapping[str, str | int]
"""By name: a reference, a count, a day, a number of days, or a name that the program itself gave.
Never a path, a name of a person or group, or anything that was read."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        item: of what.
        severity: how bad.
        code: of the catalogue.
        facts: which one, how many, since when.
    """

    item: Item
    severity: Severity
    code: str
    facts: Fact = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a code that nobody could look up, with a `KeyError`."""
        CATALOGUE[self.code]

    @property
    def next_step(self) -> str:
        """What to do."""
        return CATALOGUE[self.code].next_step

    @property
    def happened(self) -> str:
        """What it is, in a sentence."""
        return CATALOGUE[self.code].happened


ALL_WELL, WARNINGS, FAULTS = 0, 1, 2


def exit_status(found: Iterable[Finding]) -> int:
    """0 if all is well, 1 if there are warnings or something could not be looked at, 2 if faults.

    What could not be looked at because of a fault is no more than that fault.
    """
    severities = {one.severity for one in found}
    if Severity.FAULT in severities:
        return FAULTS
    return WARNINGS if severities else ALL_WELL
