"""Days of both regions, launched from every place: what was asked for, what was done and shown.

Dagster decides which partitions a run does, by rules of its own for each place. A version of it
that changes them is noticed here. East's export is damaged: its runs do every day and end red.
"""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import psutil
import pytest
from dev_ui import COMMANDS, PATIENCE, DevUI, dev_ui, text_of, wait_for
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from started_processes import below, living

from assets.core.errors import code_and_remedy
from orchestration.partitions import RANGE_END, RANGE_START
from resources.base.clock import Clock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REGIONS = ("greater_london", "east_of_england")
TODAY = Clock().today()
FIRST = TODAY - timedelta(days=5)
DAYS = [FIRST + timedelta(days=n) for n in range(3)]
OPEN = [FIRST + timedelta(days=n) for n in range(5)]
COLLECTED = ("platform_export", "scrubbed_vectors", "group_scores")
LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "restricted"}
PUBLIC = LOCATION | {"repositoryLocationName": "public"}
RUNNING = {"QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING"}
RUNS = """{runsOrError {... on Runs {results {
    runId jobName status repositoryOrigin {repositoryLocationName} tags {key value}
    assetMaterializations {assetKey {path} partition}}}}}"""
STANDING = """{runsOrError {... on Runs {results {status tags {key value}}}}
    partitionBackfillsOrError {... on PartitionBackfills {results {id status}}}}"""
"""Of `RUNS` what is asked again and again, for which no event is read."""
BACKFILLS = """{partitionBackfillsOrError {... on PartitionBackfills {results {
    id status numPartitions partitionStatusCounts {runStatus count}
    assetBackfillData {assetBackfillStatuses {... on AssetPartitionsStatusCounts {
        numPartitionsTargeted numPartitionsMaterialized numPartitionsFailed}}}}}}}"""


def keys(days):
    return {f"{day}|{region}" for day in days for region in REGIONS}


@dataclass(frozen=True)
class Launch:
    """What was asked for, and the tag that its runs have; the command's have none of these."""

    assets: tuple[str, ...] = COLLECTED
    asked: frozenset[str] = frozenset(keys(DAYS))
    tag: tuple[str, str] | None = None


@dataclass
class Hands:
    """What a person does in the UI."""

    driver: object
    ui: DevUI

    def seen(self, what: Callable[[object], object]) -> object:
        ignored = (StaleElementReferenceException, WebDriverException)
        return WebDriverWait(self.driver, PATIENCE, ignored_exceptions=ignored).until(
            lambda driver: what(driver) or None
        )

    def click(self, what: Callable[[object], object]) -> None:
        """Click on this, once nothing lies over it: dialogs move while they fill."""

        def clicked(driver):
            what(driver).click()
            return True

        self.seen(clicked)

    def press(self, words: str, root: Callable[[], object] | None = None) -> None:
        """Press the button that starts with these words, once it can be pressed."""

        so_named = f".//button[starts-with(normalize-space(.), '{words}')]"

        def pressed(driver):
            place = root() if root else driver
            for button in place.find_elements(By.XPATH, so_named):
                if button.is_displayed() and button.is_enabled():
                    button.click()
                    return True
            return False

        self.seen(pressed)

    def dialog(self) -> object:
        return self.driver.find_element(By.CSS_SELECTOR, "[role=dialog]")

    def choose_the_days(self) -> str:
        """In the dialog: the days, all regions, launch. Returns the backfill's identifier."""
        standing = self.ui.ask(STANDING)["partitionBackfillsOrError"]["results"]
        before = {one["id"] for one in standing}
        days = self.seen(
            lambda _: self.dialog().find_element(By.CSS_SELECTOR, "input[placeholder^='ex:']")
        )
        days.send_keys(f"[{DAYS[0]}...{DAYS[-1]}]\n")
        self.click(
            lambda _: [
                one
                for one in self.dialog().find_elements(By.TAG_NAME, "button")
                if one.text == "All"
            ][-1]
        )
        self.seen(lambda _: f"{2 * len(DAYS)} partitions" in self.dialog().text)
        self.press("Launch", self.dialog)

        def a_new_backfill():
            standing = self.ui.ask(STANDING)["partitionBackfillsOrError"]["results"]
            return {one["id"] for one in standing} - before

        (found,) = wait_for(a_new_backfill)
        return found


