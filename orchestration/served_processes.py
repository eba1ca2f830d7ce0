"""Dagster's processes where each runs apart from the others: what each is, and what it is given.

`tideline dev` runs them all with all that the home has. Here each gets the logins and keys that it
reads and no other, so that what breaks into one has what that one has.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from sqlalchemy.engine import URL

from assets.core.errors import SetupError
from orchestration.instance_files import EVENT_BATCH
from resources.base import silent_dependencies
from resources.base.database.postgres import DAGSTER_PG_URL, dagster_url
from resources.base.database.roles import (
    AUDITOR_URL,
    DAGSTER_URL,
    HOME_URL,
    OWNER_URL,
    PORTAL_URL,
    PUBLIC_URL,
    configured_url,
)

KEYS = frozenset({"TIDELINE_MASTER_KEY", "TIDELINE_MEMBER_KEY", "TIDELINE_INBOX_IDENTITY"})


class Process(StrEnum):
    """A process that `tideline serve` becomes."""

    RESTRICTED = "restricted"
    PUBLIC = "public"
    WEBSERVER = "webserver"
    DAEMON = "daemon"


SECRETS: Mapping[str, frozenset[str]] = {
    # It reads what is published, too, in the role that reads nothing else.
    Process.RESTRICTED: KEYS | {HOME_URL, PUBLIC_URL, DAGSTER_URL},
    Process.PUBLIC: frozenset({PUBLIC_URL, DAGSTER_URL}),
    Process.WEBSERVER: frozenset({DAGSTER_URL}),
    Process.DAEMON: frozenset({DAGSTER_URL}),
    "dask-scheduler": frozenset(),
    "dask-worker": KEYS | {HOME_URL},
    "portal": frozenset({PORTAL_URL}),
    "audit": frozenset({AUDITOR_URL}),
    "lifetimes": frozenset({HOME_URL}),
    "remind": frozenset({HOME_URL}),
    # Whether each key is there and is this home's, and what Dagster recorded.
    "doctor": KEYS | {HOME_URL, DAGSTER_URL},
    "backup": frozenset({HOME_URL, OWNER_URL}),
}
"""By process or command, the secrets that it reads: all that a deployment may give it.

An inbox or a mail server elsewhere adds those that home.yaml names. Whoever operates by hand
(`init`, `upgrade`, `consent`) has them all.
"""

_OF_NO_STEP = frozenset(
    {OWNER_URL, PORTAL_URL, AUDITOR_URL, "TIDELINE_INVITATION_KEY", "TIDELINE_WITHDRAWAL_KEY"}
)


@dataclass(frozen=True)
class Address:
    """Where a code server answers."""

    host: str
    port: int


def environment_of(process: Process, root: Path, instance: Path) -> dict[str, str]:
    """All that a process is given: of the home's variables, those that it reads.

    Args:
        process: which.
        root: the home.
        instance: its DAGSTER_HOME.

    Raises:
        SetupError: `DAGSTER_LOGIN_MISSING`.
        StorageError: `DATABASE_URL_INVALID`.
    """
    return {
        **{name: one for name, one in os.environ.items() if _is_for(process, name)},
        "TIDELINE_HOME": str(root),
        DAGSTER_PG_URL: dagster_url(dagster_login()),
        "DAGSTER_HOME": str(instance),
        "DAGSTER_EVENT_BATCH_SIZE": EVENT_BATCH,
        "DAGSTER_REDACT_USER_CODE_ERRORS": "0",
        **silent_dependencies.environment(),
    }


def dagster_login() -> URL:
    """The login for Dagster's own storage.

    Raises:
        SetupError: `DAGSTER_LOGIN_MISSING`.
        StorageError: `DATABASE_URL_INVALID`.
    """
    login = configured_url(DAGSTER_URL)
    if login is None:
        raise SetupError("DAGSTER_LOGIN_MISSING")
    return login


def _is_for(process: Process, name: str) -> bool:
    if not name.startswith(("TIDELINE_", "DAGSTER_")):
        return True
    if process is Process.RESTRICTED:
        # What home.yaml names for the inbox may be called anything.
        return name.startswith("TIDELINE_") and name not in _OF_NO_STEP
    return name in SECRETS[process]


def workspace(servers: Mapping[str, Address]) -> str:
    """The text of a workspace file of code servers, by the names of their locations."""
    entries = [
        {"grpc_server": {"host": one.host, "port": one.port, "location_name": name}}
        for name, one in servers.items()
    ]
    return yaml.safe_dump({"load_from": entries}, sort_keys=False)


def code_server(process: Process, host: str, port: int) -> list[str]:
    """The command line of a code server."""
    return [
        *(sys.executable, "-m", "dagster", "api", "grpc"),
        *("--module-name", f"orchestration.{process.value}"),
        *("--location-name", process.value),
        *("--host", host, "--port", str(port)),
    ]


def web_server(file: Path, host: str, port: int) -> list[str]:
    """The command line of Dagster's web UI over a workspace file."""
    return [
        *(sys.executable, "-m", "dagster_webserver", "--workspace", str(file)),
        *("--host", host, "--port", str(port)),
    ]


def daemon(file: Path) -> list[str]:
    """The command line of Dagster's daemon over a workspace file: schedules, sensors, the queue."""
    return [*(sys.executable, "-m", "dagster._daemon", "run", "--workspace", str(file))]
