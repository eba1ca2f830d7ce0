"""Where PostgreSQL is: the server named by `TIDELINE_PG_URL`, else an embedded one in the home."""

import os
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from assets.governance.errors import StorageError
from resources.embedded_postgres import join_from_environment, open_server, url_of

PUBLIC_ROLE = "tideline_public"
SCHEME = "postgresql+psycopg2"
"""dagster-postgres with SQLAlchemy 2.1 needs the driver spelled out."""


def postgres_url(data: Path, tell: Callable[[], None] | None = None) -> URL:
    """URL of the server as its superuser, starting the embedded one if none is configured.

    Args:
        data: folder for the embedded server's data; unused if `TIDELINE_PG_URL` is set.
        tell: called once if the embedded server takes longer than some seconds.

    Raises:
        StorageError: `POSTGRES_NOT_REACHABLE` if the configured URL is none; why the embedded
            server does not run, see `open_server`.
    """
    configured = os.environ.get("TIDELINE_PG_URL")
    if not configured:
        return embedded_url(data, tell=tell)
    # It may be an embedded server's, opened by the process that started this one.
    join_from_environment()
    try:
        return make_url(configured).set(drivername=SCHEME)
    except (ArgumentError, ValueError):
        pass
    raise StorageError("POSTGRES_NOT_REACHABLE")


def embedded_url(data: Path, role: str = "postgres", tell: Callable[[], None] | None = None) -> URL:
    """URL of the embedded server under a role, starting the server if it does not run.

    Args:
        data: the server's data folder.
        role: the database role to log in as; it must exist and may log in.
        tell: called once if it takes longer than some seconds.

    Raises:
        StorageError: see `open_server`.
    """
    return url_of(open_server(data, tell=tell), role)


def dagster_url(url: URL) -> str:
    """The URL that Dagster's own storage uses.

    Losing the last events of a crash costs nothing there, so commits need not wait for the disk.
    """
    options = " ".join(
        filter(None, [str(url.query.get("options", "")), "-csynchronous_commit=off"])
    )
    return url.update_query_dict({"options": options}).render_as_string(hide_password=False)


def public_engine(url: URL) -> sa.Engine:
    """An engine whose every session runs as the public role.

    `TIDELINE_PUBLIC_PG_URL` may name a login of its own; else each session drops to the role.
    """
    own = os.environ.get("TIDELINE_PUBLIC_PG_URL")
    if own:
        return sa.create_engine(make_url(own).set(drivername=SCHEME), hide_parameters=True)
    options = " ".join(filter(None, [str(url.query.get("options", "")), f"-crole={PUBLIC_ROLE}"]))
    return sa.create_engine(url.update_query_dict({"options": options}), hide_parameters=True)
