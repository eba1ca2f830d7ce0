"""Real schedulers and workers, and what becomes of work whose worker dies."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
from worker_processes import echo_or_die, processes_begin_with

from assets.core.errors import SealError, SetupError, StepFailed
from resources.base import doors
from resources.containment.guard import guarded
from resources.scale_out.asked import ScaleOut
from resources.scale_out.sealed_dask import load_dask

pytestmark = pytest.mark.slow
KEEPS = """
from resources.scale_out import canary
real, kept = canary.plant, []
def plant(order):
    kept.append(canary.word_of(order))
    return real(order)
canary.plant = plant
"""


@pytest.fixture
def cluster_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Opens clusters of a home that is a folder with a `home.yaml`."""
    load_dask()
    from resources.scale_out.cluster import open_cluster

    root = tmp_path / "home"
    root.mkdir()
    (root / "home.yaml").write_text("made up")
    monkeypatch.setenv("TIDELINE_HOME", str(root))
    monkeypatch.setenv("TIDELINE_MASTER_KEY", "not for a scheduler")

    class Home:
        """What a cluster asks of one."""

    Home.root = root  # type: ignore[attr-defined]

    @contextmanager
    def opened(workers: int, **begin: Any) -> Iterator[Any]:
        with doors.opened():
            processes_begin_with(tmp_path, monkeypatch, datetime.now(UTC), **begin)
        with open_cluster(ScaleOut(None, workers, None), Home) as cluster:  # type: ignore[arg-type]
            yield cluster

    return opened


def done(cluster: Any, *orders: bytes) -> list[tuple[int, bytes | None]]:
    return list(cluster.each(echo_or_die, orders))


def test_work_that_ends_its_workers_is_given_up_after_the_rest(
    cluster_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And the processes of a cluster are hardened and end with it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    begun: list[psutil.Process] = []
    before = psutil.Process().children()

    @guarded
    def as_a_step() -> None:
        with cluster_of(4) as cluster:
            begun.extend(one for one in psutil.Process().children() if one not in before)
            assert len(cluster.workers) == 4
            assert done(cluster, b"a") == [(0, b"a")]
            with doors.opened():
                _look_at(cluster, begun)
            _end_them(cluster)

    as_a_step()
    assert len(begun) == 5
    assert not any(one.is_running() and one.status() != "zombie" for one in begun)
    assert list(tmp_path.glob("tideline-scale-out-*")) == []


def _end_them(cluster: Any) -> None:
    found = done(cluster, b"die", b"a", b"b", b"c", b"d", b"e")
    # Three of the four have died with it.
    assert found[-1] == (0, None)
    assert sorted(found[:-1]) == [(1, b"a"), (2, b"b"), (3, b"c"), (4, b"d"), (5, b"e")]
    with pytest.raises(StepFailed, match=r"^STEP_BROKEN ValueError@"):
        done(cluster, b"fail", b"a")
    assert done(cluster, b"die") == [(0, None)]
    with pytest.raises(SetupError, match=r"^DASK_N"):
        done(cluster, b"a")


def _look_at(cluster: Any, processes: list[psutil.Process]) -> None:
    """One port each, of this machine alone, that talks to nobody without a certificate."""
    scheduler, workers = cluster._client.scheduler.address, cluster.workers
    for address in (scheduler, *workers):
        host, port = address.removeprefix("tls://").split(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), 5) as plain:
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            try:
                answer = plain.recv(200)
            except ConnectionError:
                answer = b""
            assert b"HTTP" not in answer
    listening = {
        one.laddr.port: one.pid
        for one in psutil.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN and one.pid in {each.pid for each in processes}
    }
    if os.geteuid() == 0:
        # Others' sockets are shown to root alone, for the processes are not dumpable.
        assert len(listening) == 5
        of_workers = {listening_port(one) for one in workers}
        for process in processes:
            given = process.environ()
            assert ("TIDELINE_MASTER_KEY" in given) == (
                not of_workers.isdisjoint(
                    port for port, pid in listening.items() if pid == process.pid
                )
            )
            assert not [one for one in process.cmdline() if "PRIVATE KEY" in one]
            assert "PRIVATE KEY" not in "".join(given.values())


def listening_port(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_a_worker_that_keeps_the_word_is_given_nothing(cluster_of: Any) -> None:
    with pytest.raises(SealError, match=r"^SEAL_BROKEN$"), cluster_of(1, also=KEEPS):
        pytest.fail("it was looked through in vain")


def test_a_worker_of_another_home_or_program_is_given_nothing(cluster_of: Any) -> None:
    other = "import resources.base.program as p\np.code_digest = lambda: 'f' * 64\n"
    with pytest.raises(SetupError, match=r"^DASK_WORKER_DIFFERS$"), cluster_of(1, also=other):
        pytest.fail("another program's worker")
