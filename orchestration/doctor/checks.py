"""One check for each item that tells of the machine and the program: facts in, findings out."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from assets.core.modes import Mode
from orchestration.doctor.finding import Finding, Item, Severity
from resources.base.database.rights_held import Excess
from resources.base.home import HomeConfig
from resources.base.keys.long_lived_keys import LongLived
from resources.health.dagster_records import DagsterRecords
from resources.health.database_state import DatabaseState
from resources.health.installed import Installed
from resources.health.machine import Room
from resources.health.portal_locks import HELD_SECONDS
from resources.health.secrets_kept import SecretsKept

FULL_BYTES, NEARLY_FULL_BYTES = 256 << 20, 2 << 30
"""A collect run writes tens of megabytes, a release 3; PostgreSQL stops where nothing is left."""
FULL_FILES, NEARLY_FULL_FILES = 1_000, 20_000
CLOCK_DIFFERS = timedelta(seconds=30)
"""More than a slow network and a loaded server make of it."""
SILENT_AFTER = timedelta(minutes=10)
"""Dagster's daemon gives a sign of life every 30 seconds, between looks that may take minutes."""
DAEMON_PARTS = (
    "ASSET",
    "BACKFILL",
    "EVENT_LOG_CONSUMER",
    "FRESHNESS_DAEMON",
    "MONITORING",
    "QUEUED_RUN_COORDINATOR",
    "SCHEDULER",
    "SENSOR",
)
"""What Dagster requires of the instance that `dagster.yaml` describes; a test asks it."""
SENSORS = (
    "consented_export_sensor",
    "failed_runs_sensor",
    "overdue_assets_sensor",
    "published_values_sensor",
)
"""Of both locations, each of which looks every five minutes or more often; a test asks them."""
KEY_IS_OLD = timedelta(days=365)
NAMED = 5
"""How many of many alike are told by name."""


def check_database(state: DatabaseState) -> Iterator[Finding]:
    """Whose it is. That it answers, or why not, was found before."""
    if state.of_home is not None:
        yield Finding(Item.DATABASE, Severity.FAULT, state.of_home)


def check_keys(
    kept: SecretsKept, master_since: datetime | None, now: datetime
) -> Iterator[Finding]:
    """Each key is there, is this home's, is closed to others, and not too old.

    Args:
        kept: the keys.
        master_since: since when the master key has been the same (aware); None if not known.
        now: aware.
    """
    for name, code in kept.codes.items():
        yield Finding(Item.KEYS, Severity.FAULT, code, {"key": name})
    for name in kept.unreadable:
        yield Finding(Item.KEYS, Severity.FAULT, "KEY_NOT_READABLE", {"key": name})
    for name in kept.open_to_others:
        yield Finding(Item.KEYS, Severity.FAULT, "KEY_OPEN_TO_OTHERS", {"key": name})
    for name in kept.rotating:
        yield Finding(Item.KEYS, Severity.WARNING, "KEY_ROTATION_UNFINISHED", {"key": name})
    if master_since is not None and now - master_since > KEY_IS_OLD:
        facts = {"key": LongLived.MASTER.value.file, "days": (now - master_since).days}
        yield Finding(Item.KEYS, Severity.WARNING, "KEY_OLD", facts)


def check_swap(config: HomeConfig, *, may_keep_text: bool) -> Iterator[Finding]:
    """A fault where messages are real; a warning where all is made up."""
    if may_keep_text and config.swap != "encrypted":
        made_up = config.mode is Mode.SYNTHETIC
        yield Finding(Item.SWAP, Severity.WARNING if made_up else Severity.FAULT, "SWAP_ACTIVE")


def check_clock(
    now: datetime, *, state: DatabaseState | None, is_kept: bool | None
) -> Iterator[Finding]:
    """Ours against the database's, and against what was recorded last.

    Args:
        now: ours (aware).
        state: of the database; None where it does not answer.
        is_kept: whether something keeps it right; None where that can't be asked.
    """
    ahead = state.ahead if state is not None else timedelta()
    newest = state.newest_record if state is not None else None
    if abs(ahead) > CLOCK_DIFFERS:
        facts = {"seconds": round(ahead.total_seconds())}
        yield Finding(Item.CLOCK, Severity.FAULT, "CLOCK_OFF", facts)
    elif newest is not None and newest - now > CLOCK_DIFFERS:
        facts = {"recorded_ahead_seconds": round((newest - now).total_seconds())}
        yield Finding(Item.CLOCK, Severity.FAULT, "CLOCK_OFF", facts)
    elif is_kept is False:
        yield Finding(Item.CLOCK, Severity.WARNING, "CLOCK_NOT_SYNCHRONISED")


