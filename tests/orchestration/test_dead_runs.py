"""Runs whose process is gone are failed with a code; those that live are left alone."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest
import sqlalchemy as sa
from dagster._core.storage.dagster_run import DagsterRunStatus as Status
from dagster._core.storage.tags import AUTO_RETRY_RUN_ID_TAG, GRPC_INFO_TAG, MAX_RETRIES_TAG
from dagster._core.test_utils import create_run_for_test
from started_processes import below, living
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.cli.session import Session
from resources.base.runs import dead_runs, run_locks
from resources.base.runs.dead_runs import DeadRuns, without_process
from resources.base.runs.run_locks import RunLock, ask_to_stop, holders

PATIENCE = 600
"""Seconds until a wait is given up: a ceiling and no pace."""
SLEEPER = """
import sys, time
import dagster as dg

@dg.op
def sleep():
    print("sleeps", flush=True)
    time.sleep(600)

@dg.job(executor_def=dg.in_process_executor)
def collect():
    sleep()

with dg.DagsterInstance.get() as instance:
    collect.execute_in_process(instance=instance, raise_on_error=False)
"""
"""A run in a process of its own, as those of `tideline run` are."""


@pytest.fixture
def instance(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    for key, value in session.environment().items():
        monkeypatch.setenv(key, value)
    with dg.DagsterInstance.from_config(str(session.home.dagster)) as made:
        yield made


@pytest.fixture
def sleeper(instance: dg.DagsterInstance) -> Iterator[Callable[[], Any]]:
    """Starts runs that sleep; gives each's process."""
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"sleeps\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.2)
    return pytest.fail(f"nothing within {PATIENCE} s")


def kill(process: Any) -> None:
    process.kill()
    process.wait()


def kill_a_run(instance: dg.DagsterInstance, process: Any) -> None:
    """Kill it, and wait until the database has noticed: which is what a look sees."""
    kill(process)
    wait_for(lambda: without_process(instance))


def a_run_without_process(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """As a killed one leaves it: it has started, and nobody holds its lock."""
    run = create_run_for_test(instance, job_name="collect", status=Status.STARTED)
    assert [one.run_id for one in without_process(instance)] == [run.run_id]
    return run


def the_run(instance: dg.DagsterInstance, status: Status) -> dg.DagsterRun:
    (run,) = instance.get_runs(dg.RunsFilter(statuses=[status]))
    return run


def status_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Status:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


def held(instance: dg.DagsterInstance, run: dg.DagsterRun) -> int:
    with instance.run_storage.connect() as connection:  # pyright: ignore
        return holders(connection, [run.run_id]).get(run.run_id, 0)


def test_a_living_run_is_left_and_a_dead_one_fails_with_a_code(instance, sleeper, monkeypatch):
    process = sleeper()
    run = the_run(instance, Status.STARTED)
    assert DeadRuns().fail_now(instance) == []
    kill_a_run(instance, process)
    (failed,) = DeadRuns().fail_now(instance)
    assert failed.run_id == run.run_id
    assert status_of(instance, run) is Status.FAILURE
    (event,) = (
        one.dagster_event.event_specific_data.error
        for one in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    )
    assert event.message == "StepFailed: RUN_DIED\n"
    # A command's run is its caller's to repeat.
    assert MAX_RETRIES_TAG not in instance.get_run_by_id(run.run_id).tags
    assert DeadRuns().fail_now(instance) == []
    told = CliRunner().invoke(app, ["status"]).output
    assert "RUN_DIED" in told
    assert "repeat it" in told


def test_one_look_alone_fails_nothing(instance, monkeypatch):
    # Between the two looks a whole command runs, which on a busy machine takes longer than that.
    monkeypatch.setattr(dead_runs, "SECONDS_BETWEEN_LOOKS", float(PATIENCE))
    a_run_without_process(instance)
    looks = DeadRuns()
    assert looks.fail(instance) == []
    assert looks.suspected()
    assert "has no process" in CliRunner().invoke(app, ["status"]).output
    assert looks.fail(instance) == []
    the_run(instance, Status.STARTED)


def test_a_run_takes_back_the_lock_that_the_database_took_and_is_still_interrupted(
    instance, sleeper, session
):
    process = sleeper()
    run = the_run(instance, Status.STARTED)
    with sa.create_engine(session.url).begin() as connection:
        ended = connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        ).all()
    assert len(ended) == 1
    wait_for(lambda: held(instance, run) == 1)
    assert DeadRuns().fail_now(instance) == []
    # Who terminates a living run interrupts it.
    assert instance.run_coordinator.cancel_run(run.run_id)
    process.wait(PATIENCE)
    assert status_of(instance, run) is Status.CANCELED
    assert not held(instance, run)


