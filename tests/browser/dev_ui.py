"""`tideline dev` on a home of its own, and its pages, for tests that look at them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from traced_place import PROJECT, TracedPlace

COMMANDS = Path(sys.executable).parent
PATIENCE = 600
"""Seconds until a wait is given up: a ceiling and no pace, for a busy machine only takes longer."""

# In a process of its own, or the test's would hold the home's PostgreSQL up.
MAKE_HOME = """
import io, sys, zipfile
from datetime import timedelta
from pathlib import Path
from assets.core.modes import Mode
from orchestration.cli.init import make_home
from orchestration.cli.session import open_session
from resources.base.clock import Clock
from simulation.consents import made_up_terms

root = Path(sys.argv[1])
today = Clock().today()
first = today - timedelta(days=int(sys.argv[2]))
make_home(root, Mode.SYNTHETIC, first_day=first, close_after_days=int(sys.argv[4]),
    cooling_off_days=0)
session = open_session(root)
days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
lines = [
    f"{day:%d/%m/%Y}, {9 + n:02d}:15 - Carer {n}: long shift, but we got through it {day:%j}{n}\\n"
    for day in days
    for n in range(5)
]
whole = "".join(lines).encode()
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as archive:
    archive.writestr("_chat.txt", whole)
damaged = packed.getvalue()[:-40]
for region, content in (("greater_london", whole), (sys.argv[3], damaged)):
    terms = made_up_terms(first, today + timedelta(days=9), region, informed_on=first)
    group_ref = session.register.grant(terms, session.clock.now())
    # Past the door, which would refuse the damaged one.
    session.ways_out.inbox.add(group_ref, io.BytesIO(content), session.clock.now())
    print(group_ref)
if len(sys.argv) > 5:
    # Appended: what was written is YAML, and this is one key more.
    with (root / "home.yaml").open("a") as file:
        file.write("notify: {webhook_variable: " + sys.argv[5] + "}\\n")
"""
ALERT_HOOK = "ALERT_HOOK"

SECONDS_BETWEEN_LOOKS = 2
"""The web UI works for every question, beside the runs that it is asked of."""

# Of each run's process 4 of 5.5 processor-seconds are imports.
FORKS_RUNS = """
import sys
if "grpc" in sys.orig_argv:
    import multiprocessing
    multiprocessing.set_forkserver_preload({loaded!r})
    real = multiprocessing.get_context
    multiprocessing.get_context = lambda method=None: real(
        "forkserver" if method == "spawn" else method
    )
"""
LOADED_BY_RUNS = [
    "orchestration.restricted",
    "orchestration.public",
    "dagster._grpc.server",
]


@dataclass
class DevUI:
    """`tideline dev` on a home with a readable and a damaged export, whose group is `damaged`."""

    process: subprocess.Popen
    url: str
    environment: dict[str, str]
    home: Path
    damaged: str

    def ask(self, query: str, **variables: object) -> dict:
        """Put a question to the UI's GraphQL endpoint."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["data"]

    def ended(self) -> list[dict]:
        """Runs that are over: job, status and tags, for which no event is read."""
        found = self.ask(
            "{runsOrError {... on Runs {results {runId jobName status tags {key value}}}}}"
        )["runsOrError"]["results"]
        return [run for run in found if run["status"] in ("SUCCESS", "FAILURE", "CANCELED")]

    def runs(self) -> list[dict]:
        """All runs, with the text entries of their check evaluations."""
        return self.ask(
            """{runsOrError {... on Runs {results {
                runId jobName status tags {key value}
                assetMaterializations {partition}
                eventConnection {events {... on AssetCheckEvaluationEvent {evaluation {
                    checkName success metadataEntries {label ... on TextMetadataEntry {text}}}}}}
            }}}}"""
        )["runsOrError"]["results"]


def wait_for(what, *, seconds=PATIENCE):
    """What the function gives once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(SECONDS_BETWEEN_LOOKS)
    pytest.fail(f"nothing within {seconds} s: {what.__name__}")


@contextmanager
def dev_ui(
    folder: Path,
    *,
    days: int,
    damaged_in: str,
    close_after_days: int = 3,
    webhook: str | None = None,
    forks_runs: bool = False,
    place: TracedPlace | None = None,
) -> Iterator[DevUI]:
    """The UI, answering, and gone afterwards.

    Args:
        folder: an empty one, for the home.
        days: how many the home and its exports go back; the readable export is London's.
        damaged_in: region of the group with the damaged export.
        close_after_days: as in `home.yaml`.
        webhook: where alerts go; nobody is told without one.
        forks_runs: each code server makes its runs' processes from one that has loaded what they
            need, for a test of many runs and not of how they start.
        place: where the home lies instead, with a user's folders, and `dev` is under strace.
    """
    home = place.home if place else folder / "home"
    environment = (
        place.environment
        if place
        else {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TIDELINE_", "DAGSTER_"))
        }
        | {"TIDELINE_HOME": str(home)}
    )
    if webhook is not None:
        environment[ALERT_HOOK] = webhook
    if forks_runs:
        begin = FORKS_RUNS.format(loaded=LOADED_BY_RUNS)
        (folder / "sitecustomize.py").write_text(begin, "utf-8")
        paths = [str(folder), *environment.get("PYTHONPATH", "").split(os.pathsep)]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    given = [str(days), damaged_in, str(close_after_days), *([ALERT_HOOK] if webhook else [])]
    made = subprocess.run(
        [sys.executable, "-c", MAKE_HOME, home, *given],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(COMMANDS / "tideline"), "dev", "--port", str(port)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            place.traced("dev", *command) if place else command,
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    ui = DevUI(process, f"http://127.0.0.1:{port}", environment, home, made.stdout.split()[-1])

    def the_ui_answers():
        assert process.poll() is None, (folder / "output").read_text()
        try:
            return ui.ask("{version}")
        except OSError:
            return None

    try:
        wait_for(the_ui_answers)
        yield ui
    finally:
        stopped(process)


def stopped(process: subprocess.Popen) -> None:
    """End `tideline dev` as Ctrl+C does: whoever is killed leaves the home's server running."""
    if left_of(process.pid):
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def left_of(group: int) -> list[str]:
    """Names of the living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _, process_group = rest.split()[:3]
        if int(process_group) == group and state != "Z":
            found.append(name)
    return found


def visible_text(driver, *, holds, once=lambda text: True):
    """The page's visible text, once it holds every one of some words and `once` is true of it.

    A page draws its frame before what it shows has come, so what is wanted of its figures belongs
    into the wait.
    """

    def visible(chrome):
        text = chrome.find_element(By.TAG_NAME, "body").text
        return text if all(word in text for word in holds) and once(text) else None

    # The page may put another in its place while it is read.
    ignored = (StaleElementReferenceException,)
    return WebDriverWait(driver, PATIENCE, ignored_exceptions=ignored).until(visible, str(holds))


def text_of(driver, url, *, holds, once=lambda text: True):
    """As `visible_text`, of the page at an address; no script may fail."""
    # Lists and graphs draw only what is in view.
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 4800, "height": 2400, "deviceScaleFactor": 1, "mobile": False},
    )
    driver.get_log("browser")
    driver.get(url)
    found = visible_text(driver, holds=holds, once=once)
    assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
    return found
