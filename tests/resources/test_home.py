import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError, StudyError
from assets.core.modes import Mode
from assets.core.study_entries import Action
from orchestration.cli.init import make_home
from orchestration.cli.session import Session, open_session
from resources.base.home import (
    Home,
    HomeConfig,
    default_first_day,
    home_path,
    load_home,
    write_home,
)
from resources.base.keys.long_lived_keys import KEY_FILES
from resources.stores.study.gate import require
from resources.stores.study.written import blank_entries, written

FIRST = date(2026, 9, 1)


def config(**changes: object) -> HomeConfig:
    return HomeConfig.model_validate(
        {
            "home_id": "a" * 32,
            "mode": "synthetic",
            "first_day": FIRST,
            "inbox": "memory://inbox",
            "inbox_recipient": "age1abc",
            **changes,
        }
    )


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_reads_back_as_it_was_written(tmp_path: Path) -> None:
    given = config(
        regions={"north_wales": "North Wales"}, close_after_days=7, vector_keys_until="scoring"
    )
    home = write_home(tmp_path / "home", given)
    # Services are given some of them, and start where they are there.
    for folder in (home.keys, home.vectors, home.dagster, home.backups):
        assert permissions(folder) == 0o700
    assert load_home(tmp_path / "home").config == given


def test_init_twice_is_refused_and_changes_nothing(session: Session) -> None:
    root = session.home.root
    before = {path: path.read_bytes() for path in (root / "home.yaml", *_secrets(session))}
    for mode in Mode:
        with pytest.raises(SetupError, match=r"^HOME_EXISTS$"):
            make_home(root, mode, first_day=FIRST)
    with pytest.raises(SetupError, match=r"^HOME_EXISTS$"):
        write_home(root, config())
    assert {path: path.read_bytes() for path in before} == before


def _secrets(session: Session) -> list[Path]:
    return sorted(session.home.secrets.iterdir())


def test_secrets_and_keys_are_for_their_owner_alone(session: Session) -> None:
    home = session.home
    assert {path.name for path in _secrets(session)} == set(KEY_FILES)
    for path in _secrets(session):
        assert permissions(path) == 0o600
    for folder in (home.secrets, home.keys, home.vectors, home.dagster):
        assert permissions(folder) == 0o700


def test_secrets_and_inbox_lie_outside_the_home(session: Session) -> None:
    home = session.home
    assert not home.secrets.is_relative_to(home.root)
    assert not Path(home.config.inbox).is_relative_to(home.root)
    identity = (home.secrets / "inbox.identity").read_bytes()
    inside = [path for path in home.root.rglob("*") if path.is_file()]
    assert inside
    assert not any(identity in path.read_bytes() for path in inside)


def test_without_a_home_nothing_opens(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"^HOME_NOT_FOUND$"):
        load_home(tmp_path)


def test_the_home_is_where_tideline_home_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDELINE_HOME", str(tmp_path / "h"))
    assert home_path() == (tmp_path / "h").resolve()
    monkeypatch.delenv("TIDELINE_HOME")
    assert home_path().name == ".tideline"


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "production"},
        {"mode": None},
        {"home_id": "short"},
        {"first_day": "not a day"},
        {"regions": {}},
        {"regions": {"Greater London": "Greater London"}},
        {"close_after_days": 0},
        {"close_after_days": 61},
        {"inbox_lifetime_days": 0},
        {"score_lifetime_days": 6},
        {"inbox_recipient": "AGE-SECRET-KEY-1ABC"},
        {"vector_keys_until": "never"},
        {"unknown_setting": 1},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_home(tmp_path, config())
    path = tmp_path / "home.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text("utf-8")), **change}), "utf-8")
    with pytest.raises(SetupError, match=r"^HOME_CONFIG_INVALID$"):
        load_home(tmp_path)


@pytest.mark.parametrize("content", [b"", b"mode: [", b"\xff\xfe", b"- a list"], ids=repr)
def test_what_is_no_configuration_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "home.yaml").write_bytes(content)
    with pytest.raises(SetupError, match=r"^HOME_CONFIG_INVALID$"):
        load_home(tmp_path)


def test_a_database_of_another_home_is_refused(
    session: Session, tmp_path: Path, make_home_on_tables: Callable[..., Home]
) -> None:
    with pytest.raises(StorageError, match=r"^DATABASE_OF_ANOTHER_HOME$"):
        make_home_on_tables(tmp_path / "other", Mode.SYNTHETIC, first_day=FIRST)


def test_a_home_whose_mode_was_edited_is_refused(session: Session) -> None:
    path = session.home.root / "home.yaml"
    path.write_text(path.read_text("utf-8").replace("synthetic", "discovery"), "utf-8")
    with pytest.raises(StorageError, match=r"^DATABASE_OF_ANOTHER_HOME$"):
        open_session(session.home.root, session.clock)


def test_a_study_home_begins_without_a_register_and_takes_one_that_was_begun(
    tmp_path: Path,
    database_url: URL,
    make_database: Callable[[], URL],
    make_home_on_tables: Callable[..., Home],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = make_home_on_tables(tmp_path / "study", Mode.STUDY, first_day=FIRST)
    assert load_home(home.root).config.mode is Mode.STUDY
    with pytest.raises(StudyError, match=r"^STUDY_REGISTER_MISSING register$"):
        require(home, Action.COLLECT, FIRST)
    broken = tmp_path / "record.yaml"
    broken.write_text("dpia: done", "utf-8")
    other = tmp_path / "other"
    with pytest.raises(StudyError, match=r"^STUDY_REGISTER_UNREADABLE register$"):
        make_home_on_tables(other, Mode.STUDY, first_day=FIRST, study_record=broken)
    assert not (other / "home.yaml").exists()
    assert not other.with_name("other-secrets").exists()
    begun = tmp_path / "begun.yaml"
    begun.write_text(written(blank_entries(home.config), home.config), "utf-8")
    url = make_database()
    monkeypatch.setenv("TIDELINE_PG_URL", url.render_as_string(hide_password=False))
    make_home_on_tables(other, Mode.STUDY, first_day=FIRST, study_record=begun)
    assert (other / "study.yaml").read_bytes() == begun.read_bytes()


def test_vectors_of_a_discovery_home_do_not_wait_for_a_release(
    tmp_path: Path,
    database_url: URL,
    discovery_record: Path,
    make_home_on_tables: Callable[..., Home],
) -> None:
    root, given = tmp_path / "discovery", {"first_day": FIRST}
    with pytest.raises(SetupError, match=r"^DISCOVERY_RECORD_MISSING$"):
        make_home_on_tables(root, Mode.DISCOVERY, **given)
    given |= {"discovery_record": discovery_record}
    home = make_home_on_tables(root, Mode.DISCOVERY, **given)
    home.require_discovery_record(FIRST)
    assert home.config.vector_keys_until == "scoring"


def test_a_new_home_looks_a_year_back() -> None:
    assert default_first_day(date(2026, 11, 22)) == date(2025, 11, 22)
