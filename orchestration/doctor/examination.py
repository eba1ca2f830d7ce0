"""Looks at every item of a home, whatever is wrong with the others, and changes nothing.

What can't be looked at because of another finding is told so, under that finding's code.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy.engine import URL

from assets.core.errors import StorageError, StudyError, TidelineError
from assets.core.modes import Mode
from orchestration.doctor import checks, record_checks
from orchestration.doctor.finding import Finding, Item, Severity
from orchestration.instance_files import instance_template
from resources.base.clock import Clock
from resources.base.database.connection import Database
from resources.base.database.postgres import dagster_url, postgres_url
from resources.base.files import code_of
from resources.base.home import Home, load_home
from resources.health.connectors import connector_states
from resources.health.dagster_records import DagsterRecords, dagster_records
from resources.health.database_state import DatabaseState, database_state, impatient
from resources.health.home_records import lifetime_of, lying_exports, newest_backup, release_records
from resources.health.installed import installed
from resources.health.instance_file import telemetry_is_off
from resources.health.machine import Machine, rooms
from resources.health.portal_locks import sessions_holding_locks
from resources.health.roles_held import roles_excess
from resources.health.secrets_kept import secrets_kept
from resources.stores.consent.consent_state import Consent
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.study import standing
from resources.stores.study.register import file_of, read_register
from resources.wiring.ways_out import WaysOut

_LOCAL = ("", "file")
_NOT_ANSWERED = frozenset({"POSTGRES_NOT_REACHABLE", "DATABASE_REFUSED"})


@dataclass(frozen=True)
class Examination:
    """One look at a home.

    Attributes:
        home: the home.
        url: of its database, or why there is none.
        clock: ours.
        machine: where the machine's state is read.
    """

    home: Home
    url: URL | TidelineError
    clock: Clock
    machine: Machine = field(default_factory=Machine)

    @cached_property
    def now(self) -> datetime:
        """The moment of the look (aware)."""
        return self.clock.now()

    @cached_property
    def _state(self) -> DatabaseState | TidelineError:
        if isinstance(self.url, TidelineError):
            return self.url
        try:
            return database_state(self.home, self.url, self.clock)
        except TidelineError as error:
            return error

    def _answering(self) -> tuple[URL, DatabaseState]:
        if isinstance(self.url, TidelineError):
            raise _StandsBefore(self.url.code)
        if isinstance(self._state, TidelineError):
            raise _StandsBefore(self._state.code)
        return self.url, self._state

    @cached_property
    def _database(self) -> Database:
        """The home's, if it can be asked by this version.

        Raises:
            _StandsBefore: otherwise, with the code of why.
        """
        url, state = self._answering()
        code = state.of_version or state.of_home
        if code is not None:
            raise _StandsBefore(code)
        return Database(url)

    @cached_property
    def _ways_out(self) -> WaysOut:
        return WaysOut(self.home, self._database)

    @cached_property
    def _consents(self) -> Mapping[str, Consent]:
        return self._ways_out.register.consents()

    @cached_property
    def _dagster(self) -> DagsterRecords:
        url, state = self._answering()
        if state.of_version is not None:
            raise _StandsBefore(state.of_version)
        return dagster_records(dagster_url(url))

    def findings(self) -> Iterator[Finding]:
        """All that is not as it should be, item by item."""
        for item, look in self._looks().items():
            found = _safely(item, look)
            yield from found if item is Item.DATABASE else map(self._as_not_permitted, found)

    def _as_not_permitted(self, one: Finding) -> Finding:
        """A database that answered, and did not where another role is needed, lacks that right."""
        if isinstance(self._state, DatabaseState) and one.code in _NOT_ANSWERED:
            return Finding(one.item, Severity.NOT_LOOKED_AT, "NOT_PERMITTED_TO_LOOK")
        return one

    def close(self) -> None:
        """Let the database go."""
        opened = self.__dict__.get("_database")
        if isinstance(opened, Database):
            opened.dispose()

    def _looks(self) -> dict[Item, Callable[[], Iterable[Finding]]]:
        return {
            Item.DATABASE: self._of_database,
            Item.KEYS: self._of_keys,
            Item.SWAP: lambda: checks.check_swap(
                self.home.config, may_keep_text=self.machine.swap_may_keep_text()
            ),
            Item.CLOCK: self._of_clock,
            Item.DISK: lambda: checks.check_disk(rooms(self.machine, self._places())),
            Item.DAEMON: lambda: checks.check_daemon(self._dagster, self.now),
            Item.SCHEDULES: lambda: checks.check_schedules(self._dagster, self.now),
            Item.BACKUPS: lambda: record_checks.check_backups(
                newest_backup(self._database),
                self.now,
                self.home.config,
                has_groups=bool(self._consents),
            ),
            Item.RELEASE: lambda: record_checks.check_release(
                release_records(self.home, self._database, self._consents),
                self.home.config,
                self.clock.today(),
                self.now,
            ),
            Item.REGISTER: self._of_register,
            Item.TELEMETRY: lambda: checks.check_telemetry(
                is_off=telemetry_is_off(self.home, instance_template)
            ),
            Item.ROLES: self._of_roles,
            Item.PORTAL: self._of_portal,
            Item.VERSIONS: self._of_versions,
            Item.INBOX: self._of_inbox,
            Item.CONNECTORS: lambda: record_checks.check_connectors(
                connector_states(self.home, self.now)
            ),
        }

    def _of_database(self) -> Iterator[Finding]:
        if isinstance(self._state, TidelineError):
            raise self._state
        yield from checks.check_database(self._state)

    def _of_keys(self) -> Iterator[Finding]:
        state = self._state if isinstance(self._state, DatabaseState) else None
        known = state.checks if state is not None else None
        since = state.master_since if state is not None else None
        yield from checks.check_keys(secrets_kept(self.home, known or {}), since, self.now)

    def _of_clock(self) -> Iterator[Finding]:
        state = self._state if isinstance(self._state, DatabaseState) else None
        is_kept = self.machine.clock_is_kept()
        yield from checks.check_clock(self.now, state=state, is_kept=is_kept)

    def _places(self) -> dict[str, Path]:
        scheme, _, path = self.home.config.inbox.rpartition("://")
        places = {"home": self.home.root, "public": self.home.public}
        if scheme in _LOCAL:
            places["inbox"] = Path(path)
        return places

    def _of_register(self) -> Iterator[Finding]:
        if self.home.config.mode is Mode.DISCOVERY:
            self.home.require_discovery_record(self.clock.today())
            return
        today = self.clock.today()
        try:
            register = read_register(file_of(self.home))
        except StudyError as error:
            found = [standing.Finding(error.entry_name, error.code)]
            yield from record_checks.check_register(found, {})
            return
        found = standing.findings(self.home, register, today)
        yield from record_checks.check_register(found, standing.due_soon(register, today))

    def _of_roles(self) -> Iterator[Finding]:
        url, state = self._answering()
        if state.of_version is not None:
            raise _StandsBefore(state.of_version)
        yield from checks.check_roles(roles_excess(url))

    def _of_portal(self) -> Iterator[Finding]:
        url, state = self._answering()
        if state.of_version is not None:
            raise _StandsBefore(state.of_version)
        portal = PortalOfHome(self.home.portal)
        outdated = portal.is_there() and portal.names_revoked()
        holding = sessions_holding_locks(url)
        yield from checks.check_portal(holding=holding, settings_outdated=outdated)

    def _of_versions(self) -> Iterator[Finding]:
        state = self._state if isinstance(self._state, DatabaseState) else None
        of_database = state.of_version if state is not None else None
        yield from checks.check_versions(installed(), of_database=of_database)

    def _of_inbox(self) -> Iterator[Finding]:
        inbox = self._ways_out.inbox
        lying = lying_exports(self.home, self._database, inbox, self._consents, self.clock)
        yield from record_checks.check_inbox(lying, lifetime_of(self.home), self.now)


class _StandsBefore(Exception):  # noqa: N818  (it is no error of its own)
    """An item can't be looked at before another finding is mended."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _safely(item: Item, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a look finds; why it could not look, where it could not."""
    try:
        return list(look())
    except _StandsBefore as before:
        return [Finding(item, Severity.NOT_LOOKED_AT, before.code)]
    except TidelineError as error:
        return [Finding(item, Severity.FAULT, error.code)]
    except PermissionError:
        return [Finding(item, Severity.NOT_LOOKED_AT, "NOT_PERMITTED_TO_LOOK")]
    except OSError as error:
        return [Finding(item, Severity.FAULT, code_of(error) or "STEP_BROKEN")]


def examine(
    root: Path | None = None,
    clock: Clock | None = None,
    machine: Machine | None = None,
    tell: Callable[[], None] | None = None,
) -> list[Finding]:
    """All that is not as it should be with a home.

    Args:
        root: the home; `TIDELINE_HOME` by default.
        clock: ours.
        machine: where the machine's state is read.
        tell: called once where the embedded database takes long to start.
    """
    try:
        home = load_home(root)
    except TidelineError as error:
        others = [one for one in Item if one is not Item.HOME]
        return [
            Finding(Item.HOME, Severity.FAULT, error.code),
            *(Finding(one, Severity.NOT_LOOKED_AT, error.code) for one in others),
        ]
    try:
        url: URL | TidelineError = impatient(postgres_url(home.postgres, tell))
    except TidelineError as error:
        url = error
    except PermissionError:
        url = StorageError("NOT_PERMITTED_TO_LOOK")
    examination = Examination(home, url, clock or Clock(), machine or Machine())
    try:
        return list(examination.findings())
    finally:
        examination.close()
