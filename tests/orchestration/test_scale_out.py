"""Groups read by worker processes: the same is stored as by one, also where workers are killed."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from stored_values import stored_values
from worker_processes import processes_begin_with

from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scrubbing.group_order import GroupOrder
from assets.restricted.scrubbing.on_worker import collect_group
from orchestration.runs import failure_code
from resources.base.database.tables import (
    gate_verdicts,
    removed_words,
    vectors,
)
from resources.models.narrow_encoder import load_narrow_encoder
from resources.scale_out.answers import Answer
from resources.scale_out.asked import tls_files
from resources.scale_out.sealed_dask import load_dask
from resources.stores.study.made_up import write_made_up_register

pytestmark = pytest.mark.slow
LONDON = "greater_london"
DAY, LAST = date(2026, 10, 12), date(2026, 10, 13)
DAYS = [DAY, LAST]
GROUPS = 3
ONE_WROTE = b"12/10/2026, 08:15 - Grace Okafora: hello\n15/10/2026, 08:15 - Grace Okafora: hi\n"
STORE = "resources.stores.vectors.vector_store VectorStore put"


@pytest.fixture
def real_models(cheap_models: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "assets.restricted.scrubbing.group_step.load_narrow_encoder", load_narrow_encoder
    )
    monkeypatch.setattr(
        "assets.restricted.scoring.asset.load_construct_model", load_construct_model
    )


@pytest.fixture
def shared_house(
    open_house: Callable[..., Any],
    real_models: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[..., Any]:
    """Makes a house whose groups are read by other processes."""

    def make(**begin: Any) -> Any:
        house = open_house()
        write_made_up_register(house.session.home, date(2026, 9, 1), distributed=True)
        monkeypatch.setenv("TIDELINE_DASK", "local")
        processes_begin_with(tmp_path, monkeypatch, house.clock.now(), **begin)
        # The run itself embeds nothing.
        monkeypatch.setattr("assets.restricted.scrubbing.group_step.load_narrow_encoder", None)
        return house

    return make


def deliver(house: Any) -> list[str]:
    refs = house.groups(GROUPS, DAY, LAST)
    unreadable = house.grant()
    house.deliver(unreadable, b"no export at all")
    few = house.grant()
    house.deliver(few, ONE_WROTE)
    return [*refs, unreadable, few]


def keys_and_files(house: Any) -> tuple[set[str], set[str], set[str]]:
    """Ids of living keys: by the rows, by the key files, and by the vectors' files."""
    rows = house.resources["vector_store"].living_keys()
    home = house.session.home
    files = {
        one.name.removesuffix(".parquet.sealed").rpartition("-")[2]
        for one in home.vectors.rglob("*")
        if one.is_file()
    }
    return set(rows), {one.name for one in home.keys.iterdir()}, files


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return {}


@pytest.fixture
def of_one_process(
    open_house: Callable[..., Any], real_models: None, kept: dict[str, Any]
) -> dict[str, Any]:
    """What one process stores, found out once."""
    if not kept:
        house = open_house()
        refs = deliver(house)
        assert house.run("collect", DAY, LAST) == "GROUPS_REFUSED"
        kept.update(stored_values(house, refs, DAYS))
    return kept


