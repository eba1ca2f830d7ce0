"""A data folder: how it is made, taken over from earlier versions, and who may connect to it."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assets.core.errors import StorageError
from resources.base.database.embedded_postgres.account import Account, is_former_system_user
from resources.base.database.embedded_postgres.binaries import (
    LIBRARIES,
    MAJOR,
    clean_environment,
    installation,
    package_folder,
)
from resources.base.database.embedded_postgres.causes import cause_in
from resources.base.database.embedded_postgres.files import Places, typed_errors, write_private

SUPERUSER = "postgres"

_MAP = "home"
_ACCESS = f"""\
# Written anew at each start. Nobody but the home's operating-system user, and no host, gets in.
local all all peer map={_MAP}
host all all all reject
"""
_NOT_FOR_A_SHELL = frozenset('$`"\\\n')
"""Signs that a shell takes for its own between double quotes, where `initdb` puts its path."""

_INITDB_SECONDS = 300


def major_of(places: Places) -> int | None:
    """Major version that made the data folder; None if there is none yet.

    Raises:
        StorageError: `POSTGRES_NOT_A_DATA_FOLDER` if something else lies there,
            `POSTGRES_FILES_NOT_OURS` if it belongs to somebody else.
    """
    code = None
    try:
        owner = places.data.stat().st_uid
        written = (places.data / "PG_VERSION").read_text("ascii").strip()
        if owner == os.geteuid() or (os.geteuid() == 0 and is_former_system_user(owner)):
            return int(written)
        code = "POSTGRES_FILES_NOT_OURS"
    except FileNotFoundError:
        if not places.data.exists() or _is_empty(places.data):
            return None
        code = "POSTGRES_NOT_A_DATA_FOLDER"
    except PermissionError:
        code = "POSTGRES_FILES_NOT_OURS"
    except (OSError, ValueError):
        code = "POSTGRES_NOT_A_DATA_FOLDER"
    raise StorageError(code)


def make(places: Places, run_as: Account) -> None:
    """Make the data folder, whole or not at all; the start lock is held.

    Raises:
        StorageError: the code of what `initdb` stumbled over.
    """
    shutil.rmtree(places.partial, ignore_errors=True)
    try:
        with _initdb() as program:
            code = _made(program, places, run_as, "C.UTF-8")
            if code == "POSTGRES_LOCALE_MISSING":
                shutil.rmtree(places.partial, ignore_errors=True)
                code = _made(program, places, run_as, "C")
        if code is None:
            with typed_errors():
                places.partial.replace(places.data)
    finally:
        shutil.rmtree(places.partial, ignore_errors=True)
    if code:
        raise StorageError(code)


def take_over(places: Places) -> None:
    """As root, take back a data folder that an earlier version gave to a system user of its own.

    Raises:
        StorageError: `DISK_NOT_WRITABLE`.
    """
    if os.geteuid() or not is_former_system_user(places.data.stat().st_uid):
        return
    with typed_errors():
        for _, folders, files, descriptor in os.fwalk(places.data, follow_symlinks=False):
            for name in (*folders, *files):
                os.chown(name, 0, 0, dir_fd=descriptor, follow_symlinks=False)
            # Last, so that a run that was cut off is done again.
        os.chown(places.data, 0, 0)


def write_access(places: Places, run_as: Account) -> None:
    """Say who may connect: the home's operating-system user, as any role.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    write_private(places.access, _ACCESS)
    name = run_as.name.replace('"', '""')
    write_private(places.users, f'{_MAP} "{name}" all\n')


def _made(program: Path, places: Places, run_as: Account, locale: str) -> str | None:
    """Run `initdb`; None, or the code of what went wrong."""
    done = None
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(  # noqa: S603  (a list of arguments; no shell)
            [
                *run_as.prefix,
                program,
                f"--pgdata={places.partial}",
                f"--username={SUPERUSER}",
                "--encoding=UTF8",
                # PostgreSQL's own, the same on every machine and after each upgrade of it.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                f"--locale={locale}",
                "--auth=peer",
                "--no-instructions",
            ],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=_INITDB_SECONDS,
        )
    if done is None:
        return "POSTGRES_DID_NOT_START"
    if done.returncode == 0:
        return None
    write_private(places.server_log, os.fsdecode(done.stdout))
    return cause_in(done.stdout)


@contextmanager
def _initdb() -> Iterator[Path]:
    """A path of `initdb` that a shell takes as it is, for it hands its own path to one."""
    installed = installation(MAJOR)
    if not _NOT_FOR_A_SHELL & set(str(installed)):
        yield installed / "bin" / "initdb"
        return
    package = package_folder()
    with typed_errors():
        copied = Path(tempfile.mkdtemp(prefix="tideline-initdb-"))
    try:
        with typed_errors():
            target = copied / secrets.token_hex(4) / installed.name
            for name in ("lib", "share"):
                shutil.copytree(installed / name, target / name)
            (target / "bin").mkdir()
            for name in ("initdb", "postgres"):
                shutil.copy2(installed / "bin" / name, target / "bin" / name)
            libraries = package.with_name(LIBRARIES)
            if libraries.is_dir():
                shutil.copytree(libraries, copied / LIBRARIES)
        yield target / "bin" / "initdb"
    finally:
        shutil.rmtree(copied, ignore_errors=True)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
