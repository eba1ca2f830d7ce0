import gc
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from made_connector import GROUP, Connector

from resources.stores.connect.room_list import Room


@pytest.fixture
def connector(tmp_path: Path) -> Connector:
    """At 1:00 UTC on 15 October 2026; its room may be read from the 12th on."""
    folder = tmp_path / "connect"
    folder.mkdir()
    start = datetime(2026, 10, 11, 23, tzinfo=UTC)
    room = Room(group_ref=GROUP, chat="!room:x.test", starts=start, ends=start + timedelta(days=60))
    identity = pyrage.x25519.Identity.generate()
    now = datetime(2026, 10, 15, 1, tzinfo=UTC)
    made = Connector(folder, tmp_path / "inbox", identity, now, room)
    made.list_rooms(room)
    return made


@pytest.fixture
def files_closed_by_nobody() -> Iterator[None]:
    """What was just opened when the process was killed is closed with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()