def check_disk(rooms: Mapping[str, Room]) -> Iterator[Finding]:
    """Room and files on each file system that the home writes to."""
    for place, room in rooms.items():
        files = NEARLY_FULL_FILES if room.free_files is None else room.free_files
        facts = {"place": place, "free_megabytes": room.free_bytes >> 20}
        if not room.is_writable:
            yield Finding(Item.DISK, Severity.FAULT, "DISK_NOT_WRITABLE", {"place": place})
        elif room.free_bytes < FULL_BYTES or files < FULL_FILES:
            yield Finding(Item.DISK, Severity.FAULT, "DISK_FULL", facts)
        elif room.free_bytes < NEARLY_FULL_BYTES or files < NEARLY_FULL_FILES:
            yield Finding(Item.DISK, Severity.WARNING, "DISK_NEARLY_FULL", facts)


def check_daemon(records: DagsterRecords, now: datetime) -> Iterator[Finding]:
    """Every part of it gave a sign of life lately."""
    silent = [
        part
        for part in DAEMON_PARTS
        if part not in records.heartbeats or now - records.heartbeats[part] > SILENT_AFTER
    ]
    if silent:
        facts = {"parts": len(silent), "of": len(DAEMON_PARTS)}
        if len(silent) < len(DAEMON_PARTS):
            facts |= {"silent": " ".join(one.lower() for one in silent)}
        yield Finding(Item.DAEMON, Severity.FAULT, "DAEMON_NOT_RUNNING", facts)


def check_schedules(records: DagsterRecords, now: datetime) -> Iterator[Finding]:
    """None was switched off, none failed when it last looked, and each sensor looked lately.

    A daemon that has lost a code server goes on giving signs of life, and asks its sensors nothing.
    Of a daemon that gives none that is told, and nothing here.
    """
    for name in records.stopped:
        yield Finding(Item.SCHEDULES, Severity.FAULT, "SCHEDULE_STOPPED", {"name": name})
    for name in records.failing:
        yield Finding(Item.SCHEDULES, Severity.WARNING, "SCHEDULE_FAILING", {"name": name})
    beat = records.heartbeats.get("SENSOR")
    if beat is None or now - beat > SILENT_AFTER:
        return
    for name in SENSORS:
        looked = records.looked.get(name)
        is_silent = looked is None or now - looked > SILENT_AFTER
        if is_silent and name not in records.stopped:
            yield Finding(Item.SCHEDULES, Severity.FAULT, "SENSOR_SILENT", {"name": name})


def check_telemetry(*, is_off: bool) -> Iterator[Finding]:
    """Nothing is reported home."""
    if not is_off:
        yield Finding(Item.TELEMETRY, Severity.FAULT, "TELEMETRY_ON")


def check_roles(excess: list[Excess]) -> Iterator[Finding]:
    """Every role may do its own only."""
    by_role: dict[str, list[Excess]] = {}
    for one in excess:
        by_role.setdefault(one.role, []).append(one)
    for role, found in by_role.items():
        told = ", ".join(f"{one.right} {one.table}".strip() for one in found[:NAMED])
        facts = {"role": role, "rights": len(found), "first": told}
        yield Finding(Item.ROLES, Severity.FAULT, "ROLE_RIGHTS_EXCEEDED", facts)


def check_portal(*, holding: int, settings_outdated: bool) -> Iterator[Finding]:
    """Nobody holds locks by its login, and its settings name no key that was revoked.

    Args:
        holding: sessions of its login that held a lock all the while that was looked.
        settings_outdated: whether the home's copy of its settings names such a key.
    """
    if holding:
        facts = {"sessions": holding, "seconds_at_least": HELD_SECONDS}
        yield Finding(Item.PORTAL, Severity.FAULT, "PORTAL_LOCKS_HELD", facts)
    if settings_outdated:
        yield Finding(Item.PORTAL, Severity.FAULT, "PORTAL_SETTINGS_OUTDATED")


def check_versions(found: Installed, *, of_database: str | None) -> Iterator[Finding]:
    """Of the database, of packages and of models.

    Args:
        found: what is installed.
        of_database: code of what is wrong with the database's version.
    """
    if of_database is not None:
        yield Finding(Item.VERSIONS, Severity.FAULT, of_database)
    for name in found.other_models:
        yield Finding(Item.VERSIONS, Severity.FAULT, "MODEL_FILE_CHANGED", {"model": name})
    for name in found.missing:
        yield Finding(Item.VERSIONS, Severity.FAULT, "PACKAGE_MISSING", {"package": name})
    others = list(found.other_versions.items())
    for name, (installed, pinned) in others[:NAMED]:
        facts = {"package": name, "installed": installed, "pinned": pinned, "of": len(others)}
        yield Finding(Item.VERSIONS, Severity.WARNING, "PACKAGE_OF_ANOTHER_VERSION", facts)
