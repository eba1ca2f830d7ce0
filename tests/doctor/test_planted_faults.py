"""`tideline doctor` names each planted fault by its code, and none where there is none."""

import io
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
import yaml
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RemoteInstigatorOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
    TickData,
    TickStatus,
)
from dagster._daemon.types import DaemonHeartbeat
from made_connector import settings_at
from made_portal import made_portal
from portal_logins import login_of_portal, session_of

from orchestration.doctor.checks import DAEMON_PARTS, SENSORS
from orchestration.doctor.examination import examine
from orchestration.doctor.finding import Finding, Item, Severity
from orchestration.runs import job_origin
from resources.base.clock import Clock
from resources.health.machine import Machine
from resources.maintenance.database_setup import as_owner
from resources.stores import ledger
from resources.stores.connect.of_home import ConnectorsOfHome
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow

ONE = timedelta(days=1)
NO_SWAP = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
A_PARTITION = f"{NO_SWAP}/dev/sda2 partition 2097148 0 -2\n"


class OffClock(Clock):
    """A clock that is ahead of the real one."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Patient:
    """A home that is well, with what a test may spoil."""

    session: Any
    instance: dg.DagsterInstance
    machine: Machine
    clock: Clock
    patch: pytest.MonkeyPatch
    ends: ExitStack

    @property
    def root(self) -> Path:
        return self.session.home.root

    def now(self) -> datetime:
        return Clock().now()

    def beat(self, ago: timedelta = timedelta()) -> None:
        at = (self.now() - ago).timestamp()
        for part in DAEMON_PARTS:
            self.instance.add_daemon_heartbeat(DaemonHeartbeat(at, part, "one", []))

    def look(self, name: str, ago: timedelta = timedelta()) -> None:
        self.instance.create_tick(
            TickData(
                instigator_origin_id=name,
                instigator_name=name,
                instigator_type=InstigatorType.SENSOR,
                status=TickStatus.SKIPPED,
                timestamp=(self.now() - ago).timestamp(),
                selector_id=name,
            )
        )

    def grant(self, days_ago: int) -> str:
        today = Clock().today()
        first = today - timedelta(days=days_ago)
        terms = made_up_terms(first, today + 60 * ONE, informed_on=first - 8 * ONE)
        return self.session.register.grant(terms, self.now())

    def back_up(self, days_ago: float = 0) -> None:
        with self.session.database.transaction() as connection:
            at = self.now() - days_ago * ONE
            ledger.record(connection, ledger.Kind.BACKUP_WRITTEN, 1, at)

    def configure(self, **changed: Any) -> None:
        path = self.root / "home.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changed))

    def examined(self) -> list[Finding]:
        return examine(self.root, self.clock, self.machine)

    def told(self) -> set[tuple[str, str]]:
        return {(one.item.value, one.code) for one in self.examined()}


@pytest.fixture
def patient(session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for key, value in session.environment().items():
        monkeypatch.setenv(key, value)
    swaps = tmp_path / "swaps"
    swaps.write_text(NO_SWAP)
    machine = Machine(swaps=swaps, clock_is_kept=lambda: True, room_of=_with_room)
    with dg.DagsterInstance.from_config(str(session.home.dagster)) as instance, ExitStack() as ends:
        one = Patient(session, instance, machine, OffClock(), monkeypatch, ends)
        one.beat()
        for name in SENSORS:
            one.look(name)
        yield one


def _with_room(_: Path, free: int = 50 << 30) -> Any:
    return os.statvfs_result(
        (4096, 4096, free >> 11, free >> 12, free >> 12, 10**6, 9**6, 9**6, 0, 255)
    )


def stopped_database(one: Patient) -> None:
    one.patch.setenv("TIDELINE_PG_URL", "postgresql://nobody@127.0.0.1:1/none")


def missing_key(one: Patient) -> None:
    (one.session.home.secrets / "master.key").unlink()


def open_key(one: Patient) -> None:
    (one.session.home.secrets / "member.key").chmod(0o644)


def swap_on(one: Patient) -> None:
    one.machine.swaps.write_text(A_PARTITION)


def clock_off(one: Patient) -> None:
    one.clock = OffClock(timedelta(minutes=7))
    one.beat(-timedelta(minutes=7))


def full_disk(one: Patient) -> None:
    one.machine = replace(one.machine, room_of=lambda path: _with_room(path, 8 << 20))


def silent_daemon(one: Patient) -> None:
    one.beat(timedelta(minutes=20))


def stopped_schedule(one: Patient) -> None:
    origin = RemoteInstigatorOrigin(job_origin("collect").repository_origin, "morning_collect")
    data = ScheduleInstigatorData("30 4 * * *", one.now().timestamp())
    state = InstigatorState(origin, InstigatorType.SCHEDULE, InstigatorStatus.STOPPED, data)
    one.instance.add_instigator_state(state)


def lost_code_server(one: Patient) -> None:
    # Its daemon goes on giving signs of life.
    for name in SENSORS:
        if name != "published_values_sensor":
            one.look(name, ago=timedelta(minutes=11))


def no_backup(one: Patient) -> None:
    one.grant(0)
    one.back_up(days_ago=4)


def no_release(one: Patient) -> None:
    one.grant(9)
    one.back_up()


def overdue_entry(one: Patient) -> None:
    path = one.root / "study.yaml"
    register = yaml.safe_load(path.read_text())
    register["entries"]["dpia"]["review_by"] = Clock().today() - ONE
    path.write_text(yaml.safe_dump(register))


def telemetry_on(one: Patient) -> None:
    path = one.session.home.dagster / "dagster.yaml"
    path.write_text(path.read_text().replace("enabled: false", "enabled: true", 1))


def telemetry_on_in_a_folder_of_its_own(one: Patient) -> None:
    folder = one.root.parent / "run"
    folder.mkdir()
    written = (one.session.home.dagster / "dagster.yaml").read_text()
    (folder / "dagster.yaml").write_text(written.replace("enabled: false", "enabled: true", 1))
    one.patch.setenv("DAGSTER_HOME", str(folder))


def role_too_strong(one: Patient) -> None:
    with as_owner(one.session.url) as connection:
        connection.execute(sa.text("GRANT SELECT ON restricted.consent_events TO tideline_public"))


def lock_of_portal(one: Patient) -> None:
    one.patch.setattr("resources.health.portal_locks.SECONDS_BETWEEN", 0.01)
    login = one.ends.enter_context(login_of_portal(one.session.url))
    held = one.ends.enter_context(session_of(login))
    # Of the session, not of a transaction: it stays while nothing goes on.
    held.execute(sa.text("SELECT pg_advisory_lock(20)"))
    held.commit()


def revoked_key_in_settings(one: Patient) -> None:
    with made_portal(one.session) as portal:
        [key] = portal.settings.invitation_keys
    one.session.ways_out.revocations.revoke([key], one.now())


def another_version(one: Patient) -> None:
    with as_owner(one.session.url) as connection:
        connection.execute(
            sa.text("UPDATE restricted.schema_version SET version_num = '2026_12_02'")
        )


def stuck_export(one: Patient) -> None:
    one.back_up()
    one.session.ways_out.inbox.add(one.grant(1), io.BytesIO(b"chat"), one.now() - 2 * ONE)


def silent_connector(one: Patient) -> None:
    one.back_up()
    group_ref = one.grant(1)
    connectors = ConnectorsOfHome(one.session.home.connectors)
    connectors.save(settings_at(one.session.home.config))
    connectors.add("matrix", group_ref, "!care:example.org")


@dataclass(frozen=True)
class Fault:
    """What is planted and what is to be found, and nothing beside it but what comes of it."""

    plant: Callable[[Patient], None]
    item: Item
    code: str
    comes_of_it: str = ""


FAULTS = {
    "a stopped database": Fault(stopped_database, Item.DATABASE, "POSTGRES_NOT_REACHABLE"),
    "a missing key": Fault(missing_key, Item.KEYS, "MASTER_KEY_MISSING"),
    "a key that others may read": Fault(open_key, Item.KEYS, "KEY_OPEN_TO_OTHERS"),
    "swap on a partition": Fault(swap_on, Item.SWAP, "SWAP_ACTIVE"),
    "a clock that is off": Fault(clock_off, Item.CLOCK, "CLOCK_OFF"),
    "a full disk": Fault(full_disk, Item.DISK, "DISK_FULL"),
    "a silent daemon": Fault(silent_daemon, Item.DAEMON, "DAEMON_NOT_RUNNING"),
    "a stopped schedule": Fault(stopped_schedule, Item.SCHEDULES, "SCHEDULE_STOPPED"),
    "a lost code server": Fault(lost_code_server, Item.SCHEDULES, "SENSOR_SILENT"),
    "no backup for days": Fault(no_backup, Item.BACKUPS, "BACKUP_OVERDUE"),
    "no release for days": Fault(no_release, Item.RELEASE, "RELEASE_OVERDUE"),
    "an overdue entry": Fault(
        # What was signed was another day.
        overdue_entry,
        Item.REGISTER,
        "STUDY_ENTRY_OVERDUE",
        "STUDY_ENTRY_UNAPPROVED",
    ),
    "telemetry on": Fault(telemetry_on, Item.TELEMETRY, "TELEMETRY_ON"),
    "telemetry on where a service has its own": Fault(
        telemetry_on_in_a_folder_of_its_own, Item.TELEMETRY, "TELEMETRY_ON"
    ),
    "a role with too many rights": Fault(role_too_strong, Item.ROLES, "ROLE_RIGHTS_EXCEEDED"),
    "a lock by the portal's login": Fault(lock_of_portal, Item.PORTAL, "PORTAL_LOCKS_HELD"),
    "a revoked key in the portal's settings": Fault(
        revoked_key_in_settings, Item.PORTAL, "PORTAL_SETTINGS_OUTDATED"
    ),
    "another schema version": Fault(another_version, Item.VERSIONS, "DATABASE_NEEDS_MIGRATION"),
    "a stuck export": Fault(stuck_export, Item.INBOX, "EXPORT_STUCK"),
    "a silent connector": Fault(silent_connector, Item.CONNECTORS, "CONNECTOR_SILENT"),
}


def test_a_home_that_is_well(patient: Patient) -> None:
    assert patient.examined() == []


def test_a_service_whose_folder_is_empty_is_well(patient: Patient, tmp_path: Path) -> None:
    """What `tideline serve` writes there counts, and not what lies in the home unread."""
    telemetry_on(patient)
    patient.patch.setenv("DAGSTER_HOME", str(tmp_path / "none"))
    assert patient.examined() == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(patient: Patient, name: str) -> None:
    fault = FAULTS[name]
    fault.plant(patient)
    found = patient.examined()
    assert (fault.item, fault.code) in [(one.item, one.code) for one in found]
    others = [
        one
        for one in found
        if one.item is not fault.item or one.code not in {fault.code, fault.comes_of_it}
    ]
    # What can't be looked at because of it is told under its code, and nothing else is wrong.
    assert {(one.severity, one.code) for one in others} <= {(Severity.NOT_LOOKED_AT, fault.code)}
