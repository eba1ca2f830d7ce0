import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from dev_ui import COMMANDS, PATIENCE, dev_ui, left_of, stopped, text_of, visible_text, wait_for
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from taken_messages import webhook
from traced_place import (
    CAN_TRACE,
    NO_STRACE,
    foreign,
    is_between_dagsters,
    left_behind,
    traced_place,
)

from assets.core.errors import CATALOGUE, code_and_remedy
from assets.core.names import EXTERNAL_ASSETS, PUBLIC_ASSETS, RESTRICTED_ASSETS
from resources.base.clock import Clock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.usefixtures("leaves_the_page"),
]

CODE = "EXPORT_ZIP_DAMAGED"
REMEDY = code_and_remedy(CODE)
RED_STEP = "platform_export_every_export_read"
DAYS = 3

# What the database itself holds of a region-day, counted apart from the program.
COUNT = """
import json, sys
from datetime import date
from pathlib import Path
import sqlalchemy as sa
from orchestration.cli.session import open_session

session = open_session(Path(sys.argv[1]))
day = date.fromisoformat(sys.argv[2])
given = {"day": day, "region": "greater_london"}
of_day = "where region = :region and day = :day"
counts = {
    "scrubbed_vectors": {
        "group_days": f"select count(*) from restricted.vectors {of_day}",
    },
    "group_scores": {
        "group_days_settled": f"select count(*) from restricted.group_days {of_day}",
    },
}
with session.database.transaction() as connection:
    print(json.dumps({
        asset: {label: int(connection.execute(sa.text(query), given).scalar_one())
                for label, query in own.items()}
        for asset, own in counts.items()
    }))
"""


@pytest.fixture(scope="module")
def alerted():
    """What an engineer is sent, and nothing else."""
    with webhook() as server:
        yield server


@pytest.fixture(scope="module")
def place():
    """Where the home lies; None where nothing can be traced."""
    with traced_place() if CAN_TRACE else nullcontext() as made:
        yield made


@pytest.fixture(scope="module")
def dev(driver, alerted, place, tmp_path_factory):
    """The UI, answering, and gone when the module is over."""
    with dev_ui(
        tmp_path_factory.mktemp("dev"),
        days=DAYS,
        damaged_in="greater_london",
        webhook=f"http://127.0.0.1:{alerted.server_port}/",
        forks_runs=True,
        place=place,
    ) as ui:
        yield ui


def click(driver, label, *, last=False):
    """Click on what shows exactly this text, once it is there."""

    def clicked(chrome):
        found = chrome.find_elements(By.XPATH, f"//*[normalize-space(text())='{label}']")
        shown = [one for one in found if one.is_displayed()]
        if not shown:
            return False
        shown[-1 if last else 0].click()
        return True

    WebDriverWait(
        driver,
        PATIENCE,
        ignored_exceptions=(StaleElementReferenceException, ElementClickInterceptedException),
    ).until(clicked, label)


