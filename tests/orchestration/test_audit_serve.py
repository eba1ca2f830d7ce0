"""`tideline audit serve` as an auditor starts it: another login, no key, and nothing changes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from assets.core.names import EXTERNAL_ASSETS, PUBLIC_ASSETS, RESTRICTED_ASSETS
from orchestration.audited_instance import audited
from orchestration.restricted import restricted_definitions
from resources.maintenance.database_setup import as_owner

pytestmark = pytest.mark.slow

PATIENCE = 300
"""Seconds until a wait is given up: a ceiling for a busy machine; idle it takes twenty."""

LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "restricted"}
COLLECT = {**LOCATION, "scheduleName": "morning_collect"}
SENSOR = {**LOCATION, "sensorName": "consented_export_sensor"}
MUTATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "launchRun": (
        "mutation($a: ExecutionParams!) {launchRun(executionParams: $a) {__typename}}",
        {"selector": {**LOCATION, "jobName": "lifetimes"}, "mode": "default"},
    ),
    "launchPartitionBackfill": (
        "mutation($a: LaunchBackfillParams!)"
        " {launchPartitionBackfill(backfillParams: $a) {__typename}}",
        {
            "assetSelection": [{"path": ["platform_export"]}],
            "partitionNames": ["2026-09-02|greater_london"],
        },
    ),
    "wipeAssets": (
        "mutation($a: [PartitionsByAssetSelector!]!)"
        " {wipeAssets(assetPartitionRanges: $a) {__typename}}",
        {},
    ),
    "reloadWorkspace": ("mutation {reloadWorkspace {__typename}}", {}),
    "reloadRepositoryLocation": (
        'mutation {reloadRepositoryLocation(repositoryLocationName: "restricted") {__typename}}',
        {},
    ),
    "shutdownRepositoryLocation": (
        'mutation {shutdownRepositoryLocation(repositoryLocationName: "public") {__typename}}',
        {},
    ),
    "startSensor": (
        "mutation($a: SensorSelector!) {startSensor(sensorSelector: $a) {__typename}}",
        SENSOR,
    ),
    "setSensorCursor": (
        "mutation($a: SensorSelector!)"
        ' {setSensorCursor(sensorSelector: $a, cursor: "1") {__typename}}',
        SENSOR,
    ),
    "startSchedule": (
        "mutation($a: ScheduleSelector!) {startSchedule(scheduleSelector: $a) {__typename}}",
        COLLECT,
    ),
    "scheduleDryRun": (
        "mutation($a: ScheduleSelector!)"
        " {scheduleDryRun(selectorData: $a, timestamp: 1790000000) {__typename}}",
        COLLECT,
    ),
    "deletePipelineRun": ('mutation {deletePipelineRun(runId: "RUN") {__typename}}', {}),
    "terminateRun": ('mutation {terminateRun(runId: "0") {__typename}}', {}),
    "reportRunlessAssetEvents": (
        "mutation {reportRunlessAssetEvents(eventParams: {eventType: ASSET_MATERIALIZATION,"
        ' assetKey: {path: ["name_tagger"]}}) {__typename}}',
        {},
    ),
    "setAutoMaterializePaused": ("mutation {setAutoMaterializePaused(paused: true)}", {}),
}
"""By name: the words of the query, and its argument `a`."""


@dataclass(frozen=True)
class Served:
    """The web UI of a home with one run, and what the home and its database held before it."""

    url: str
    process: "subprocess.Popen[bytes]"
    output: Path
    run_id: str
    rows: dict[str, int]

    def ask(self, query: str, **variables: object) -> str:
        """The answer's text, also of one that is refused."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()


def _rows(session: Any) -> dict[str, int]:
    """How many rows each table of the database has."""
    with as_owner(session.url) as connection:
        tables = connection.execute(
            sa.text(
                "SELECT schemaname || '.' || tablename FROM pg_tables"
                " WHERE schemaname IN ('public', 'canary', 'restricted', 'release')"
            )
        ).scalars()
        return {
            one: connection.execute(sa.text(f"SELECT count(*) FROM {one}")).scalar() or 0
            for one in tables
        }


@pytest.fixture
def auditors_login(session: Any) -> Iterator[str]:
    """A login that has the auditor's role and no other."""
    name = f"auditor_{session.url.database}"
    with as_owner(session.url) as connection:
        connection.execute(sa.text(f"CREATE ROLE {name} LOGIN IN ROLE tideline_auditor"))
    yield session.url.set(username=name).render_as_string(hide_password=False)
    with as_owner(session.url) as connection:
        connection.execute(sa.text(f"DROP ROLE {name}"))


