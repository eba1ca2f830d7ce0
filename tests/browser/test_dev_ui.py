import json
import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from dev_ui import COMMANDS, dev_ui, left_of, text_of, wait_for

from assets.governance.errors import CATALOGUE
from orchestration.names import PUBLIC_ASSETS, RESTRICTED_ASSETS
from resources.clock import Clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("backfill")]

CODE = "EXPORT_ZIP_DAMAGED"
DAYS = 3
ENDED = {"SUCCESS", "FAILURE"}


@pytest.fixture(scope="module")
def dev(driver, tmp_path_factory):
    """The UI, answering, and gone when the module is over."""
    with dev_ui(tmp_path_factory.mktemp("dev"), days=DAYS, damaged_in="greater_london") as ui:
        yield ui


@pytest.fixture(scope="module")
def backfill(dev):
    """Identifier of a backfill over all days and both regions, launched as the UI launches one."""
    today = Clock().today()
    partitions = [
        f"{today - timedelta(days=n)}|{region}"
        for n in range(1, DAYS + 1)
        for region in ("greater_london", "east_of_england")
    ]
    return dev.ask(
        """mutation($params: LaunchBackfillParams!) {
            launchPartitionBackfill(backfillParams: $params) {
                ... on LaunchBackfillSuccess {backfillId}}}""",
        params={"assetSelection": [{"path": ["platform_export"]}], "partitionNames": partitions},
    )["launchPartitionBackfill"]["backfillId"]


def test_one_graph_shows_the_assets_of_both_locations(driver, dev):
    driver.get_log("performance")
    groups = ",".join(f"global@global:{name}" for name in ("restricted", "release", "public"))
    text_of(
        driver,
        f"{dev.url}/asset-groups?expanded={groups}",
        holds=(*RESTRICTED_ASSETS, *PUBLIC_ASSETS),
    )
    assert '"telemetryEnabled": false' in driver.page_source
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    requested = {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    ours = (dev.url, "data:", "blob:", "chrome:")
    assert [url for url in requested if not url.startswith(ours)] == []


def test_the_sensor_runs_and_the_damaged_file_is_named(driver, dev):
    def the_sensors_run():
        return [run for run in dev.runs() if run["jobName"] == "collect" and run["status"] in ENDED]

    (run,) = wait_for(the_sensors_run, seconds=90)
    assert run["status"] == "FAILURE"
    evaluations = [one["evaluation"] for one in run["eventConnection"]["events"] if one]
    every_export_read = next(one for one in evaluations if one["checkName"] == "every_export_read")
    assert not every_export_read["success"]
    entries = {one["label"]: one.get("text") for one in every_export_read["metadataEntries"]}
    assert entries == {"refused": None, dev.damaged: CODE}
    text_of(driver, f"{dev.url}/runs/{run['runId']}", holds=("Failure", "GROUPS_REFUSED"))
    text_of(
        driver,
        f"{dev.url}/assets/platform_export?view=checks",
        holds=("tideline status", dev.damaged, CODE),
    )


def test_a_backfill_of_days_and_regions_fails_only_where_the_file_is(driver, dev, backfill):
    last = Clock().today() - timedelta(days=1)
    wanted = {f"{last}|greater_london": "FAILURE", f"{last}|east_of_england": "SUCCESS"}

    def the_backfills_runs():
        found = {}
        for run in dev.runs():
            tags = {tag["key"]: tag["value"] for tag in run["tags"]}
            if tags.get("dagster/backfill") == backfill and run["status"] in ENDED:
                found[tags["dagster/asset_partition_range_end"]] = run["status"]
        return found if len(found) == len(wanted) else None

    assert wait_for(the_backfills_runs, seconds=120) == wanted
    done = [
        one["partition"]
        for run in dev.runs()
        if {"key": "dagster/backfill", "value": backfill} in run["tags"]
        for one in run["assetMaterializations"]
    ]
    assert sorted(done) == sorted(
        f"{last - timedelta(days=n)}|{region}"
        for n in range(DAYS)
        for region in ("greater_london", "east_of_england")
    )
    text_of(
        driver,
        f"{dev.url}/assets/platform_export?view=partitions&partition={last}%7Cgreater_london",
        holds=("exports_refused", dev.damaged, CODE),
    )


def test_status_says_what_to_do(dev):
    said = subprocess.run(
        [COMMANDS / "tideline", "status"],
        env=dev.environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    (line,) = (line for line in said.splitlines() if dev.damaged in line)
    assert CODE in line
    assert CATALOGUE[CODE].next_step in line


# The last, for it ends what the others look at.
def test_ctrl_c_ends_every_process_and_the_database(dev):
    database = int((dev.home / "postgres" / "postmaster.pid").read_text().split()[0])
    assert left_of(dev.process.pid)
    assert Path(f"/proc/{database}").exists()
    os.killpg(dev.process.pid, signal.SIGINT)
    dev.process.wait(timeout=60)

    def nothing_is_left():
        return not left_of(dev.process.pid) and not Path(f"/proc/{database}").exists()

    wait_for(nothing_is_left, seconds=20)
