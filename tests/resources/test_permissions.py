"""Who may read what of a new home, whatever umask it was made under."""

import os
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assets.core.modes import Mode
from resources.base.files import PUBLIC_FILE, make_folder, private_files, write_once


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode_of(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


def test_a_file_and_a_folder_are_for_whom_they_are_meant(tmp_path, umask):
    make_folder(tmp_path / "above" / "private")
    make_folder(tmp_path / "shown" / "public", 0o755)
    write_once(tmp_path / "secret", b"")
    write_once(tmp_path / "page", b"", PUBLIC_FILE)
    (tmp_path / "theirs").mkdir(mode=0o750)
    before = mode_of(tmp_path / "theirs")
    make_folder(tmp_path / "theirs", 0o755)
    assert {path.name: mode_of(path) for path in tmp_path.rglob("*")} == {
        "above": "711",
        "private": "700",
        "shown": "755",
        "public": "755",
        "secret": "600",
        "page": "644",
        "theirs": before,
    }


def test_a_home_shows_its_public_files_and_nothing_else(
    tmp_path, database_url, umask, make_home_on_tables
):
    with private_files():
        home = make_home_on_tables(
            tmp_path / "new" / "home", Mode.SYNTHETIC, first_day=date(2026, 9, 1)
        )
    shown = {
        path.relative_to(tmp_path).as_posix(): mode_of(path)
        for path in tmp_path.rglob("*")
        if mode_of(path)[-1] != "0"
    }
    # Others may pass through the home and look into `public/`.
    assert shown == {"new": "711", "new/home": "711", "new/home/public": "755"}
    assert mode_of(home.root / "home.yaml") == "600"
    assert mode_of(home.secrets) == "700"
