"""Where PostgreSQL is: the server named by `TIDELINE_PG_URL`, else an embedded one in the home."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from resources.base.database.embedded_postgres import (
    join_from_environment,
    leave,
    open_server,
    url_of,
    uses,
)
from resources.base.database.roles import (
    AUDITOR_URL,
    PUBLIC_URL,
    Role,
    configured_url,
    url_as,
    with_option,
)

DAGSTER_PG_URL = "DAGSTER_PG_URL"
"""Names the variable that `dagster.yaml` takes the URL of Dagster's own storage from."""


def postgres_url(data: Path, tell: Callable[[], None] | None = None) -> URL:
    """URL of the server as its superuser, starting the embedded one if none is configured.

    Args:
        data: folder for the embedded server's data; unused if `TIDELINE_PG_URL` is set.
        tell: called once if the embedded server takes longer than some seconds.

    Raises:
        StorageError: `DATABASE_URL_INVALID` if the configured URL is none; why the embedded server
            does not run, see `open_server`.
    """
    configured = configured_url("TIDELINE_PG_URL")
    if configured is None:
        return embedded_url(data, tell=tell)
    # It may be an embedded server's, opened by the process that started this one.
    join_from_environment()
    return configured


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


def dagster_url(url: URL, schema: str = "public") -> str:
    """The URL that Dagster's own storage uses, in a role that can reach nothing of ours.

    Losing the last events of a crash costs nothing there, so commits need not wait for the disk.

    Args:
        url: the home's database.
        schema: where its tables are.

    Raises:
        StorageError: `DATABASE_URL_INVALID`.
    """
    own = with_option(url_as(url, Role.DAGSTER), f"-csearch_path={schema}")
    return with_option(own, "-csynchronous_commit=off").render_as_string(hide_password=False)


def configured_to_audit() -> URL | None:
    """The URL of a server that an auditor may be given: of a login of their own, else the home's.

    Raises:
        StorageError: `DATABASE_URL_INVALID`.
    """
    return configured_url(AUDITOR_URL) or configured_url("TIDELINE_PG_URL")


def url_to_audit(data: Path, tell: Callable[[], None] | None = None) -> URL:
    """The home's database for an auditor, whose own login is enough; else as `postgres_url`."""
    return configured_url(AUDITOR_URL) or postgres_url(data, tell)


def url_of_public(data: Path) -> URL:
    """The home's database for the public location, whose own login is enough.

    Raises:
        StorageError: see `postgres_url`.
    """
    return configured_url(PUBLIC_URL) or postgres_url(data)


def auditors_url(url: URL) -> str:
    """The URL by which Dagster reads its own storage as an auditor, and can write nothing.

    Raises:
        StorageError: `DATABASE_URL_INVALID`.
    """
    own = with_option(url_as(url, Role.AUDITOR), "-csearch_path=public")
    read_only = with_option(own, "-cdefault_transaction_read_only=on")
    return read_only.render_as_string(hide_password=False)


def public_engine(url: URL) -> sa.Engine:
    """An engine whose every session has the public role.

    Raises:
        StorageError: `DATABASE_URL_INVALID`.
    """
    return sa.create_engine(url_as(url, Role.PUBLIC), hide_parameters=True)


def stop_embedded(data: Path) -> None:
    """Stop the embedded server that this process started, if nobody else uses it."""
    if uses(data):
        leave(data)
