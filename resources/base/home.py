"""A home: one folder that holds one study's mode, configuration, keys, vectors and public files.

The inbox and the secrets lie beside the home, not in it, so that a copy of the home opens nothing.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assets.core.errors import SetupError, refuse_as
from assets.core.modes import Mode
from resources.base.discovery_record import read_discovery_record
from resources.base.files import PASSABLE_FOLDER, PUBLIC_FOLDER, make_folder, write_once
from resources.base.notify_config import NotifyConfig

RegionKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,40}$")]
DEFAULT_REGIONS: Mapping[str, str] = {
    "greater_london": "Greater London",
    "east_of_england": "East of England",
}
HISTORY_DAYS = 365
CONTACT_NOT_SET = "The study team (contact not yet set in home.yaml)"


class HomeConfig(BaseModel):
    """What `home.yaml` holds. `mode` and `home_id` never change after `tideline init`."""

    model_config = ConfigDict(extra="forbid")

    home_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    mode: Mode
    first_day: date
    regions: dict[RegionKey, str] = Field(
        default_factory=lambda: dict(DEFAULT_REGIONS), min_length=1
    )
    close_after_days: int = Field(default=3, ge=1, le=60)
    inbox: str
    inbox_options: dict[str, Any] = Field(default_factory=dict)
    inbox_unversioned_attested: bool = False
    inbox_recipient: Annotated[str, StringConstraints(pattern=r"^age1[0-9a-z]+$")]
    inbox_lifetime_days: int = Field(default=14, ge=1, le=60)
    score_lifetime_days: int = Field(default=35, ge=7, le=60)
    member_record_lifetime_days: int = Field(default=90, ge=1, le=400)
    survey_lifetime_days: int = Field(default=400, ge=7, le=800)
    cooling_off_days: int = Field(default=7, ge=0, le=60)
    backup_within_days: int = Field(default=2, ge=1, le=35)
    member_bases: tuple[Literal["notice_with_objection", "opt_in"], ...] = ()
    headline: dict[RegionKey, Literal["value_7d", "value_28d"]] = Field(default_factory=dict)
    daily_dots: bool = False
    vector_keys_until: Literal["release", "scoring"] = "release"
    swap: Literal["encrypted"] | None = None
    contact: str = CONTACT_NOT_SET
    notify: NotifyConfig | None = None
    demo: bool = False

    def headline_of(self, region: str) -> Literal["value_7d", "value_28d"]:
        """The published column that is the region's line; `tideline readiness` advises."""
        return self.headline.get(region, "value_7d")

    @property
    def cooling_off(self) -> timedelta:
        """How long members may object to a notice before they are read."""
        return timedelta(days=self.cooling_off_days)


@dataclass(frozen=True)
class Home:
    """A home on disk. Paths are absolute."""

    root: Path
    config: HomeConfig

    @property
    def keys(self) -> Path:
        """One wrapped key file for each group-day."""
        return self.root / "keys"

    @property
    def vectors(self) -> Path:
        """Encrypted Parquet, one file for each group-day."""
        return self.root / "vectors"

    @property
    def public(self) -> Path:
        """Everything that may be shown to anyone."""
        return self.root / "public"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def postgres(self) -> Path:
        """Data of the embedded PostgreSQL."""
        return self.root / "postgres"

    @property
    def backups(self) -> Path:
        """Backups of the database that `migrate` made; they go after the scores' lifetime."""
        return self.root / "backups"

    @property
    def surveys(self) -> Path:
        """Sealed answers to surveys, one file for each group and week."""
        return self.root / "surveys"

    @property
    def leaving_journal(self) -> Path:
        """Who left and who objected, beside the database."""
        return self.root / "leaving-journal"

    @property
    def release_journal(self) -> Path:
        """Which draws were made, beside the database."""
        return self.root / "release-journal"

    @property
    def portal(self) -> Path:
        """What the portal was given, and the notices that it showed."""
        return self.root / "portal"

    @property
    def connectors(self) -> Path:
        """What connectors were given, and how they fare: a folder for each platform."""
        return self.root / "connect"

    @property
    def secrets(self) -> Path:
        """Beside the home: inbox identity and master key, unless the environment has them."""
        return secrets_beside(self.root)

    @property
    def regions(self) -> tuple[str, ...]:
        """Region keys, in the configured order."""
        return tuple(self.config.regions)

    def require_discovery_record(self, today: date) -> None:
        """In mode `discovery`, refuse to open anything without a complete `discovery.yaml`.

        Raises:
            SetupError: see `read_discovery_record`.
        """
        if self.config.mode is Mode.DISCOVERY:
            read_discovery_record(self.root / "discovery.yaml", today)


