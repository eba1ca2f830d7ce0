from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from made_portal import MadePortal, made_portal

from orchestration.cli.session import Session


@pytest.fixture
def portal(session: Session, clock: Any) -> Iterator[MadePortal]:
    """A served portal. The database's clock is nobody's to set, so the home goes by it, too."""
    clock.moment = datetime.now(UTC)
    with made_portal(session) as served:
        yield served
