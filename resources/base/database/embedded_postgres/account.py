"""As whom PostgreSQL runs: this process's own user, or for root a user namespace of its own.

See docs/decisions/0008-an-embedded-server-of-our-own.md.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

from assets.core.errors import StorageError
from resources.base.database.embedded_postgres.binaries import clean_environment, tool

_OVERFLOW_UID = 65534
"""As whom everyone else appears in the namespace."""

_FORMER_SYSTEM_USER = "pgserver"
"""Whom Tideline before December 2026 gave root's data folders to."""


@dataclass(frozen=True)
class Account:
    """How PostgreSQL is run, and as whom its peers are known to it.

    Attributes:
        name: name of the operating-system user that the server sees at the other end of its
            socket when this process's user connects.
        prefix: what stands before a command of PostgreSQL.
    """

    name: str
    prefix: tuple[str, ...] = ()


def account() -> Account:
    """How this process's user runs PostgreSQL.

    PostgreSQL refuses root, and `initdb` a user without a name; both run it in a user namespace,
    where they have another number and no capability.

    Raises:
        StorageError: `POSTGRES_REFUSES_ROOT`, `POSTGRES_USER_UNNAMED` if there are no such
            namespaces here.
    """
    uid = os.geteuid()
    name = _name(uid)
    if uid and name:
        return Account(name)
    code = "POSTGRES_USER_UNNAMED" if uid else "POSTGRES_REFUSES_ROOT"
    unshare = shutil.which("unshare", path=os.defpath)
    inner = _inner_user()
    if unshare is None or inner is None:
        raise StorageError(code)
    number, inner_name = inner
    return Account(
        inner_name, (unshare, "--user", f"--map-user={number}", f"--map-group={number}", "--")
    )


def refuse_if_not_to_be_run(run_as: Account, major: int) -> None:
    """Try once whether PostgreSQL's server runs here at all.

    Raises:
        StorageError: `POSTGRES_PROGRAMS_MISSING` if the program does not run on this machine,
            `POSTGRES_REFUSES_ROOT`, `POSTGRES_USER_UNNAMED` if the namespace can't be had.
    """
    server = str(tool("postgres", major))
    if not _runs([server, "--version"]):
        raise StorageError("POSTGRES_PROGRAMS_MISSING")
    if run_as.prefix and not _runs([*run_as.prefix, server, "--version"]):
        raise StorageError("POSTGRES_USER_UNNAMED" if os.geteuid() else "POSTGRES_REFUSES_ROOT")


def is_former_system_user(uid: int) -> bool:
    """Whether a file's owner is the system user of earlier versions."""
    return _name(uid) == _FORMER_SYSTEM_USER


def _runs(command: list[str]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603  (a list of arguments; no shell)
            command,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _inner_user() -> tuple[int, str] | None:
    """A user of this machine to be inside: any with a name, but root and who stands for others."""
    known = sorted(
        (one.pw_uid, one.pw_name)
        for one in pwd.getpwall()
        if one.pw_uid not in {0, os.geteuid(), _OVERFLOW_UID}
    )
    return known[0] if known else None