def secrets_beside(root: Path) -> Path:
    """The folder that holds a home's secrets, outside the home."""
    return root.with_name(f"{root.name}-secrets")


def inbox_beside(root: Path) -> Path:
    """The folder of a home's inbox where nothing else is configured."""
    return root.with_name(f"{root.name}-inbox")


def home_path() -> Path:
    """`TIDELINE_HOME`, else `.tideline` in the user's home folder; raises as `checked_root`."""
    return checked_root(os.environ.get("TIDELINE_HOME") or "~/.tideline")


def checked_root(given: str | Path) -> Path:
    """A home's folder, absolute.

    Raises:
        SetupError: `HOME_PATH_INVALID` for the root of the file system, beside which nothing lies,
            or the folder of a user who is not there.
    """
    with refuse_as(SetupError("HOME_PATH_INVALID"), RuntimeError):
        root = Path(given).expanduser().resolve()
    if not root.name:
        raise SetupError("HOME_PATH_INVALID")
    return root


def load_home(root: Path | None = None) -> Home:
    """Open an existing home.

    Raises:
        SetupError: `HOME_NOT_FOUND`, `HOME_NOT_READABLE`, `HOME_CONFIG_INVALID`.
    """
    root = root or home_path()
    path = root / "home.yaml"
    with (
        refuse_as(SetupError("HOME_NOT_READABLE"), PermissionError),
        refuse_as(
            SetupError("HOME_CONFIG_INVALID"), UnicodeDecodeError, ValidationError, yaml.YAMLError
        ),
    ):
        if not path.is_file():
            raise SetupError("HOME_NOT_FOUND")
        return Home(root, HomeConfig.model_validate(yaml.safe_load(path.read_text("utf-8"))))


def write_home(root: Path, config: HomeConfig) -> Home:
    """Make the folders of a new home and write its `home.yaml`.

    Raises:
        SetupError: `HOME_EXISTS` if there is one already, for a home's mode never changes.
        StorageError: what `make_folder` and `write_once` raise.
    """
    if (root / "home.yaml").exists():
        raise SetupError("HOME_EXISTS")
    home = Home(root, config)
    make_folder(root, PASSABLE_FOLDER)
    for folder in (home.keys, home.vectors, home.dagster, home.backups):
        make_folder(folder)
    make_folder(home.public, PUBLIC_FOLDER)
    written = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
    write_once(root / "home.yaml", written.encode("utf-8"))
    return home


def change_recipient(home: Home, recipient: str) -> None:
    """Seal new files of the inbox to another public key; all else in `home.yaml` stays as it is.

    Raises:
        SetupError: `HOME_CONFIG_INVALID` where it does not hold the key it is known by.
        StorageError: what `write_once` raises.
    """
    path, before = home.root / "home.yaml", home.config.inbox_recipient
    written = path.read_text("utf-8")
    if written.count(before) != 1:
        raise SetupError("HOME_CONFIG_INVALID")
    write_once(path, written.replace(before, recipient).encode("utf-8"))


def default_first_day(today: date) -> date:
    """First partition of a new home: a year back, since an export can hold that much history."""
    return today - timedelta(days=HISTORY_DAYS)
