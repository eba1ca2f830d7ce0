"""`tideline dev` as a process of its own, spoken to as a browser speaks to it."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import SQLAlchemyError

PATIENCE = 400.0
COMMAND = str(Path(sys.executable).with_name("tideline"))


class Dev:
    """`tideline dev`, answering."""

    def __init__(self, output: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.started = time.monotonic()
        with output.open("ab") as file:
            self.process = subprocess.Popen(
                [COMMAND, "dev", "--port", str(self._port)], stdout=file, stderr=file
            )

    def wait(self) -> None:
        """Until the web UI answers and knows both locations."""
        until(lambda: self._locations() >= {"restricted", "public"})

    def ask(self, query: str, **variables: object) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def _locations(self) -> set[str]:
        found = self.ask(
            "{workspaceOrError {... on Workspace {locationEntries {name loadStatus"
            " locationOrLoadError {__typename}}}}}"
        )
        entries = found["workspaceOrError"]["locationEntries"] if found else []
        return {
            one["name"]
            for one in entries
            if (one["locationOrLoadError"] or {}).get("__typename") == "RepositoryLocation"
        }

    def launch(self, job: str, tags: dict[str, str]) -> str:
        """Ask for a run as the UI does, again where a code server is starting. Returns its id."""
        asked: list[str] = []
        until(lambda: asked.append(self._launch_once(job, tags)) or asked[-1])
        return asked[-1]

    def _launch_once(self, job: str, tags: dict[str, str]) -> str:
        answer = self.ask(
            """mutation($p: ExecutionParams!) {launchPipelineExecution(executionParams: $p) {
                __typename ... on LaunchRunSuccess {run {runId}} ... on PythonError {message}}}""",
            p={
                "selector": {
                    "repositoryLocationName": "restricted",
                    "repositoryName": "__repository__",
                    "pipelineName": job,
                },
                "mode": "default",
                "executionMetadata": {
                    "tags": [{"key": key, "value": value} for key, value in tags.items()]
                },
            },
        )
        return ((answer or {}).get("launchPipelineExecution") or {}).get("run", {}).get("runId", "")

    def processes(self, words: str) -> list[psutil.Process]:
        """Those that it started, and whose command line holds these words."""
        found = []
        for one in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if words in " ".join(one.cmdline()):
                    found.append(one)
            except psutil.Error:
                continue
        return found

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def until(what: Callable[[], Any], patience: float = PATIENCE) -> float:
    """Seconds that it took until the function gave something true; infinite if it never did."""
    began = time.monotonic()
    while time.monotonic() - began < patience:
        try:
            if what():
                return time.monotonic() - began
        except (OSError, SQLAlchemyError, DagsterPostgresException):
            pass
        time.sleep(0.3)
    return float("inf")
