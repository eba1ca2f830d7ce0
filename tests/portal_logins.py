"""Logins of the portal's role that a test takes as a thief would."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import URL

from resources.base.database.roles import Role
from resources.maintenance.database_setup import as_owner


@contextmanager
def login_of_portal(url: URL) -> Iterator[URL]:
    """A login of the portal's role alone, until the end of the block.

    Args:
        url: of a database, by its owner's login.
    """
    name = f"portal_{secrets.token_hex(6)}"
    with as_owner(url) as connection:
        connection.execute(sa.text(f"CREATE ROLE {name} LOGIN IN ROLE {Role.PORTAL.value}"))
    try:
        yield url.set(username=name)
    finally:
        with as_owner(url) as connection:
            connection.execute(sa.text(f"DROP ROLE {name}"))


@contextmanager
def session_of(login: URL) -> Iterator[sa.Connection]:
    """One session by a login, ended with the block."""
    with sa.create_engine(login, poolclass=sa.NullPool).connect() as connection:
        yield connection
