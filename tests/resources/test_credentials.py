"""Secrets that a service manager hands over as files."""

import os
from pathlib import Path

import pytest

from assets.core.errors import SetupError
from resources.base.credentials import FOLDERS, take_credentials

OF_HOME = ("MAIL_USER", "MAIL_PASSWORD", "REMINDER_HOOK", "AWS_SECRET_ACCESS_KEY")
TAKEN = ("TIDELINE_MASTER_KEY", "TIDELINE_PG_URL", "TIDELINE_S3_KEY", *OF_HOME)
NAMES_THEM = """
notify:
  email: {host: mail.example.org, user_variable: MAIL_USER, password_variable: MAIL_PASSWORD}
  webhook_variable: REMINDER_HOOK
inbox_options: {client_kwargs: {aws_secret_access_key: {env: AWS_SECRET_ACCESS_KEY}}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (*FOLDERS, "TIDELINE_HOME", *TAKEN):
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


@pytest.mark.parametrize(
    ("written", "expected"),
    [(NAMES_THEM, OF_HOME), ("notify: {webhook_variable: [", ()), ("- a list", ()), (None, ())],
)
def test_a_file_that_home_yaml_names_is_taken_whatever_it_is_called(
    folder: Path, monkeypatch: pytest.MonkeyPatch, written: str | None, expected: tuple[str, ...]
) -> None:
    home, credentials = folder / "home", folder / "credentials"
    home.mkdir()
    credentials.mkdir()
    if written is not None:
        (home / "home.yaml").write_text(written, "utf-8")
    for name in (*OF_HOME, "TIDELINE_S3_KEY", "LD_PRELOAD"):
        (credentials / name).write_text("secret\n", "utf-8")
    monkeypatch.setenv("TIDELINE_HOME", str(home))
    monkeypatch.setenv(FOLDERS[0], str(credentials))
    before = dict(os.environ)
    take_credentials()
    taken = (*expected, "TIDELINE_S3_KEY")
    assert dict(os.environ) == {**before, **dict.fromkeys(taken, "secret")}


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