def backfills(ui: DevUI) -> list[dict]:
    return ui.ask(BACKFILLS)["partitionBackfillsOrError"]["results"]


def from_the_jobs_page(hands: Hands) -> Launch:
    hands.driver.get(f"{hands.ui.url}/locations/restricted/jobs/collect")
    hands.press("Materialize all")
    return Launch(tag=("dagster/backfill", hands.choose_the_days()))


def from_an_assets_page(hands: Hands) -> Launch:
    hands.driver.get(f"{hands.ui.url}/assets/platform_export")
    hands.press("Materialize")
    return Launch(("platform_export",), tag=("dagster/backfill", hands.choose_the_days()))


def from_the_catalogue(hands: Hands) -> Launch:
    """One asset with partitions and one without."""
    hands.driver.get(f"{hands.ui.url}/assets")
    for asset in ("name_tagger", "platform_export"):
        box = (
            f"//a[text()='{asset}' or .//*[text()='{asset}']]"
            "/ancestor::*[.//input[@type='checkbox']][1]//input[@type='checkbox']/.."
        )
        hands.click(lambda driver, box=box: driver.find_element(By.XPATH, box))
    hands.press("Materialize selected")
    return Launch(("platform_export",), tag=("dagster/backfill", hands.choose_the_days()))


def from_the_graph(hands: Hands) -> Launch:
    hands.driver.get(f"{hands.ui.url}/asset-groups?expanded=global@global:restricted")
    node = "//*[text()='platform_export']"
    hands.click(lambda driver: driver.find_element(By.XPATH, node))
    hands.press("Materialize selected")
    return Launch(("platform_export",), tag=("dagster/backfill", hands.choose_the_days()))


def by_graphql(ui: DevUI, **what: object) -> tuple[str, str]:
    answer = ui.ask(
        """mutation($params: LaunchBackfillParams!) {
            launchPartitionBackfill(backfillParams: $params) {
                __typename ... on LaunchBackfillSuccess {backfillId}}}""",
        params=what,
    )["launchPartitionBackfill"]
    return "dagster/backfill", answer["backfillId"]


def of_a_job_by_graphql(hands: Hands) -> Launch:
    selector = {"partitionSetName": "collect_partition_set", "repositorySelector": LOCATION}
    return Launch(
        tag=by_graphql(hands.ui, selector=selector, partitionNames=sorted(keys(DAYS), reverse=True))
    )


def of_one_day_by_graphql(hands: Hands) -> Launch:
    """Two regions of one day are one run over both; two of the job's assets have no partitions."""
    selector = {"partitionSetName": "publish_partition_set", "repositorySelector": PUBLIC}
    day = keys(DAYS[:1])
    tag = by_graphql(hands.ui, selector=selector, partitionNames=sorted(day))
    return Launch(("forecast",), frozenset(day), tag)


def by_a_schedules_tick(hands: Hands) -> Launch:
    """What the morning's schedule asks for, launched as the UI's test of a tick launches it."""
    ticked = hands.ui.ask(
        """mutation($schedule: ScheduleSelector!, $at: Float) {
            scheduleDryRun(selectorData: $schedule, timestamp: $at) {
                ... on DryRunInstigationTick {
                    evaluationResult {runRequests {tags {key value}}}}}}""",
        schedule=LOCATION | {"scheduleName": "morning_collect"},
        at=time.time(),
    )["scheduleDryRun"]["evaluationResult"]["runRequests"]
    for request in ticked:
        launched = hands.ui.ask(
            """mutation($run: ExecutionParams!) {launchRun(executionParams: $run) {__typename}}""",
            run={
                "selector": LOCATION | {"jobName": "collect"},
                "executionMetadata": {"tags": request["tags"]},
            },
        )
        assert launched["launchRun"]["__typename"] == "LaunchRunSuccess"
    return Launch(asked=frozenset(keys(OPEN)), tag=("dagster/schedule_name", "morning_collect"))


