"""Whether what pulls chats by itself does so."""

from collections.abc import Iterator
from datetime import datetime

from orchestration.doctor.finding import Finding
from resources.base.home import Home


def check_connectors(home: Home, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """None is configured in this version, so there is nothing that could be wrong."""
    yield from ()
