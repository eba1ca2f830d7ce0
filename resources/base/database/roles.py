"""Who a process is to the database: a role each, so that a part of the program can do its own only.

Every role but the owner's is a group without a login. A site gives each login one of them
(`GRANT tideline_public TO its_login`); where one login serves all, a session drops to the role.
"""

import os
from enum import StrEnum

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from assets.core.errors import StorageError, refuse_as

SCHEME = "postgresql+psycopg2"
"""dagster-postgres with SQLAlchemy 2.1 needs the driver spelled out."""


class Role(StrEnum):
    """A role of the home's database.

    The owner is not among them: it is whatever login `init` and `migrate` use, and all tables are
    its own.
    """

    RESTRICTED = "tideline_restricted"
    """Left of the wall: reads, adds, and changes what is not append-only."""
    PUBLIC = "tideline_public"
    """Right of the wall: reads the schema `release`."""
    DAGSTER = "tideline_dagster"
    """Dagster's own storage, and nothing of ours."""
    PORTAL = "tideline_portal"
    """Adds withdrawals; reads nothing."""
    AUDITOR = "tideline_auditor"
    """Reads everything; writes nothing."""


HOME_URL = "TIDELINE_PG_URL"
OWNER_URL = "TIDELINE_OWNER_PG_URL"
PUBLIC_URL = "TIDELINE_PUBLIC_PG_URL"
DAGSTER_URL = "TIDELINE_DAGSTER_PG_URL"
PORTAL_URL = "TIDELINE_PORTAL_PG_URL"
AUDITOR_URL = "TIDELINE_AUDITOR_PG_URL"
LOGINS = (HOME_URL, OWNER_URL, PUBLIC_URL, DAGSTER_URL, PORTAL_URL, AUDITOR_URL)
"""Every variable that names a login of the home's database."""

_OWN_LOGIN = {
    Role.PUBLIC: PUBLIC_URL,
    Role.DAGSTER: DAGSTER_URL,
    Role.PORTAL: PORTAL_URL,
    Role.AUDITOR: AUDITOR_URL,
}
"""`TIDELINE_PG_URL` is the login of the restricted side."""


def configured_url(variable: str) -> URL | None:
    """The URL that an environment variable holds, None without one.

    Raises:
        StorageError: `DATABASE_URL_INVALID` if it is none.
    """
    written = os.environ.get(variable)
    if not written:
        return None
    with refuse_as(StorageError("DATABASE_URL_INVALID"), ArgumentError, ValueError):
        return make_url(written).set(drivername=SCHEME)


def owner_url(url: URL) -> URL:
    """The owner's URL of the database that `url` names; only `init` and `migrate` ask for it."""
    return configured_url(OWNER_URL) or url


def url_as(url: URL, role: Role) -> URL:
    """The URL by which a session has this role and no other.

    Args:
        url: the home's database (`postgres_url`).
        role: the role.

    Raises:
        StorageError: `DATABASE_URL_INVALID`.
    """
    own = configured_url(_OWN_LOGIN[role]) if role in _OWN_LOGIN else None
    return own or with_option(url, f"-crole={role.value}")


def with_option(url: URL, option: str) -> URL:
    """The URL with one more option for the server, such as `-crole=tideline_public`."""
    before = url.query.get("options", "")
    return url.update_query_dict({"options": f"{before} {option}".strip()})
