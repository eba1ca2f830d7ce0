"""`tideline dev` is killed, as the kernel does when memory is short.

That `dagster dev` is killed, which it runs, ends `test_dead_runs.py`.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from started_processes import below, living

pytestmark = pytest.mark.slow

COMMANDS = Path(sys.executable).parent
PATIENCE = 300
SECONDS_TO_END = 120
"""A ceiling for a busy machine; idle it takes a few."""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Environment of a home's commands."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TIDELINE_", "DAGSTER_"))
    }
    environment["TIDELINE_HOME"] = str(tmp_path / "my home")
    _tideline(environment, "init", "--mode", "synthetic")
    return environment


def _tideline(environment: dict[str, str], *words: str) -> None:
    done = subprocess.run(
        [COMMANDS / "tideline", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/server_info", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_everything_ends_and_the_server_only_after_it(home, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "output").open("wb") as output:
        ours = subprocess.Popen(
            [COMMANDS / "tideline", "dev", "--port", str(port)],
            env=home,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(f"http://127.0.0.1:{port}"):
            assert ours.poll() is None, (tmp_path / "output").read_text()
            assert time.monotonic() < until
            time.sleep(0.5)
        started = below(ours.pid)
        server = [one for one, name, _ in started if name == "postgres"]
        dagsters = [one for one, name, _ in started if name != "postgres"]
        words = [line for _, name, line in started if name != "postgres"]
        for part in ("dagster dev", "dagster_webserver", "dagster._daemon", "api grpc"):
            assert any(part in one for one in words)
        os.kill(ours.pid, signal.SIGKILL)
        # Another command, that may be the last user but for them.
        ours.wait()
        _tideline(home, "status")
        _, left = psutil.wait_procs(dagsters, timeout=SECONDS_TO_END)
        assert living(left) == []
        psutil.wait_procs(server, timeout=SECONDS_TO_END)
        assert living(server) == []
        said = (tmp_path / "output").read_text()
        assert "Retrying failed database connection" not in said
        assert "OperationalError" not in said
        _tideline(home, "status")
    finally:
        # Which ends the rest, or the test has failed for it.
        ours.kill()
        ours.wait()