def by_the_sensor(hands: Hands) -> Launch:
    return Launch(
        asked=frozenset(keys(OPEN)), tag=("dagster/sensor_name", "consented_export_sensor")
    )


def by_the_command(hands: Hands) -> Launch:
    return Launch()


PLACES = (
    from_the_jobs_page,
    from_an_assets_page,
    of_a_job_by_graphql,
    of_one_day_by_graphql,
    by_a_schedules_tick,
    by_the_sensor,
    by_the_command,
)
WITH_FULL = (from_the_catalogue, from_the_graph)
"""Other ways to the dialog of an asset's page, in the UI of a new version of Dagster at most."""


@pytest.fixture(scope="module")
def dev(driver, tmp_path_factory):
    """The UI of a home of five days, none of which may close yet."""
    with dev_ui(
        tmp_path_factory.mktemp("launches"),
        days=5,
        damaged_in="east_of_england",
        close_after_days=30,
        forks_runs=True,
    ) as ui:
        yield ui


@pytest.fixture(scope="module")
def launches(driver, dev, full) -> dict[str, Launch]:
    """Everything launched by name of its place, and over."""
    driver.set_window_size(2000, 1400)
    hands = Hands(driver, dev)
    with subprocess.Popen(
        [COMMANDS / "tideline", "run", "--from", str(DAYS[0]), "--to", str(DAYS[-1])],
        env=dev.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as command:

        def all_is_over():
            if command.poll() is None:
                return False
            standing = dev.ask(STANDING)
            runs = standing["runsOrError"]["results"]
            return (
                any("dagster/sensor_name" in tags_of(run) for run in runs)
                and not RUNNING & {run["status"] for run in runs}
                and all(
                    one["status"].startswith("COMPLETED")
                    for one in standing["partitionBackfillsOrError"]["results"]
                )
            )

        try:
            places = (*PLACES, *(WITH_FULL if full else ()))
            launched = {place.__name__: place(hands) for place in places}
            # What stays open asks for everything every two seconds, and draws it.
            driver.get("about:blank")
            wait_for(all_is_over, seconds=3 * PATIENCE)
        finally:
            command.kill()
    return launched


@pytest.fixture(scope="module")
def runs(dev, launches) -> list[dict]:
    return dev.ask(RUNS)["runsOrError"]["results"]


def tags_of(run: dict) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["tags"]}


def runs_of(launch: Launch, runs: list[dict]) -> list[dict]:
    if launch.tag is not None:
        name, value = launch.tag
        return [run for run in runs if tags_of(run).get(name) == value]
    others = {"dagster/backfill", "dagster/schedule_name", "dagster/sensor_name"}
    return [run for run in runs if not others & tags_of(run).keys()]


@pytest.mark.parametrize("place", [place.__name__ for place in (*PLACES, *WITH_FULL)])
def test_each_place_does_the_days_that_it_was_asked_for(place, launches, runs):
    if place not in launches:
        pytest.skip("with --full")
    launch = launches[place]
    mine = runs_of(launch, runs)
    done = Counter(
        (one["assetKey"]["path"][0], one["partition"])
        for run in mine
        for one in run["assetMaterializations"]
        if one["partition"] is not None
    )
    for asset in launch.assets:
        assert {key for name, key in done if name == asset} == launch.asked, asset
    assert set(done.values()) == {1}
    for run in mine:
        tags = tags_of(run)
        assert not {name for name in tags if name.startswith("dagster/partition/")}
        if not any(one["partition"] for one in run["assetMaterializations"]):
            continue
        ends = [tags[RANGE_START].split("|"), tags[RANGE_END].split("|")]
        assert tags["tideline/days"].split(" to ") == sorted({day for day, _ in ends})
        assert set(tags["tideline/region"].split(", ")) == {region for _, region in ends}