def test_one_graph_shows_the_assets_of_both_locations(driver, dev):
    driver.get_log("performance")
    names = ("registers", "restricted", "release", "public")
    groups = ",".join(f"global@global:{name}" for name in names)
    text_of(
        driver,
        f"{dev.url}/asset-groups?expanded={groups}",
        holds=(*EXTERNAL_ASSETS, *RESTRICTED_ASSETS, *PUBLIC_ASSETS),
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
        return [run["runId"] for run in dev.ended() if run["jobName"] == "collect"]

    over = wait_for(the_sensors_run)
    (run,) = (run for run in dev.runs() if run["runId"] in over)
    assert run["status"] == "FAILURE"
    evaluations = [one["evaluation"] for one in run["eventConnection"]["events"] if one]
    every_export_read = next(one for one in evaluations if one["checkName"] == "every_export_read")
    assert not every_export_read["success"]
    entries = {one["label"]: one.get("text") for one in every_export_read["metadataEntries"]}
    assert entries == {"refused": None, dev.damaged: REMEDY}
    text_of(
        driver,
        f"{dev.url}/assets/platform_export?view=checks",
        holds=(dev.damaged, REMEDY),
    )
    # From the front page: the runs, the red run, its red step.
    driver.get(dev.url)
    for seen in ("Runs", run["runId"][:8], RED_STEP):
        click(driver, seen)
    told = (dev.damaged, REMEDY)
    visible_text(driver, holds=("Errored (1)", "STEP_FAILURE", "GROUPS_REFUSED", *told))


def test_every_passing_check_reads_passed_everywhere(driver, dev):
    today = Clock().today()
    days = sorted(str(today - timedelta(days=n)) for n in range(1, DAYS + 1))
    tideline = [COMMANDS / "tideline", "run", "--from", days[0], "--to", days[-1]]
    subprocess.run(
        tideline, env=dev.environment, capture_output=True, check=False, timeout=PATIENCE
    )
    checks = dev.ask(
        """{assetNodes {assetKey {path} assetChecksOrError {... on AssetChecks {checks {
            name executionForLatestMaterialization {status evaluation {partition}}
            partitionStatuses {... on AssetCheckMultiPartitionStatuses {ranges {
                secondaryDim {... on AssetCheckDefaultPartitionStatuses {
                    succeededPartitions failedPartitions inProgressPartitions
                    skippedPartitions executionFailedPartitions}}}}}}}}}}"""
    )["assetNodes"]
    passing = {}
    for node in checks:
        for check in node["assetChecksOrError"]["checks"]:
            newest = check["executionForLatestMaterialization"]
            if check["partitionStatuses"] is None:
                # Of the page as a whole.
                assert check["name"] == "release_as_listed"
                assert newest["status"] == "SUCCEEDED"
                continue
            kinds = {
                kind
                for one in check["partitionStatuses"]["ranges"]
                for kind, keys in one["secondaryDim"].items()
                if keys
            }
            name = (node["assetKey"]["path"][0], check["name"])
            assert newest["evaluation"]["partition"], name
            if name == ("platform_export", "every_export_read"):
                assert kinds == {"failedPartitions", "succeededPartitions"}
                continue
            assert (newest["status"], kinds) == ("SUCCEEDED", {"succeededPartitions"}), name
            passing.setdefault(name[0], []).append(name[1])
    assert {"scrubbed_vectors", "group_scores", "regional_aggregates"} <= passing.keys()
    graph = ",".join(f"global@global:{name}" for name in ("restricted", "release", "public"))
    counts = [f"{len(own)} / {len(own)} Passed" for own in passing.values()]
    # One of each location: Dagster draws all in the same way.
    own_of = [sorted(passing.keys() & set(one)) for one in (RESTRICTED_ASSETS, PUBLIC_ASSETS)]
    opened = {names[0] for names in own_of if names}
    text_of(driver, f"{dev.url}/asset-groups?expanded={graph}", holds=(*counts, "/ 1 Passed"))
    for asset in sorted(opened):
        own = passing[asset]
        listed = text_of(
            driver,
            f"{dev.url}/assets/{asset}?view=checks",
            holds=own,
            once=lambda text, own=own: text.count("Succeeded") == len(own),
        )
        assert not {"Skipped", "Failed", "Execution failed"} & set(listed.splitlines()), asset
        detail = f"{dev.url}/assets/{asset}?view=checks&checkDetail={own[-1]}"
        text_of(driver, detail, holds=("Evaluation result", "Passed", "Partition"))
        # The check's own page of partitions.
        click(driver, "Partitions", last=True)
        visible_text(
            driver,
            holds=("Failed (0)", "Execution Failed (0)", "Skipped (0)"),
            once=lambda text: "Passed (0)" not in text,
        )


def test_a_days_metadata_are_the_databases(driver, dev):
    day = Clock().today() - timedelta(days=1)
    counted = subprocess.run(
        [sys.executable, "-c", COUNT, dev.home, str(day)],
        env=dev.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    ).stdout
    expected = json.loads(counted)
    assert expected["scrubbed_vectors"]["group_days"] == 1
    for asset, figures in expected.items():
        page = f"{dev.url}/assets/{asset}?view=partitions&partition={day}%7Cgreater_london"
        lines = text_of(driver, page, holds=figures).splitlines()
        for label, number in figures.items():
            at = [n for n, line in enumerate(lines) if line.split()[:1] == [label]]
            assert at, label
            told = [*lines[at[-1]].split()[1:], *lines[at[-1] + 1].split()][0]
            assert told == str(number), (asset, label)


def test_status_says_what_to_do(dev):
    said = subprocess.run(
        [COMMANDS / "tideline", "status"],
        env=dev.environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    ).stdout
    (line,) = (line for line in said.splitlines() if dev.damaged in line)
    assert CODE in line
    assert CATALOGUE[CODE].next_step in line


def test_an_alert_leads_to_group_code_and_next_step_without_a_click(driver, dev, alerted):
    def it_came():
        return list(alerted.posted)

    alert = wait_for(it_came)[0]
    assert (alert["code"], alert["next_step"]) == (CODE, CATALOGUE[CODE].next_step)
    (fact,) = alert["facts"]
    assert fact.keys() == {"group", "look_at"}
    assert fact["group"] == dev.damaged
    text_of(driver, dev.url + fact["look_at"], holds=(dev.damaged, REMEDY, "STEP_FAILURE"))
    # Told once, though every run since has found it again.
    assert [one["code"] for one in alerted.posted].count(CODE) == 1


# It ends what the others look at.
def test_ctrl_c_ends_every_process_and_the_database(dev):
    database = int((dev.home / "postgres" / "postmaster.pid").read_text().split()[0])
    assert left_of(dev.process.pid)
    assert Path(f"/proc/{database}").exists()
    os.killpg(dev.process.pid, signal.SIGINT)
    dev.process.wait(timeout=PATIENCE)

    def nothing_is_left():
        return not left_of(dev.process.pid) and not Path(f"/proc/{database}").exists()

    wait_for(nothing_is_left)


# The last: what a process did is told whole once it has ended.
@pytest.mark.skipif(not CAN_TRACE, reason=NO_STRACE)
def test_nothing_reports_home_from_dagsters_own_processes(place, dev):
    """Web UI, daemon, code servers, and the runs that the sensors asked for."""
    if dev.process.poll() is None:
        # On its own, without the tests above.
        wait_for(dev.ended)
        stopped(dev.process)
    acts = place.acts("dev")
    assert any(act.kind == "connects" and act.target.startswith(str(place.home)) for act in acts)
    assert any(act.target.startswith(str(place.home / "vectors")) for act in acts)
    assert not {act for act in foreign(acts, place) if not is_between_dagsters(act)}
    assert left_behind(place) == set()
