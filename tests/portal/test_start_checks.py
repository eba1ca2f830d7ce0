"""The portal does not start where it holds, or could be made to hold, more than it needs."""

import os
from pathlib import Path

import pytest
from fsspec import register_implementation
from fsspec.implementations.memory import MemoryFileSystem

from assets.core.errors import SetupError
from orchestration.cli.of_the_home import PORTAL, VARIABLES, not_of_portal
from orchestration.cli.portal_start import (
    refuse_changeable,
    refuse_inbox_that_reads,
    refuse_what_is_too_much,
)
from resources.base.database import roles
from resources.base.keys.link_keys import Signs
from resources.base.keys.long_lived_keys import IDENTITY_VARIABLE, KEY_FILES, LongLived
from resources.stores.inbox.location import InboxLocation

ANOTHER_USER = 4242
KEYS = (*KEY_FILES, *(which.value.file for which in Signs))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, pieces and a place to start from, with no home about."""
    for name in not_of_portal():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIDELINE_HOME", str(tmp_path / "home"))
    for name in ("portal", "pieces", "start", "home", "home-secrets"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "portal" / "settings.yaml").write_text("form: a")
    (tmp_path / "portal" / "settings.yaml").chmod(0o600)
    monkeypatch.chdir(tmp_path / "start")
    return tmp_path


def held(machine: Path) -> str | None:
    try:
        refuse_what_is_too_much(machine / "portal" / "settings.yaml", machine / "pieces")
    except SetupError as error:
        return error.code
    return None


def test_no_key_and_no_login_of_the_home_is_at_hand(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert held(machine) is None
    assert {IDENTITY_VARIABLE, *(one.value.variable for one in (*LongLived, *Signs))} <= {
        *VARIABLES
    }
    # Each login, whosever it is, and each platform's token.
    logins = {
        name for name in vars(roles).values() if isinstance(name, str) and name.endswith("_PG_URL")
    }
    assert logins | {"DAGSTER_PG_URL"} == {
        PORTAL,
        *(name for name in VARIABLES if name.endswith("_PG_URL")),
    }
    tokens = {"TIDELINE_MATRIX_TOKEN", "TIDELINE_TELEGRAM_TOKEN", "TIDELINE_TEAMS_SECRET"}
    assert {*not_of_portal()} == {*VARIABLES, *tokens}
    for name in not_of_portal():
        with monkeypatch.context() as patch:
            patch.setenv(name, "anything")
            assert held(machine) == "PORTAL_HOLDS_TOO_MUCH", name
    for place in ("portal", "pieces", "start", "home", "home-secrets"):
        for name in KEYS:
            (machine / place / name).write_text("anything")
            assert held(machine) == "PORTAL_HOLDS_TOO_MUCH", (place, name)
            (machine / place / name).unlink()
    assert held(machine) is None
    # Beside what a link leads to, too.
    link = machine / "settings.yaml"
    link.symlink_to(machine / "portal" / "settings.yaml")
    (machine / "portal" / KEYS[0]).write_text("anything")
    with pytest.raises(SetupError, match=r"^PORTAL_HOLDS_TOO_MUCH$"):
        refuse_what_is_too_much(link, None)


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "code"),
    [
        (0o600, 0o700, None),
        (0o444, 0o755, None),
        (0o600, 0o1777, None),
        (0o620, 0o700, "PORTAL_SETTINGS_WRITABLE"),
        (0o602, 0o700, "PORTAL_SETTINGS_WRITABLE"),
        (0o600, 0o777, "PORTAL_SETTINGS_WRITABLE"),
        (0o600, 0o770, "PORTAL_SETTINGS_WRITABLE"),
    ],
)
def test_nobody_else_changes_the_settings(
    machine: Path, file_mode: int, folder_mode: int, code: str | None
) -> None:
    settings = machine / "portal" / "settings.yaml"
    settings.chmod(file_mode)
    settings.parent.chmod(folder_mode)
    link = machine / "link.yaml"
    link.symlink_to(settings)
    for path in (settings, link):
        assert changeable(path) == code


@pytest.mark.parametrize("whose", ["portal/settings.yaml", "portal"])
def test_settings_of_another_user_are_theirs_to_change(
    machine: Path, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = machine / "portal" / "settings.yaml"
    assert changeable(settings) is None
    if os.geteuid() == 0:
        os.chown(machine / whose, ANOTHER_USER, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: ANOTHER_USER)
    assert changeable(settings) == "PORTAL_SETTINGS_WRITABLE"
    settings.unlink()
    assert changeable(settings) == "PORTAL_SETTINGS_MISSING"


def changeable(path: Path) -> str | None:
    try:
        refuse_changeable(path)
    except SetupError as error:
        return error.code
    return None


class PutOnly(MemoryFileSystem):
    """A store whose credential may put objects alone."""

    protocol = ("putonly", "memory")
    store: dict = {}  # noqa: RUF012  (as the one that it is made of)

    def ls(self, path, detail=True, **kwargs):
        raise PermissionError

    def cat_file(self, path, start=None, end=None, **kwargs):
        raise PermissionError


register_implementation("putonly", PutOnly, clobber=True)


def test_an_inbox_that_can_be_listed_is_refused(tmp_path: Path) -> None:
    put_only = InboxLocation("putonly://inbox-a")
    refuse_inbox_that_reads(put_only)
    put_only.put("g-00000000", "a.age", b"sealed")
    refuse_inbox_that_reads(put_only)
    lists = InboxLocation("memory://inbox-b")
    # Nothing lies there yet, which tells nothing.
    refuse_inbox_that_reads(lists)
    lists.put("g-00000000", "a.age", b"sealed")
    folder = InboxLocation(str(tmp_path / "inbox"))
    refuse_inbox_that_reads(folder)
    (tmp_path / "inbox").mkdir()
    for location in (lists, folder):
        with pytest.raises(SetupError, match=r"^PORTAL_INBOX_READS$"):
            refuse_inbox_that_reads(location)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_can_only_be_written_takes_deliveries(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir(mode=0o300)
    location = InboxLocation(str(tmp_path / "inbox"))
    refuse_inbox_that_reads(location)
    location.put("g-00000000", "a.age", b"sealed")
    (tmp_path / "inbox").chmod(0o700)
    assert location.read(f"{location.root}/g-00000000/a.age") == b"sealed"
