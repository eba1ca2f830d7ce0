"""Secrets that a service manager hands over as files."""

import os
from pathlib import Path

import pytest

from assets.core.errors import SetupError
from resources.base.credentials import FOLDERS, take_credentials


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (*FOLDERS, "TIDELINE_MASTER_KEY", "TIDELINE_PG_URL"):
        # Set, so that what the test leaves is taken away.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.parametrize("variable", FOLDERS)
def test_each_file_is_the_variable_of_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    (folder / "TIDELINE_MASTER_KEY").write_text("of the file\n", "utf-8")
    (folder / "TIDELINE_PG_URL").write_text("of the file\n", "utf-8")
    for other in ("PATH", "LD_PRELOAD", "TIDELINE_pg_url", "..2026_11_30"):
        (folder / other).write_text("no variable of ours", "utf-8")
    (folder / "TIDELINE_FOLDER").mkdir()
    monkeypatch.setenv(variable, str(folder))
    monkeypatch.setenv("TIDELINE_PG_URL", "set before")
    before = dict(os.environ)
    take_credentials()
    assert dict(os.environ) == {**before, "TIDELINE_MASTER_KEY": "of the file"}


def test_without_a_folder_nothing_is_set(folder: Path) -> None:
    before = dict(os.environ)
    take_credentials()
    assert dict(os.environ) == before


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_what_can_not_be_read_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    if content is not None:
        (folder / "TIDELINE_MASTER_KEY").write_bytes(content)
    monkeypatch.setenv(FOLDERS[0], str(folder if content is not None else folder / "none"))
    with pytest.raises(SetupError, match=r"^CREDENTIALS_NOT_READABLE$"):
        take_credentials()
