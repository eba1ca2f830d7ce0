from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from assets.core.modes import Mode
from resources.base.database.connection import Database
from resources.base.home import Home, HomeConfig
from resources.base.keys.key_store import KeyStore
from resources.maintenance.database_setup import register_home
from resources.stores.consent.leaving_journal import LeavingJournal

HOME_ID = "0" * 32


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A study's home without a database."""
    config = HomeConfig(
        home_id=HOME_ID,
        mode=Mode.STUDY,
        first_day=date(2026, 9, 1),
        inbox="inbox",
        inbox_recipient="age1x",
        contact="care-study@tideline-study.ac.uk",
    )
    return Home(tmp_path, config)


@pytest.fixture
def database(database_url: URL) -> Iterator[Database]:
    """The tables of a synthetic home in an empty database."""
    register_home(database_url, HOME_ID, "synthetic", {})
    prepared = Database(database_url)
    yield prepared
    prepared.dispose()


@pytest.fixture
def journal(tmp_path: Path) -> LeavingJournal:
    made = LeavingJournal(tmp_path / "leaving-journal")
    made.begin()
    return made


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    return KeyStore(folder, lambda: b"m" * 32)