def test_a_backfill_with_a_red_region_is_not_shown_as_done(driver, dev, launches, runs):
    shown = {one["id"]: one["status"] for one in backfills(dev)}
    red = {
        tags_of(run).get("dagster/backfill")
        for run in runs
        if run["status"] != "SUCCESS" and tags_of(run)["tideline/region"] == "east_of_england"
    }
    assert {one for one, status in shown.items() if status == "COMPLETED_FAILED"} == red - {None}
    (done,) = (one for one, status in shown.items() if status == "COMPLETED_SUCCESS")
    assert launches["of_one_day_by_graphql"].tag == ("dagster/backfill", done)
    of_the_job = f"{dev.url}/runs/b/{launches['from_the_jobs_page'].tag[1]}"
    each = len(DAYS)
    text_of(driver, of_the_job, holds=("Failed", f"100% completed\n{2 * each} 0 {each} {each}"))
    words = [
        f"tideline/days: {DAYS[0]} to {DAYS[-1]}\ntideline/region: {region}" for region in REGIONS
    ]
    text_of(driver, f"{of_the_job}?tab=runs", holds=(*words, "Failure", "Success"))
    of_the_day = f"{dev.url}/assets/platform_export?view=partitions&partition={DAYS[0]}%7C"
    told = ("groups_without_consent", dev.damaged, code_and_remedy("EXPORT_ZIP_DAMAGED"))
    text_of(driver, f"{of_the_day}east_of_england", holds=told)


def test_runs_of_the_command_are_seen_like_all_others(driver, dev, launches, runs):
    commands = runs_of(launches["by_the_command"], runs)
    assert [run["jobName"] for run in commands] == ["collect"] * 2
    text_of(
        driver,
        f"{dev.url}/locations/restricted/jobs/collect/runs",
        holds=[
            f"{run['runId'][:8]}\ntideline/days: {DAYS[0]} to {DAYS[-1]}"
            f"\ntideline/region: {tags_of(run)['tideline/region']}"
            for run in commands
        ],
    )
    driver.get(f"{dev.url}/overview/activity/timeline")

    def the_timeline_counts_them_all(_):
        ended = Counter(
            run["status"]
            for run in dev.ask(RUNS)["runsOrError"]["results"]
            if run["repositoryOrigin"]["repositoryLocationName"] == "restricted"
        )
        words = f"restricted\n{ended['SUCCESS']}\n{ended['FAILURE']}"
        return words in driver.find_element(By.TAG_NAME, "body").text

    ignored = (StaleElementReferenceException,)
    WebDriverWait(driver, PATIENCE, ignored_exceptions=ignored).until(the_timeline_counts_them_all)


def status(dev):
    done = subprocess.run(
        [COMMANDS / "tideline", "status"],
        env=dev.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stderr == ""


# The last, for it ends what the others look at.
def test_killed_everything_of_it_ends_and_the_server_only_after_it(driver, dev):
    """`tideline dev` is killed, as the kernel does when memory is short.

    That `dagster dev` is killed, which it runs, ends `test_dead_runs.py`.
    """
    driver.get("about:blank")
    started = below(dev.process.pid)
    server = [one for one, name, _ in started if name == "postgres"]
    dagsters = [one for one, name, _ in started if name != "postgres"]
    words = [line for _, name, line in started if name != "postgres"]
    for part in ("dagster dev", "dagster_webserver", "dagster._daemon", "api grpc"):
        assert any(part in one for one in words)
    os.kill(dev.process.pid, signal.SIGKILL)
    # Another command, that may be the last user but for them.
    dev.process.wait()
    status(dev)
    _, left = psutil.wait_procs(dagsters, timeout=PATIENCE)
    assert living(left) == []
    psutil.wait_procs(server, timeout=PATIENCE)
    assert living(server) == []
    said = (dev.home.parent / "output").read_text()
    assert "Retrying failed database connection" not in said
    assert "OperationalError" not in said
    status(dev)
