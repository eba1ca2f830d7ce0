"""What is held for long by the portal's login is told from what it holds for milliseconds."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from portal_logins import login_of_portal, session_of
from sqlalchemy.engine import URL

from resources.base.database.roles import Role, url_as
from resources.health.portal_locks import LOOKS, sessions_holding_locks
from resources.maintenance.database_setup import as_owner

pytestmark = pytest.mark.slow

WITHDRAWN = (
    "INSERT INTO restricted.consent_events (at, kind, group_ref, mode, via)"
    " VALUES (now(), 'withdrawn', 'g-00000000', 'synthetic', 'portal')"
)


@pytest.fixture
def stolen(session: Any) -> Iterator[URL]:
    with login_of_portal(session.url) as login:
        yield login


def looked(session: Any, between: Callable[[], Any] = lambda: None, url: URL | None = None) -> int:
    return sessions_holding_locks(url or session.url, pause=lambda _: between())


@pytest.mark.parametrize(
    "statement",
    [
        WITHDRAWN,
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_advisory_xact_lock(1)",
        "SELECT pg_advisory_xact_lock_shared(1)",
    ],
)
def test_a_lock_that_stays_is_told_whoever_looks(session: Any, stolen: URL, statement: str) -> None:
    assert looked(session) == 0
    with session_of(stolen) as thief:
        thief.execute(sa.text(statement))
        assert looked(session) == 1
        # By the home's own login, which is told nothing of others' transactions.
        assert looked(session, url=url_as(session.url, Role.RESTRICTED)) == 1
    assert looked(session) == 0


def test_one_of_a_session_is_the_same_through_all_of_its_transactions(
    session: Any, stolen: URL
) -> None:
    with session_of(stolen) as thief:
        thief.execute(sa.text("SELECT pg_advisory_lock(1)"))

        def another_transaction() -> None:
            thief.rollback()
            thief.execute(sa.text("SELECT 1"))

        assert looked(session, another_transaction) == 1


def test_work_that_goes_on_and_whoever_waits_are_not_told(session: Any, stolen: URL) -> None:
    looks = 0

    def another_withdrawal() -> None:
        nonlocal looks
        looks += 1
        portal.rollback()
        # Now and then a look falls between two of them, which ends it.
        if looks < LOOKS // 2:
            portal.execute(sa.text(WITHDRAWN))

    with session_of(stolen) as portal:
        portal.execute(sa.text(WITHDRAWN))
        assert looked(session, another_withdrawal) == 0
    # Nor is a session of another role, however long it holds one.
    with as_owner(session.url) as own:
        own.execute(sa.text("SELECT pg_advisory_xact_lock(1)"))
        assert looked(session) == 0
