"""What the environment may ask for, and what a study register has to have for it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assets.core.errors import SetupError, StudyError
from assets.core.shards import WHOLE
from resources.base.home import Home
from resources.scale_out.asked import ScaleOut, scale_out_asked, shards_asked
from resources.stores.study import gate
from resources.stores.study.register import file_of, read_register
from resources.stores.study.standing import findings

TODAY = date(2026, 10, 15)
VARIABLES = ("TIDELINE_DASK", "TIDELINE_DASK_WORKERS", "CA", "CERT", "KEY")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Sets what is written; `files` makes the three certificate files."""

    def give(address: str, workers: str = "", *, files: int = 3) -> None:
        monkeypatch.setenv("TIDELINE_DASK", address)
        monkeypatch.setenv("TIDELINE_DASK_WORKERS", workers)
        for number, name in enumerate(("CA", "CERT", "KEY")):
            path = tmp_path / name
            if number < files:
                path.write_text("PEM")
            monkeypatch.setenv(f"TIDELINE_DASK_{name}", str(path))

    return give


@pytest.mark.parametrize(
    ("address", "workers", "elsewhere", "found"),
    [
        ("local", "", False, 2),
        (" local ", "5", False, 5),
        ("tls://127.0.0.1:8786", "", False, 0),
        ("tls://[::1]:8786", "", False, 0),
        ("tls://localhost:8786", "", False, 0),
        ("tls://10.0.0.7:8786", "", True, 0),
        ("tls://scheduler.example:8786", "", True, 0),
    ],
)
def test_it_asks_for(given: Any, address: str, workers: str, elsewhere: bool, found: int) -> None:
    given(address, workers)
    asked = scale_out_asked()
    assert isinstance(asked, ScaleOut)
    assert (asked.on_other_machines, asked.workers) == (elsewhere, found)
    assert (asked.tls is None) == (asked.address is None)


@pytest.mark.parametrize(
    ("address", "workers", "files", "code"),
    [
        ("tcp://10.0.0.7:8786", "", 3, "DASK_TLS_MISSING"),
        # Who reaches it on this machine has code run where the keys are, too.
        ("tcp://127.0.0.1:8786", "", 3, "DASK_TLS_MISSING"),
        ("tls://10.0.0.7:8786", "", 2, "DASK_TLS_MISSING"),
        ("tls://10.0.0.7", "", 3, "DASK_ADDRESS_INVALID"),
        ("tls://10.0.0.7:http", "", 3, "DASK_ADDRESS_INVALID"),
        ("tls://10.0.0.7:8786/status", "", 3, "DASK_ADDRESS_INVALID"),
        ("ws://10.0.0.7:8786", "", 3, "DASK_ADDRESS_INVALID"),
        ("yes", "", 3, "DASK_ADDRESS_INVALID"),
        ("local", "0", 0, "DASK_WORKERS_INVALID"),
        ("local", "65", 0, "DASK_WORKERS_INVALID"),
        ("local", "two", 0, "DASK_WORKERS_INVALID"),
    ],
)
def test_it_is_refused(given: Any, address: str, workers: str, files: int, code: str) -> None:
    given(address, workers, files=files)
    with pytest.raises(SetupError, match=f"^{code}$"):
        scale_out_asked()


def test_nothing_asked_is_nothing_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDELINE_DASK", " ")
    assert scale_out_asked() is None
    monkeypatch.delenv("TIDELINE_DASK")
    assert scale_out_asked() is None


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (None, ["1/1"]),
        (" ", ["1/1"]),
        ("1", ["1/1"]),
        ("3 ", ["1/3", "2/3", "3/3"]),
        ("0", "SHARDS_INVALID"),
        ("61", "SHARDS_INVALID"),
        ("two", "SHARDS_INVALID"),
    ],
)
def test_shards_asked_for(
    monkeypatch: pytest.MonkeyPatch, written: str | None, found: list[str] | str
) -> None:
    if written is None:
        monkeypatch.delenv("TIDELINE_SHARDS", raising=False)
    else:
        monkeypatch.setenv("TIDELINE_SHARDS", written)
    if isinstance(found, str):
        with pytest.raises(SetupError, match=f"^{found}$"):
            shards_asked()
    else:
        assert [str(one) for one in shards_asked()] == found
        assert (shards_asked() == [WHOLE]) is (found == ["1/1"])


WAYS = {"distributed": "distributed_processing", "sharded": "group_shards"}
"""What a register is made with for each entry."""


def refusal(home: Home, entry: str = "distributed_processing", *, elsewhere: bool = False) -> str:
    require = gate.require_sharded if entry == "group_shards" else gate.require_shared
    try:
        require(home, TODAY, on_other_machines=elsewhere)
    except StudyError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("way", "entry"), WAYS.items())
def test_a_register_without_the_entry_keeps_it_off_and_stops_nothing_else(
    home: Home, write_register: Any, study_entries: Any, way: str, entry: str
) -> None:
    assert refusal(home, entry) == "STUDY_REGISTER_MISSING register"
    # That the other stands lets nothing go on.
    write_register(home, study_entries(home, **{one: one != way for one in WAYS}))
    assert refusal(home, entry) == f"STUDY_ENTRY_MISSING {entry}"
    assert gate.stops(home, gate.Action.COLLECT, TODAY) == []
    entries = study_entries(home, **{way: True})
    write_register(home, entries)
    assert refusal(home, entry) == ""
    assert refusal(home, entry, elsewhere=True) == f"STUDY_ENTRY_CONTRADICTED {entry}"
    entries[entry]["review_by"] = date(2026, 10, 14)
    write_register(home, entries)
    assert refusal(home, entry) == f"STUDY_ENTRY_OVERDUE {entry}"
    assert gate.stops(home, gate.Action.COLLECT, TODAY) == []


@pytest.mark.parametrize(("way", "entry"), WAYS.items())
def test_a_notice_that_files_stay_contradicts_several_machines(
    home: Home, write_register: Any, study_entries: Any, way: str, entry: str
) -> None:
    entries = study_entries(home, **dict.fromkeys(WAYS, True))
    entries["notice"]["claims"]["stays_on_our_machine"] = True
    for where, told in (("one_machine", []), ("several_machines", ["stays_on_our_machine"])):
        entries[entry]["where"] = where
        write_register(home, entries)
        assert refusal(home, entry, elsewhere=where == "several_machines") == ""
        found = findings(home, read_register(file_of(home)), TODAY)
        assert [one.detail for one in found if one.entry == "notice"] == told
