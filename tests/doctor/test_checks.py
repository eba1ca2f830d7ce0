"""What each check calls a fault, a warning or well, at its edges, without a machine that is ill."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core.modes import Mode
from orchestration.doctor import checks, record_checks
from orchestration.doctor.checks import DAEMON_PARTS, SENSORS, SILENT_AFTER
from orchestration.doctor.finding import Finding, Severity
from resources.base.database.rights_held import Excess
from resources.base.home import HomeConfig
from resources.health.connectors import ConnectorState
from resources.health.dagster_records import DagsterRecords
from resources.health.database_state import DatabaseState
from resources.health.home_records import Lying, RegionReleases, ReleaseRecords
from resources.health.installed import Installed
from resources.health.machine import Room, clock_is_kept
from resources.health.secrets_kept import SecretsKept
from resources.stores.study.standing import Finding as OfRegister

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
TODAY = NOW.date()
ONE = timedelta(days=1)
MB = 1 << 20
W, F = Severity.WARNING, Severity.FAULT


def config(mode: Mode = Mode.STUDY, **more: Any) -> HomeConfig:
    given_: dict[str, Any] = {
        "home_id": "0" * 32,
        "mode": mode,
        "first_day": date(2026, 9, 1),
        "inbox": "/inbox",
        "inbox_recipient": "age1x",
        "regions": {"greater_london": "Greater London"},
    }
    return HomeConfig.model_validate(given_ | more)


def told(found: Any) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in found]


@pytest.mark.parametrize(
    ("mode", "may_keep", "attested", "expected"),
    [
        (Mode.STUDY, True, None, [("SWAP_ACTIVE", F)]),
        (Mode.DISCOVERY, True, None, [("SWAP_ACTIVE", F)]),
        (Mode.SYNTHETIC, True, None, [("SWAP_ACTIVE", W)]),
        (Mode.STUDY, True, "encrypted", []),
        (Mode.STUDY, False, None, []),
    ],
)
def test_swap(mode: Mode, may_keep: bool, attested: Any, expected: Any) -> None:
    found = checks.check_swap(config(mode, swap=attested), may_keep_text=may_keep)
    assert told(found) == expected


@pytest.mark.parametrize(
    ("ahead", "newest", "is_kept", "expected"),
    [
        (0, None, True, []),
        (0, None, None, []),
        (0, None, False, [("CLOCK_NOT_SYNCHRONISED", W)]),
        (29, None, True, []),
        (31, None, True, [("CLOCK_OFF", F)]),
        (-31, None, True, [("CLOCK_OFF", F)]),
        (0, 60, True, [("CLOCK_OFF", F)]),
        (0, -60, True, []),
    ],
)
def test_clock(ahead: int, newest: int | None, is_kept: Any, expected: Any) -> None:
    recorded = None if newest is None else NOW + timedelta(seconds=newest)
    state = DatabaseState(timedelta(seconds=ahead), None, newest_record=recorded)
    assert told(checks.check_clock(NOW, state=state, is_kept=is_kept)) == expected
    assert clock_is_kept() in {True, False, None}


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (Room(3000 * MB, 10**6, is_writable=True), []),
        (Room(3000 * MB, None, is_writable=True), []),
        (Room(2000 * MB, 10**6, is_writable=True), [("DISK_NEARLY_FULL", W)]),
        (Room(3000 * MB, 10_000, is_writable=True), [("DISK_NEARLY_FULL", W)]),
        (Room(255 * MB, 10**6, is_writable=True), [("DISK_FULL", F)]),
        (Room(3000 * MB, 10, is_writable=True), [("DISK_FULL", F)]),
        (Room(3000 * MB, 10**6, is_writable=False), [("DISK_NOT_WRITABLE", F)]),
    ],
)
def test_disk(room: Room, expected: Any) -> None:
    assert told(checks.check_disk({"home": room})) == expected


@given(ages=st.lists(st.one_of(st.none(), st.integers(0, 3600)), min_size=8, max_size=8))
def test_the_daemon_is_well_if_every_part_gave_a_sign_lately(ages: list[int | None]) -> None:
    beats = {
        part: NOW - timedelta(seconds=age)
        for part, age in zip(DAEMON_PARTS, ages, strict=True)
        if age is not None
    }
    silent = [age for age in ages if age is None or age > SILENT_AFTER.total_seconds()]
    found = list(checks.check_daemon(DagsterRecords(beats, (), ()), NOW))
    assert [one.facts["parts"] for one in found] == ([len(silent)] if silent else [])


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("beat", "looked", "stopped", "expected"),
    [
        (MINUTE, MINUTE, (), []),
        (MINUTE, SILENT_AFTER, (), []),
        (MINUTE, 11 * MINUTE, (), [("SENSOR_SILENT", F)]),
        (MINUTE, None, (), [("SENSOR_SILENT", F)]),
        # Who switched it off is told that alone, and of a daemon that is gone that alone is told.
        (MINUTE, 11 * MINUTE, SENSORS[:1], [("SCHEDULE_STOPPED", F)]),
        (11 * MINUTE, 11 * MINUTE, (), []),
        (None, None, (), []),
    ],
)
def test_a_sensor_that_nobody_asks(beat: Any, looked: Any, stopped: Any, expected: Any) -> None:
    ages = {**dict.fromkeys(SENSORS, MINUTE), SENSORS[0]: looked}
    records = DagsterRecords(
        {} if beat is None else {"SENSOR": NOW - beat},
        stopped,
        (),
        {name: NOW - age for name, age in ages.items() if age is not None},
    )
    found = list(checks.check_schedules(records, NOW))
    assert told(found) == expected
    assert {one.facts["name"] for one in found} <= {SENSORS[0]}


@pytest.mark.parametrize(
    ("newest", "has_groups", "mode", "expected"),
    [
        (None, False, Mode.STUDY, []),
        (None, True, Mode.STUDY, [("BACKUP_OVERDUE", F)]),
        (NOW - 2 * ONE, True, Mode.STUDY, []),
        (NOW - 2 * ONE - timedelta(minutes=1), True, Mode.STUDY, [("BACKUP_OVERDUE", F)]),
        (NOW - 3 * ONE, True, Mode.SYNTHETIC, [("BACKUP_OVERDUE", W)]),
    ],
)
def test_backups(newest: Any, has_groups: bool, mode: Mode, expected: Any) -> None:
    found = record_checks.check_backups(newest, NOW, config(mode), has_groups=has_groups)
    assert told(found) == expected


# Days close three after they are over; 12 October may close today, 10 October two mornings ago.
@pytest.mark.parametrize(
    ("mode", "consented", "closed_until", "closed_at", "published_at", "days"),
    [
        (Mode.STUDY, None, None, None, None, []),
        (Mode.STUDY, TODAY - 4 * ONE, None, None, None, []),
        (Mode.STUDY, TODAY - 5 * ONE, None, None, None, [1]),
        (Mode.DISCOVERY, TODAY - 9 * ONE, None, None, None, []),
        (Mode.STUDY, TODAY - 30 * ONE, TODAY - 5 * ONE, NOW, NOW, []),
        (Mode.STUDY, TODAY - 30 * ONE, TODAY - 8 * ONE, NOW, NOW, [3]),
        (Mode.STUDY, TODAY - 30 * ONE, TODAY - 4 * ONE, NOW - 2 * ONE, None, [None]),
        (Mode.STUDY, TODAY - 30 * ONE, TODAY - 4 * ONE, NOW - ONE, NOW - 2 * ONE, []),
        (Mode.STUDY, TODAY - 30 * ONE, TODAY - 4 * ONE, NOW - 2 * ONE, NOW - ONE, []),
    ],
)
def test_release(
    mode: Mode, consented: Any, closed_until: Any, closed_at: Any, published_at: Any, days: Any
) -> None:
    regions = {"greater_london": RegionReleases(consented, closed_until)}
    records = ReleaseRecords(regions, closed_at, published_at)
    found = list(record_checks.check_release(records, config(mode), TODAY, NOW))
    assert [one.facts.get("days") for one in found] == days


@pytest.mark.parametrize(
    ("lying", "expected"),
    [
        (Lying("g-00000001", NOW - 35 * ONE / 24, is_waited_for=True), []),
        (Lying("g-00000001", NOW - 37 * ONE / 24, is_waited_for=True), [("EXPORT_STUCK", F)]),
        (Lying("g-00000001", NOW - 2 * ONE, is_waited_for=False), []),
        (Lying(None, NOW - 14 * ONE - ONE / 12, is_waited_for=False), []),
        (Lying(None, NOW - 15 * ONE, is_waited_for=False), [("LIFETIME_NOT_ENFORCED", F)]),
    ],
)
def test_inbox(lying: Lying, expected: Any) -> None:
    assert told(record_checks.check_inbox([lying], 14 * ONE, NOW)) == expected


def test_what_else_is_told_and_how_much_of_it() -> None:
    stopping = [OfRegister("dpia", "STUDY_ENTRY_DRAFT"), OfRegister("contact", "STUDY_ENTRY_DRAFT")]
    found: list[Finding] = [
        *record_checks.check_register(stopping, {"ethics": TODAY}),
        *checks.check_keys(
            SecretsKept({"master.key": "MASTER_KEY_INVALID"}, ("member.key",), (), ("master.key",)),
            NOW - 366 * ONE,
            NOW,
        ),
        *checks.check_keys(SecretsKept({}, (), ()), NOW - 365 * ONE, NOW),
        *checks.check_telemetry(is_off=True),
        *checks.check_roles([Excess("tideline_public", "SELECT", f"a.{n}") for n in range(9)]),
        *checks.check_versions(
            Installed(("typer",), {"rich": ("1", "2")}, ("a.onnx",)), of_database=None
        ),
        *record_checks.check_connectors(
            [
                ConnectorState("matrix", "", "INBOX_NOT_REACHABLE"),
                ConnectorState("matrix", "g-00000001", "EXPORT_GONE"),
            ]
        ),
    ]
    assert told(found) == [
        ("STUDY_ENTRY_DRAFT", F),
        ("STUDY_ENTRY_DRAFT", F),
        ("STUDY_REVIEW_DUE", W),
        ("MASTER_KEY_INVALID", F),
        ("KEY_NOT_READABLE", F),
        ("KEY_ROTATION_UNFINISHED", W),
        ("KEY_OLD", W),
        ("ROLE_RIGHTS_EXCEEDED", F),
        ("MODEL_FILE_CHANGED", F),
        ("PACKAGE_MISSING", F),
        ("PACKAGE_OF_ANOTHER_VERSION", W),
        ("INBOX_NOT_REACHABLE", F),
        ("EXPORT_GONE", W),
    ]
    (roles,) = (one for one in found if one.code == "ROLE_RIGHTS_EXCEEDED")
    assert roles.facts["rights"] == 9
    assert str(roles.facts["first"]).count("SELECT") == checks.NAMED
    with pytest.raises(KeyError):
        Finding(found[0].item, F, "NOT_A_CODE")