@pytest.fixture
def served(session: Any, auditors_login: str, tmp_path: Path) -> Iterator[Served]:
    """The UI, answering; the home's keys are elsewhere, and it gets no login but the auditor's."""
    with session.instance() as instance:
        job = restricted_definitions(session.home, session.clock).resolve_job_def("lifetimes")
        run_id = job.execute_in_process(instance=instance).run_id
    rows = _rows(session)
    session.home.secrets.rename(tmp_path / "away")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TIDELINE_", "DAGSTER_"))
    }
    environment["TIDELINE_HOME"] = str(session.home.root)
    environment["TIDELINE_AUDITOR_PG_URL"] = auditors_login
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [
                *(Path(sys.executable).with_name("tideline"), "audit", "serve"),
                *("--port", str(port)),
            ],
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    ui = Served(f"http://127.0.0.1:{port}", process, output, run_id, rows)
    try:
        _wait_for(lambda: _answers(ui))
        yield ui
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def _answers(ui: Served) -> bool:
    assert ui.process.poll() is None, ui.output.read_text()
    try:
        return "data" in ui.ask("{version}")
    except OSError:
        return False


def _wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.5)


def test_an_auditor_sees_everything_and_changes_nothing(session: Any, served: Served) -> None:
    nodes = json.loads(
        served.ask(
            "{assetNodes {assetKey {path} description kinds opVersion owners {__typename}"
            " tags {key value} assetMaterializations(limit: 1) {runId}"
            " partitionStats {numPartitions}}}"
        )
    )["data"]["assetNodes"]
    seen = {one["assetKey"]["path"][0]: one for one in nodes}
    assert set(seen) == {*EXTERNAL_ASSETS, *RESTRICTED_ASSETS, *PUBLIC_ASSETS}
    for name, node in seen.items():
        assert node["description"], name
        assert node["owners"], name
        assert node["opVersion"], name
        assert "tideline/privacy" in [tag["key"] for tag in node["tags"]], name
    assert seen["scrubbed_vectors"]["partitionStats"]["numPartitions"] > 0
    assert seen["lifetimes_enforced"]["assetMaterializations"] == [{"runId": served.run_id}]

    permissions = json.loads(served.ask("{permissions {permission value}}"))["data"]["permissions"]
    assert {one["permission"] for one in permissions if one["value"]} == set()
    assert len(permissions) > 15
    for name, (query, argument) in MUTATIONS.items():
        wiped: Any = [{"assetKey": {"path": ["lifetimes_enforced"]}}]
        given = wiped if name == "wipeAssets" else argument
        answer = served.ask(query.replace("RUN", served.run_id), **({"a": given} if given else {}))
        assert "UnauthorizedError" in answer, (name, answer)

    assert _rows(session) == served.rows
    assert not session.home.secrets.exists()
    said = served.output.read_text()
    assert "Traceback" not in said
    assert "denied" not in said


WRITES: dict[str, Callable[[dg.DagsterInstance, str], object]] = {
    "wipe": lambda instance, _: instance.wipe_assets([dg.AssetKey("lifetimes_enforced")]),
    "delete": lambda instance, run: instance.delete_run(run),
    "tag": lambda instance, run: instance.add_run_tags(run, {"a": "b"}),
    "a partition": lambda instance, _: instance.add_dynamic_partitions("groups", ["g"]),
    "a cursor": lambda instance, _: instance.daemon_cursor_storage.set_cursor_values({"a": "b"}),
    "an event": lambda instance, _: instance.report_runless_asset_event(
        dg.AssetMaterialization("lifetimes_enforced")
    ),
    "a run": lambda instance, _: instance.create_run_for_job(
        dg.Definitions(assets=[_nothing], jobs=[dg.define_asset_job("nothing")]).resolve_job_def(
            "nothing"
        )
    ),
}


@dg.asset
def _nothing() -> None: ...


def test_the_database_itself_refuses_an_auditor_every_write(session: Any, tmp_path: Path) -> None:
    """Whatever the UI would let through; the home's own login drops to the role."""
    with session.instance() as instance:
        job = restricted_definitions(session.home, session.clock).resolve_job_def("lifetimes")
        run_id = job.execute_in_process(instance=instance).run_id
    rows = _rows(session)
    folder = tmp_path / "own"
    folder.mkdir()
    with audited(session.home, session.url, folder) as instance:
        assert instance.get_run_by_id(run_id) is not None
        for name, write in WRITES.items():
            with pytest.raises(DBAPIError, match=r"read-only transaction|permission denied"):
                write(instance, run_id)
            assert _rows(session) == rows, name