@pytest.mark.parametrize("launched", [True, False])
def test_a_run_that_never_started_is_dead_unless_its_launcher_holds_it(
    instance, session, launched, monkeypatch
):
    run = create_run_for_test(
        instance, job_name="collect", status=Status.STARTING, tags={GRPC_INFO_TAG: "{}"}
    )
    lock = RunLock(sa.create_engine(session.url), run.run_id)
    if launched:
        lock.take()
    assert bool(without_process(instance)) is not launched
    monkeypatch.setattr(dead_runs, "SECONDS_BETWEEN_LOOKS", 0.0)
    DeadRuns().fail_now(instance)
    assert status_of(instance, run) is (Status.STARTING if launched else Status.FAILURE)
    lock.release()


def test_to_stop_a_run_interrupts_its_own_process_and_not_who_launches_it(session, monkeypatch):
    interrupted = []
    monkeypatch.setattr(run_locks, "_interrupt", lambda: interrupted.append(True))
    engine = sa.create_engine(session.url)
    locks = [RunLock(engine, "run", executes=one) for one in (False, True)]
    for one in locks:
        one.take()
    with engine.begin() as connection:
        ask_to_stop(connection, "run")
    until = time.monotonic() + PATIENCE
    while not interrupted:
        assert time.monotonic() < until
        time.sleep(0.01)
    for one in locks:
        one.release()
    with engine.begin() as connection:
        while holders(connection, ["run"]):
            assert time.monotonic() < until
            time.sleep(0.01)
    engine.dispose()
    assert interrupted == [True]


def test_who_terminates_a_dead_run_cancels_it_at_once(instance):
    run = a_run_without_process(instance)
    assert instance.run_coordinator.cancel_run(run.run_id)
    assert status_of(instance, run) is Status.CANCELED


class Dev:
    """`tideline dev` and its GraphQL endpoint."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("tideline"), "dev", "--port", str(self._port)],
                stdout=output,
                stderr=output,
            )

    def ask(self, query: str, **variables: object) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        assert self.process.poll() is None, self.output.read_text()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def launch(self, job: str) -> str | None:
        selector = {
            "repositoryLocationName": "restricted",
            "repositoryName": "__repository__",
            "pipelineName": job,
        }
        answer = self.ask(
            """mutation($p: ExecutionParams!) {launchPipelineExecution(executionParams: $p) {
                ... on LaunchRunSuccess {run {runId}}}}""",
            p={"selector": selector, "mode": "default"},
        )
        return (answer or {}).get("launchPipelineExecution", {}).get("run", {}).get("runId")


@pytest.mark.slow
def test_deletion_passes_full_slots_and_the_queue_goes_on_until_dagster_is_killed(
    instance, session, monkeypatch, tmp_path
):
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    dead = a_run_without_process(instance)
    engine = sa.create_engine(session.url)
    holding = []
    for _ in range(2):
        run = create_run_for_test(instance, job_name="collect", status=Status.STARTED)
        holding.append(RunLock(engine, run.run_id))
        holding[-1].take()
    dev = Dev(tmp_path)
    try:
        deletion = wait_for(lambda: dev.launch("lifetimes"))
        # Before it begins anything.
        assert "RUN_DIED: collect" in dev.output.read_text()
        assert status_of(instance, dead) is Status.FAILURE

        def status(run_id: str) -> Status:
            return instance.get_run_by_id(run_id).status  # type: ignore

        wait_for(lambda: status(deletion) is Status.SUCCESS)
        waiting = dev.launch("validity")
        assert waiting is not None
        time.sleep(8)
        assert status(waiting) is Status.QUEUED
        # As a process that is gone lets it go.
        for one in holding:
            one.release()
        wait_for(lambda: status(waiting) not in {Status.QUEUED, Status.NOT_STARTED})
        failed = dg.RunsFilter(job_name="collect", statuses=[Status.FAILURE])
        wait_for(lambda: len(instance.get_runs(failed)) == 3)
        # What Dagster launched, and died, is asked for once more.
        for one in wait_for(lambda: run_processes(dev)):
            one.kill()
        wait_for(
            lambda: AUTO_RETRY_RUN_ID_TAG in instance.get_run_by_id(waiting).tags  # type: ignore
        )
        everything_ends_with_dagster(dev)
    finally:
        dev.process.kill()
        dev.process.wait(PATIENCE)
        engine.dispose()


def run_processes(dev: Dev) -> list[psutil.Process]:
    """The processes of runs that `tideline dev` launched."""
    return [one for one, _, words in below(dev.process.pid) if "spawn_main" in words]


def everything_ends_with_dagster(dev: Dev) -> None:
    """Kill `dagster dev`, as the kernel does when memory is short."""
    started = below(dev.process.pid)
    words = [line for _, _, line in started]
    for part in ("dagster dev", "dagster_webserver", "dagster._daemon", "api grpc"):
        assert any(part in one for one in words)
    (first,) = (
        one for one, _, line in started if "dagster dev" in line and one.ppid() == dev.process.pid
    )
    first.kill()
    _, left = psutil.wait_procs([one for one, _, _ in started], timeout=PATIENCE)
    assert living(left) == []
    dev.process.wait(PATIENCE)
    said = dev.output.read_text()
    assert "Retrying failed database connection" not in said
    assert "OperationalError" not in said
