"""An opened home: what a command that works on one needs, checked before anything runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy.engine import URL

from assets.governance.errors import ConsentError, SetupError
from resources.canary import DAGSTER_PG_URL, refuse_unless_sealed
from resources.clock import Clock
from resources.consent_register import ConsentRegister
from resources.database import Database
from resources.hardening import refuse_exposed
from resources.home import Home, load_home
from resources.keys import load_member_key
from resources.members import MemberRegister
from resources.of_home import inbox_of, instance_configuration, restricted_resources
from resources.of_leaving import WaysOut
from resources.postgres import dagster_url, postgres_url

PROJECT = Path(__file__).resolve().parents[2]
WORKSPACE = PROJECT / "workspace.yaml"
INSTANCE_TEMPLATE = PROJECT / "dagster.yaml"
EVENT_BATCH = "500"
"""Events that Dagster stores at a time: on PostgreSQL a commit each costs more than the work."""


@dataclass(frozen=True)
class Session:
    """A home with its database ready."""

    home: Home
    url: URL
    clock: Clock

    @cached_property
    def database(self) -> Database:
        """The restricted side of the home's database."""
        return Database(self.url)

    @cached_property
    def resources(self) -> dict[str, Any]:
        """The restricted resources; see `restricted_resources`."""
        return restricted_resources(self.home, self.url, self.clock)

    @property
    def register(self) -> ConsentRegister:
        """The consent register."""
        return self.ways_out.register

    @cached_property
    def ways_out(self) -> WaysOut:
        """What leaving takes: it opens no secret, and no inbox before it is used."""
        return WaysOut(self.home, self.database)

    @property
    def members(self) -> MemberRegister:
        """What members have said.

        Raises:
            StorageError: `MEMBER_KEY_INVALID`.
        """
        key = load_member_key(self.home.secrets)
        return MemberRegister(self.database, key, self.ways_out.journal)

    def deliver(self, group_ref: str, path: Path) -> None:
        """Seal a file into the inbox, for a group that the register knows.

        Raises:
            ConsentError: `GROUP_UNKNOWN`, `CONSENT_WITHDRAWN`.
            SetupError: `FILE_NOT_FOUND`.
            StorageError: `INBOX_NOT_WRITABLE`.
        """
        if not self.register.consent(group_ref).active:
            # It would be deleted unread.
            raise ConsentError("CONSENT_WITHDRAWN")
        try:
            file = path.open("rb")
        except OSError:
            file = None
        if file is None:
            raise SetupError("FILE_NOT_FOUND")
        with file:
            inbox_of(self.home, with_identity=False).add(group_ref, file, self.clock.now())

    def environment(self) -> dict[str, str]:
        """What Dagster's processes need to work on this home."""
        return {
            "TIDELINE_HOME": str(self.home.root),
            "TIDELINE_PG_URL": self.url.render_as_string(hide_password=False),
            DAGSTER_PG_URL: dagster_url(self.url),
            "DAGSTER_HOME": str(self.home.dagster),
            "DAGSTER_EVENT_BATCH_SIZE": EVENT_BATCH,
            "DAGSTER_REDACT_USER_CODE_ERRORS": "0",
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "GX_ANALYTICS_ENABLED": "false",
            "HF_HUB_OFFLINE": "1",
        }

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The home's Dagster instance, once a planted word has been shown not to persist.

        Raises:
            SealError: `SEAL_BROKEN`, `CANARY_DID_NOT_RUN`.
        """
        os.environ.update(self.environment())
        refuse_unless_sealed(self.database, self.home.dagster / "dagster.yaml")
        with dg.DagsterInstance.from_config(str(self.home.dagster)) as instance:
            yield instance


def open_session(root: Path | None = None, clock: Clock | None = None) -> Session:
    """Open the home, its database and its tables.

    Raises:
        SetupError: see `load_home`.
        StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_OF_ANOTHER_HOME`.
    """
    home = load_home(root)
    session = Session(home, postgres_url(home.postgres), clock or Clock())
    session.database.prepare(home.config.home_id, home.config.mode.value)
    (home.dagster / "dagster.yaml").write_text(
        instance_configuration(INSTANCE_TEMPLATE, home), "utf-8"
    )
    return session


def open_session_to_read() -> Session:
    """Open the home for a command that text passes through, or that reads or releases.

    Raises:
        SealError, SetupError, StorageError: what `BeforeReading.require_to_read` raises, but for
            the inbox; see `open_session` for the rest.
    """
    session = open_session()
    refuse_exposed(session.home.config)
    session.home.require_study_record()
    session.ways_out.reconciliation.require(session.clock.now())
    return session
