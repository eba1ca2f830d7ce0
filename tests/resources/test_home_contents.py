"""The table of what lies in a home says all of it, and the manual's is that table."""

import inspect
from datetime import date
from pathlib import Path

import pytest

from resources.base.home import Home, HomeConfig, inbox_beside
from resources.maintenance.home_contents import (
    MANUAL,
    THINGS,
    Place,
    contents_table,
    is_taken,
    taken,
    unknown,
    with_table,
)

NEVER = ("keys", "vectors", "surveys", "postgres", "postgres-run", "backups", "dagster", ".restore")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    config = HomeConfig.model_validate(
        {
            "home_id": "a" * 32,
            "mode": "synthetic",
            "first_day": date(2026, 9, 1),
            "inbox": "memory://inbox",
            "inbox_recipient": "age1abc",
        }
    )
    return Home(tmp_path / "home", config)


def test_the_manual_s_table_is_this_one() -> None:
    manual = MANUAL.read_text("utf-8")
    assert contents_table() in manual
    assert with_table(manual) == manual


def test_every_path_of_a_home_is_in_the_table(home: Home) -> None:
    paths = [
        getattr(home, name)
        for name, value in inspect.getmembers(Home, lambda one: isinstance(one, property))
        if isinstance(getattr(home, name), Path)
    ]
    assert len(paths) > 8
    inside = [path.name for path in paths if path.parent == home.root]
    assert unknown(inside) == []
    assert unknown([*inside, "new-thing"]) == ["new-thing"]
    beside = {path.name for path in (*paths, inbox_beside(home.root)) if path.parent != home.root}
    assert beside == {f"home-{one.name}" for one in THINGS if one.place is Place.BESIDE}


def test_what_must_die_is_never_taken(home: Home) -> None:
    for name in (*NEVER, "home.yaml", "leaving-journal", "public"):
        (home.root / name).mkdir(parents=True)
    assert not any(is_taken(name) for name in (*NEVER, "inbox", "secrets", "new-thing"))
    assert [path.name for path in taken(home.root)] == ["home.yaml", "leaving-journal", "public"]
