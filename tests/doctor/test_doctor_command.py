"""`tideline doctor` as a user has it: forms, exit statuses, and what it does not say or do."""

import io
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus
from dagster_shared.error import SerializableErrorInfo
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from typer.testing import CliRunner

from assets.core.errors import CATALOGUE
from orchestration.cli import app
from orchestration.doctor import manual
from orchestration.doctor.checks import DAEMON_PARTS, SENSORS, SILENT_AFTER
from orchestration.doctor.examination import examine
from orchestration.doctor.finding import Finding, Item, Severity, exit_status
from orchestration.doctor.openmetrics import openmetrics
from orchestration.public import public_definitions
from orchestration.restricted import restricted_definitions
from resources.base.clock import Clock
from resources.base.database.postgres import dagster_url
from resources.base.database.roles import Role
from resources.base.home import Home
from resources.base.keys.long_lived_keys import KEY_FILES
from resources.health.dagster_records import dagster_records
from resources.health.installed import PINS, installed, pinned_versions
from resources.health.secrets_kept import secrets_kept
from resources.maintenance.database_setup import as_owner
from simulation.consents import made_up_terms

WARNING = Finding(Item.CLOCK, Severity.WARNING, "CLOCK_NOT_SYNCHRONISED")
FAULT = Finding(Item.INBOX, Severity.FAULT, "EXPORT_STUCK", {"group": "g-00000001", "files": 2})
UNSEEN = Finding(Item.ROLES, Severity.NOT_LOOKED_AT, "POSTGRES_NOT_REACHABLE")


@pytest.mark.parametrize(
    ("found", "status"),
    [([], 0), ([WARNING], 1), ([UNSEEN], 1), ([WARNING, FAULT], 2), ([FAULT, UNSEEN], 2)],
)
def test_the_exit_status_says_how_bad_it_is(found: list[Finding], status: int) -> None:
    assert exit_status(found) == status


def test_openmetrics_is_read_by_the_librarys_own_parser() -> None:
    text = openmetrics([WARNING, FAULT, FAULT, UNSEEN], 1_796_000_000.0)
    families = {one.name: one for one in text_string_to_metric_families(text)}
    levels = {one.labels["item"]: one.value for one in families["tideline_doctor_item"].samples}
    assert levels.keys() == {item.value for item in Item}
    assert (levels["home"], levels["clock"], levels["roles"], levels["inbox"]) == (0, 1, 1, 2)
    codes = {one.labels["code"]: one.value for one in families["tideline_doctor_findings"].samples}
    assert codes == {"CLOCK_NOT_SYNCHRONISED": 1, "EXPORT_STUCK": 2, "POSTGRES_NOT_REACHABLE": 1}
    assert families["tideline_doctor_status"].samples[0].value == 2
    assert "g-0" not in text


def test_the_manuals_table_is_the_programs() -> None:
    written = manual.MANUAL.read_text("utf-8")
    assert manual.with_table(written) == written
    assert list(manual.LOOKS) == list(Item)
    assert {code for _, own in manual.LOOKS.values() for code in own} <= CATALOGUE.keys()


def test_what_is_installed_is_held_against_pins_and_digests(tmp_path: Path) -> None:
    pins = pinned_versions(PINS)
    assert pins["dagster"] == "1.13.27"
    assert installed().other_models == ()
    other = tmp_path / "constraints.txt"
    other.write_text("# why\ndagster==0.0.1\nnot-there-at-all==1.0\n")
    (tmp_path / "digests.json").write_text('{"a.onnx": {"sha256": "00"}}')
    found = installed(other, tmp_path)
    assert found.other_versions == {"dagster": (pins["dagster"], "0.0.1")}
    assert found.other_models == ("a.onnx",)


