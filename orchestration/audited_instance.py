"""Dagster's instance of a home as an auditor opens it: in the auditor's role, written nowhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from sqlalchemy.engine import URL

from orchestration.instance_files import instance_template
from resources.base import silent_dependencies
from resources.base.database.embedded_postgres import EMBEDDED, uses
from resources.base.database.postgres import DAGSTER_PG_URL, auditors_url
from resources.base.files import write_once
from resources.base.home import Home
from resources.containment.audited_event_log import audited_configuration
from resources.wiring.commands import instance_configuration

_OF_OTHERS = ("TIDELINE_", "DAGSTER_")
"""Variables that hold keys, logins of other roles, or another instance."""


def write_audited_configuration(home: Home, folder: Path) -> None:
    """Write the `dagster.yaml` of an auditor's processes into a folder of the auditor's own.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    configuration = instance_configuration(instance_template(), home)
    write_once(folder / "dagster.yaml", audited_configuration(configuration).encode())


def audited_environment(home: Home, url: URL, folder: Path) -> dict[str, str]:
    """All that those processes are given: no key, and no login but the auditor's.

    Args:
        home: the home.
        url: its database.
        folder: their DAGSTER_HOME.

    Raises:
        StorageError: `DATABASE_URL_INVALID`.
    """
    kept = {name: one for name, one in os.environ.items() if not name.startswith(_OF_OTHERS)}
    shared = {EMBEDDED: str(home.postgres)} if uses(home.postgres) else {}
    return (
        kept
        | shared
        | {
            "TIDELINE_HOME": str(home.root),
            DAGSTER_PG_URL: auditors_url(url),
            "DAGSTER_HOME": str(folder),
            "DAGSTER_REDACT_USER_CODE_ERRORS": "0",
            **silent_dependencies.environment(),
        }
    )


@contextmanager
def audited(home: Home, url: URL, folder: Path) -> Iterator[dg.DagsterInstance]:
    """The instance, within this process.

    Args:
        home: the home.
        url: its database.
        folder: one of the auditor's own.

    Raises:
        StorageError: `DATABASE_URL_INVALID`, `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    write_audited_configuration(home, folder)
    before = dict(os.environ)
    os.environ.update(audited_environment(home, url, folder))
    try:
        with dg.DagsterInstance.from_config(str(folder)) as instance:
            yield instance
    finally:
        os.environ.clear()
        os.environ.update(before)