class InThisProcess:
    """A worker's work, done here."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.locks = house.resources["region_day_locks"]

    def order(self, ref: str, turn: int, day: date = DAY) -> bytes:
        return msgspec.msgpack.encode(
            GroupOrder(LONDON, ref, [day], [], secrets.token_hex(8), turn)
        )

    def code(self, order: bytes) -> str:
        answer = msgspec.msgpack.decode(collect_group(order), type=Answer)
        return answer.code

    def stored(self) -> list[Any]:
        return self.house.rows(vectors, gate_verdicts, removed_words)


@pytest.fixture
def worker(house: Any, monkeypatch: pytest.MonkeyPatch) -> InThisProcess:
    monkeypatch.setattr("assets.restricted.scrubbing.on_worker.Clock", lambda: house.clock)
    return InThisProcess(house)


def test_a_worker_stores_nothing_once_its_turn_is_over(worker: InThisProcess) -> None:
    (ref,) = worker.house.groups(1, DAY, DAY)
    with worker.locks.writing([(LONDON, DAY)]) as turn:
        pass
    assert worker.code(worker.order(ref, turn.key)) == "REGION_DAY_TURN_OVER"
    assert worker.stored() == [[], [], []]
    with worker.locks.writing([(LONDON, DAY)]) as turn:
        assert worker.code(worker.order(ref, turn.key)) == ""
        assert [len(rows) for rows in worker.stored()[:2]] == [1, 1]
        before = worker.stored()
        # Given out again, as after a worker that died once it had stored: nothing is added.
        assert worker.code(worker.order(ref, turn.key)) == ""
        assert worker.stored() == before


def test_a_worker_asks_for_consent_where_it_reads(worker: InThisProcess, opened: list[str]) -> None:
    left, later = worker.house.groups(2, DAY, DAY)
    worker.house.withdraw(left)
    with worker.locks.writing([(LONDON, DAY), (LONDON, date(2027, 1, 1))]) as turn:
        assert worker.code(worker.order(left, turn.key)) == ""
        # Of a day that its consent does not cover.
        assert worker.code(worker.order(later, turn.key, date(2027, 1, 1))) == ""
    assert opened == []
    assert worker.stored() == [[], [], []]


@pytest.mark.parametrize("of", ["run", "worker"])
def test_without_its_entry_in_the_register_no_group_is_given_out(
    worker: InThisProcess, opened: list[str], monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    (ref,) = worker.house.groups(1, DAY, DAY)
    monkeypatch.setenv("TIDELINE_DASK", "local")
    if of == "run":
        result = worker.house.materialise("scrubbed_vectors", DAY)
        assert failure_code(result.all_events) == "STUDY_ENTRY_MISSING"
    else:
        with worker.locks.writing([(LONDON, DAY)]) as turn:
            assert worker.code(worker.order(ref, turn.key)) == "STUDY_ENTRY_MISSING"
    assert opened == []
    assert worker.stored() == [[], [], []]


@pytest.fixture
def certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a site would have made, named in the environment."""
    load_dask()
    from resources.scale_out.nodes import Certificates

    made = Certificates.made_for_one_run()
    for name, content in (("CA", made.ca), ("CERT", made.cert), ("KEY", made.key)):
        path = tmp_path / f"{name}.pem"
        path.write_text(content)
        path.chmod(0o600)
        monkeypatch.setenv(f"TIDELINE_DASK_{name}", str(path))


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """Starts `tideline serve`, which ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        command = [str(Path(sys.executable).with_name("tideline")), "serve", *words]
        started.append(subprocess.Popen(command, env={**os.environ}, stdout=subprocess.DEVNULL))

    yield start
    for one in reversed(started):
        one.kill()
        one.wait(600)


def test_killed_workers_leave_nothing_out_and_nothing_double(
    of_one_process: dict[str, Any],
    shared_house: Callable[..., Any],
    certificates: None,
    serve: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Of two that are served, one is killed when it has stored a group-day."""
    house = shared_house(killed_at=STORE, when=("after",))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tls://127.0.0.1:{port}"
    serve("dask-scheduler", "--port", str(port))
    for _ in range(2):
        serve("dask-worker", "--scheduler", address)
    monkeypatch.setenv("TIDELINE_DASK", address)
    refs = deliver(house)
    both_are_there(address)
    assert house.run("collect", DAY, LAST) == "GROUPS_REFUSED"
    assert (tmp_path / "killed0").exists()
    stored = stored_values(house, refs, DAYS)
    assert stored == of_one_process
    assert len(stored["vectors"]) == len(DAYS) * (GROUPS + 1)
    assert stored["scores"]
    rows, keys, files = keys_and_files(house)
    assert rows == files
    assert rows <= keys
    before = house.stored()
    assert house.run("collect", DAY, LAST) == "GROUPS_REFUSED"
    assert house.stored() == before


def both_are_there(address: str) -> None:
    """A run begins with whoever has joined; one alone would leave none once it is killed."""
    from resources.scale_out.cluster import _client
    from resources.scale_out.nodes import Certificates

    with _client(address, Certificates.in_files(tls_files()), 2):
        pass


def test_workers_of_a_run_may_be_killed_too(
    of_one_process: dict[str, Any],
    shared_house: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    full: bool,
) -> None:
    """One is killed before it stores a group-day, then one when it has."""
    if not full:
        pytest.skip("in full; the others show each of the two, and workers of a run without kills")
    monkeypatch.setenv("TIDELINE_DASK_WORKERS", "3")
    house = shared_house(killed_at=STORE, when=("before", "after"))
    refs = deliver(house)
    assert house.run("collect", DAY, LAST) == "GROUPS_REFUSED"
    assert [(tmp_path / f"killed{turn}").exists() for turn in range(2)] == [True, True]
    assert stored_values(house, refs, DAYS) == of_one_process
