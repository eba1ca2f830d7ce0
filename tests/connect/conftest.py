import gc
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from connected import at, room
from made_bot import Bot, a_bot
from made_channel import CHAT, A, Channel, a_channel
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


@pytest.fixture
def bot(tmp_path) -> Iterator[Bot]:
    with a_bot(tmp_path) as made:
        yield made


@pytest.fixture
def channel(tmp_path) -> Iterator[Channel]:
    with a_channel(tmp_path) as made:
        # The 12th alone is due.
        made.own.rooms = [room(A, CHAT, at(0, 12))]
        made.own.list_rooms()
        yield made
