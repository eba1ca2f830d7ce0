"""A connector's process: turn after turn, in silence, alone in its folder."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from filelock import FileLock, Timeout

from assets.core.errors import ConnectorError, SetupError, refuse_as
from orchestration.connect.asking import Asking
from orchestration.connect.contract import Puller
from orchestration.connect.delivery import Delivery
from orchestration.connect.turn import Turns
from resources.base.clock import Clock
from resources.containment.hardening import refuse_exposed
from resources.containment.quiet import quiet
from resources.stores.connect import health, pull_state, room_list
from resources.stores.connect.health import Health, HealthFile
from resources.stores.connect.outbox import Outbox
from resources.stores.connect.pull_state import PullStateFile
from resources.stores.connect.room_list import RoomFile
from resources.stores.connect.settings import ConnectorSettings, read_settings
from resources.stores.inbox.location import InboxLocation

BETWEEN_TURNS_SECONDS = 30.0
LOCK = ".connector.lock"
P = TypeVar("P")
PullerOf = Callable[[ConnectorSettings, Asking], AbstractAsyncContextManager[P]]


class TakesTurns(Protocol):
    """What a connector's process does again and again."""

    async def take(self) -> Health:
        """Take one turn; returns what was told of it."""
        ...


TurnsOf = Callable[[ConnectorSettings, Path, P, Callable[[], datetime]], TakesTurns]


def refuse_beside(names: Sequence[str]) -> None:
    """Refuse to start where the environment holds a key or a login of the home.

    Raises:
        SetupError: `CONNECTOR_HOLDS_TOO_MUCH`.
    """
    if any(os.environ.get(name) for name in names):
        raise SetupError("CONNECTOR_HOLDS_TOO_MUCH")


def turns_of(
    settings: ConnectorSettings,
    folder: Path,
    puller: Puller,
    now: Callable[[], datetime],
    location: InboxLocation | None = None,
) -> Turns:
    """A connector's turns, put together.

    Args:
        settings: of its file.
        folder: that holds it, with the list of rooms; state and health go there.
        puller: of the platform.
        now: the time.
        location: of the inbox; by default where the settings say.

    Raises:
        SetupError, StorageError: what `InboxLocation` and `Outbox` raise.
    """
    delivery = delivery_of(settings, folder, now, location)
    return Turns(
        puller,
        delivery,
        delivery.rooms,
        HealthFile(folder / health.FILE),
        settings.close_after_days,
        now,
    )


def delivery_of(
    settings: ConnectorSettings,
    folder: Path,
    now: Callable[[], datetime],
    location: InboxLocation | None = None,
) -> Delivery:
    """A connector's way into the inbox; the arguments are those of `turns_of`.

    Raises:
        SetupError, StorageError: what `InboxLocation` and `Outbox` raise.
    """
    return Delivery(
        settings.platform,
        Outbox(
            location or InboxLocation(settings.inbox, settings.inbox_options),
            settings.inbox_recipient,
        ),
        PullStateFile(folder / pull_state.FILE),
        RoomFile(folder / room_list.FILE, now),
        now,
    )


def run(
    file: Path,
    platform: str,
    puller_of: PullerOf[P],
    turns_of: TurnsOf[P] = turns_of,
    *,
    once: bool,
) -> None:
    """Take turns until the process is ended; what a library prints or logs goes nowhere.

    Args:
        file: the settings file.
        platform: of the connector.
        puller_of: makes the puller.
        turns_of: makes its turns.
        once: take one turn and end.

    Raises:
        SetupError: what `read_settings` raises.
        SealError: what `refuse_exposed` raises.
        ConnectorError: `CONNECTOR_RUNS_ALREADY`; with `once`, what stops the whole turn.
        StorageError: where its health can't be written.
    """
    settings = read_settings(file, platform)
    refuse_exposed(settings)
    lock = FileLock(file.parent / LOCK, timeout=0)
    with refuse_as(ConnectorError("CONNECTOR_RUNS_ALREADY"), Timeout), lock, quiet():
        for own in (pull_state.FILE, health.FILE):
            # What one that was killed was writing; nobody else writes these.
            for left in file.parent.glob(f".{own}.*.partial"):
                left.unlink(missing_ok=True)
        asyncio.run(_turns(settings, file.parent, puller_of, turns_of, once=once))


async def _turns(
    settings: ConnectorSettings,
    folder: Path,
    puller_of: PullerOf[P],
    turns_of: TurnsOf[P],
    *,
    once: bool,
) -> None:
    async with puller_of(settings, Asking(settings.requests_per_minute)) as puller:
        turns = turns_of(settings, folder, puller, Clock().now)
        while True:
            told = await turns.take()
            if once:
                if told.refused:
                    raise ConnectorError(told.refused)
                return
            await asyncio.sleep(BETWEEN_TURNS_SECONDS)
