"""An opened home: what a command that works on one needs, checked before anything runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import URL

from assets.core.study_entries import Action
from orchestration.cli.console import say_database_waits
from orchestration.instance_files import EVENT_BATCH, write_instance_configuration
from resources.base import silent_dependencies
from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.database.embedded_postgres import EMBEDDED, uses
from resources.base.database.postgres import DAGSTER_PG_URL, dagster_url, postgres_url
from resources.base.home import Home, load_home
from resources.base.keys.keys_of_home import KeysOfHome
from resources.containment.hardening import refuse_exposed
from resources.stores.consent.consent_register import ConsentRegister
from resources.stores.members.member_register import MemberRegister
from resources.stores.study import gate
from resources.wiring.ways_out import WaysOut

if TYPE_CHECKING:
    import dagster as dg


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
        # Commands that run no step would wait for Dagster and pandas.
        from resources.wiring.restricted import restricted_resources  # noqa: PLC0415

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
            StorageError: `MEMBER_KEY_MISSING`, `MEMBER_KEY_INVALID`, once the key is needed.
        """
        keys = KeysOfHome(self.home.secrets, self.database)
        return MemberRegister(self.database, keys.member, self.ways_out.journal)

    def environment(self) -> dict[str, str]:
        """What Dagster's processes need to work on this home."""
        # They are users of the embedded server as much as this process, and don't start it.
        shared = {EMBEDDED: str(self.home.postgres)} if uses(self.home.postgres) else {}
        return shared | {
            "TIDELINE_HOME": str(self.home.root),
            "TIDELINE_PG_URL": self.url.render_as_string(hide_password=False),
            DAGSTER_PG_URL: dagster_url(self.url),
            "DAGSTER_HOME": str(self.home.dagster),
            "DAGSTER_EVENT_BATCH_SIZE": EVENT_BATCH,
            "DAGSTER_REDACT_USER_CODE_ERRORS": "0",
            **silent_dependencies.environment(),
        }

    @contextmanager
    def instance(self) -> "Iterator[dg.DagsterInstance]":
        """The home's Dagster instance, once a planted word has been shown not to persist.

        Raises:
            SealError: `SEAL_BROKEN`, `CANARY_DID_NOT_RUN`.
        """
        # As for `resources`.
        import dagster as dg  # noqa: PLC0415

        from resources.containment.canary import refuse_unless_sealed  # noqa: PLC0415

        os.environ.update(self.environment())
        refuse_unless_sealed(self.database, self.home.dagster / "dagster.yaml")
        with dg.DagsterInstance.from_config(str(self.home.dagster)) as instance:
            yield instance


def open_session(root: Path | None = None, clock: Clock | None = None) -> Session:
    """Open the home and its database as they are.

    Raises:
        SetupError: see `load_home`.
        StorageError: what `postgres_url` and `Database.require` raise.
    """
    home = load_home(root)
    url = postgres_url(home.postgres, say_database_waits)
    session = Session(home, url, clock or Clock())
    session.database.require(home.config.home_id, home.config.mode.value)
    write_instance_configuration(home)
    return session


def open_session_to_read(*actions: Action) -> Session:
    """Open the home for a command that text passes through, or that reads or releases.

    Args:
        actions: the study register has to let one of them go on; `COLLECT` if none is given.

    Raises:
        SealError, SetupError, StorageError: what `BeforeReading.require_to_read` raises, but for
            the inbox; see `open_session` for the rest.
    """
    session = open_session()
    refuse_exposed(session.home.config)
    session.ways_out.incidents.require_none()
    session.home.require_discovery_record(session.clock.today())
    gate.require_one_of(session.home, actions or (Action.COLLECT,), session.clock.today())
    session.ways_out.reconciliation.require(session.clock.now())
    return session