@pytest.fixture
def home(session: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    for key, value in session.environment().items():
        monkeypatch.setenv(key, value)
    return session


@pytest.mark.slow
def test_parts_of_the_daemon_and_ticks_are_read_as_dagster_has_them(home: Any) -> None:
    error = SerializableErrorInfo("StepFailed: STEP_BROKEN", [], "StepFailed")
    with dg.DagsterInstance.from_config(str(home.home.dagster)) as instance:
        assert sorted(instance.get_required_daemon_types()) == list(DAEMON_PARTS)
        for name, status in (("hourly_lifetimes", TickStatus.FAILURE), ("one", TickStatus.SKIPPED)):
            instance.create_tick(
                TickData(
                    instigator_origin_id=name,
                    instigator_name=name,
                    instigator_type=InstigatorType.SCHEDULE,
                    status=status,
                    timestamp=Clock().now().timestamp(),
                    selector_id=name,
                    error=error if status is TickStatus.FAILURE else None,
                )
            )
        # Of two looks, and of a sensor that moved, the newest counts.
        for place, ago in (("new", 60), ("new", 30), ("old", 900)):
            instance.create_tick(
                TickData(
                    instigator_origin_id=place,
                    instigator_name="moved",
                    instigator_type=InstigatorType.SENSOR,
                    status=TickStatus.STARTED,
                    timestamp=1_796_000_000.0 - ago,
                    selector_id=place,
                )
            )
    records = dagster_records(dagster_url(home.url))
    assert (records.stopped, records.failing) == ((), ("hourly_lifetimes",))
    assert records.looked == {"moved": datetime.fromtimestamp(1_796_000_000 - 30, UTC)}


def test_the_sensors_that_are_waited_for_are_those_of_both_locations(session: Any) -> None:
    own = [
        one.get_repository_def().sensor_defs
        for one in (
            restricted_definitions(session.home, session.clock),
            public_definitions(session.home, session.clock),
        )
    ]
    sensors = [sensor for each in own for sensor in each]
    assert sorted(one.name for one in sensors) == list(SENSORS)
    longest = max(one.minimum_interval_seconds or 0 for one in sensors)
    assert 2 * longest <= SILENT_AFTER.total_seconds()


@pytest.mark.slow
def test_it_says_no_name_and_changes_nothing(home: Any, dump: Any) -> None:
    today = Clock().today()
    ref = home.register.grant(made_up_terms(today, today), Clock().now())
    stray = Path(home.home.config.inbox) / "Oak House" / "Margaret.txt"
    home.ways_out.inbox.add(ref, io.BytesIO(b"chat"), Clock().now())
    stray.parent.mkdir()
    stray.write_bytes(b"margaret rang")
    before = tree(home.home.root), rows(dump(home.url))
    said = [
        CliRunner().invoke(app, ["doctor", *form]) for form in ([], ["--json"], ["--openmetrics"])
    ]
    assert (tree(home.home.root), rows(dump(home.url))) == before
    assert {one.exit_code for one in said} == {2}
    for one in said:
        assert "DAEMON_NOT_RUNNING" in one.output
        for word in ("oak", "margaret", str(home.home.root), "secrets/"):
            assert word not in one.output.lower()
    told = json.loads(said[1].output)
    assert told["status"] == 2
    assert {one["item"] for one in told["findings"]} <= set(told["items"])
    assert CliRunner().invoke(app, ["doctor", "--json", "--openmetrics"]).exit_code == 2


def rows(dumped: bytes) -> list[bytes]:
    """Without the lines that pg_dump makes up anew each time."""
    return [one for one in dumped.splitlines() if not one.startswith((b"\\restrict", b"\\unrestr"))]


def tree(root: Path) -> dict[str, tuple[int, float]]:
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime) for path in found}


CODE = """
import atexit, sys
sys.argv[0] = "tideline"
atexit.register(lambda: print("dagster" in sys.modules, file=sys.__stderr__))
from orchestration.cli import main
main()
"""


@contextmanager
def nobody(*closed: Path) -> Iterator[None]:
    """As a user who owns nothing; where the tests' user can't become one, these are closed."""
    if os.geteuid() == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        try:
            yield
        finally:
            os.seteuid(0)
        return
    for path in closed:
        path.chmod(0)
    yield
    for path in closed:
        path.chmod(0o700)


@pytest.mark.slow
def test_a_user_without_rights_is_told_so(home: Any) -> None:
    root = home.home.root
    with nobody(root / "home.yaml"):
        found = examine(root)
    assert (found[0].item, found[0].code) == (Item.HOME, "HOME_NOT_READABLE")
    assert {(one.severity, one.code) for one in found[1:]} == {
        (Severity.NOT_LOOKED_AT, "HOME_NOT_READABLE")
    }
    assert [one.item for one in found] == list(Item)
    assert exit_status(found) == 2


@pytest.mark.slow
def test_a_login_of_one_role_is_told_what_it_may_not_look_at(
    home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"restricted_{home.url.database}"
    with as_owner(home.url) as connection:
        connection.execute(sa.text(f"CREATE ROLE {name} LOGIN IN ROLE {Role.RESTRICTED.value}"))
    own = home.url.set(username=name)
    monkeypatch.setenv("TIDELINE_PG_URL", own.render_as_string(hide_password=False))
    found = examine(home.home.root)
    with as_owner(home.url) as connection:
        connection.execute(sa.text(f"DROP ROLE {name}"))
    assert {(one.item, one.severity) for one in found if one.code == "NOT_PERMITTED_TO_LOOK"} == {
        (Item.DAEMON, Severity.NOT_LOOKED_AT),
        (Item.SCHEDULES, Severity.NOT_LOOKED_AT),
    }


@pytest.mark.slow
def test_keys_that_this_user_may_not_read_are_named(home: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        open_root = Path(folder) / "home"
        secrets = Path(folder) / "home-secrets"
        shutil.copytree(home.home.secrets, secrets)
        for path in (Path(folder), secrets):
            path.chmod(0o755)
        elsewhere = Home(open_root, home.home.config)
        with nobody(*secrets.iterdir()):
            kept = secrets_kept(elsewhere, {})
    assert sorted(kept.unreadable) == sorted(KEY_FILES)
    assert kept.codes == {}
    assert "secrets/" in kept.open_to_others


@pytest.mark.slow
def test_it_answers_in_two_seconds_of_the_processor(home: Any) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CODE, "doctor", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said, loaded_dagster = process.stdout.read(), process.stderr.read().split()[-1]
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert json.loads(said)["status"] == process.returncode == 2
    assert loaded_dagster == "False"
    assert used.ru_utime + used.ru_stime < 4  # 1.2 on a quiet machine
