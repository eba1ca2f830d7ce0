"""A home as it was before an upgrade: its database, its small files, and a note of what they are.

Three files in `HOME/backups`, which `lifetimes` deletes in time: the database, `.files` with the
home's files, `.rows` with digests by which an upgrade is taken back only over what it did itself.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base.database.migrations import newest_version
from resources.base.database.tables import pulse_answers
from resources.base.files import make_folder, new_private_file, write_once
from resources.base.home import Home
from resources.maintenance.database_backup import SUFFIX, write_backup
from resources.maintenance.database_setup import as_owner
from resources.maintenance.home_contents import taken
from resources.maintenance.kept_rows import (
    Columns,
    Fingerprints,
    Rows,
    columns_in,
    compared_in,
    fingerprints_in,
    rows_in,
)
from resources.stores.scores.lost_in_restore import NOT_BACKED_UP

Digests = Mapping[str, str]
"""By path in the home, a file's SHA-256 in hex digits."""

_FILES, _NOTE = ".files", ".rows"
_WRITTEN_ANEW = "public"
"""A migration writes nothing there, and it is large."""
_ONLY_GROW = ("leaving-journal", "release-journal", "portal/revoked-keys.yaml")
"""Who left, what was drawn, what was revoked: the home's own is the newer one, never replaced."""
MIGRATED = ("home.yaml", "study.yaml", "study-before-register.yaml")
"""What a migration writes; an upgrade that was cut off has not noted how."""


@dataclass(frozen=True)
class Note:
    """What a backup is of, and what the home was when the upgrade was done.

    Attributes:
        database: SHA-256 of the backup of the database.
        columns: the tables that no migration writes to, and their columns.
        rows: of those tables, as the backup has them.
        files: as the backup has them.
        rows_after: of all tables, once the upgrade is done; None until then.
        files_after: the same of files.
        recorded: whether somebody else recorded something while the upgrade went on, or may by now:
            it has been taken back.
    """

    database: str
    columns: Columns
    rows: Fingerprints
    files: Digests
    rows_after: Fingerprints | None = None
    files_after: Digests | None = None
    recorded: bool = False


@dataclass(frozen=True)
class Kept:
    """A backup of a home as it was.

    Attributes:
        file: the database.
        note: what it is of.
        columns: of the tables whose rows are never changed.
        rows: of the tables whose rows are never changed, as of the very moment of the backup.
    """

    file: Path
    note: Note
    columns: Columns
    rows: Rows


def keep_as_it_is(home: Home, owner: URL, folder: Path, *, scores: bool = True) -> Kept:
    """Write the database and the home's files to two files (0600); no key, nothing that is public.

    Args:
        home: the home.
        owner: the owner's URL of its database.
        folder: where; `lifetimes` deletes them in time from the home's own.
        scores: whether with vectors, scores and sealed answers, whose keys are elsewhere.

    Raises:
        StorageError: what `write_backup` raises, `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    make_folder(folder)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    file = folder / f"{stamp}-before-{newest_version()}{SUFFIX}"
    without = () if scores else (*NOT_BACKED_UP, pulse_answers)
    with as_owner(owner) as connection:
        # What is noted is what the backup has, whoever writes meanwhile.
        connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        snapshot = connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
        write_backup(owner, file, without_rows_of=without, snapshot=snapshot)
        columns = columns_in(connection)
        rows = rows_in(connection, columns)
        compared = compared_in(connection)
        digests = fingerprints_in(connection, dict(compared))
    with refuse_as(StorageError("BACKUP_FAILED"), OSError, tarfile.TarError):
        files = _write_files(home, file)
        note = Note(_sha256(file), compared, digests, files)
    write_note(file, note)
    return Kept(file, note, columns, rows)


def write_note(file: Path, note: Note) -> None:
    """Put it beside the backup, in place of an earlier one.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    write_once(_beside(file, _NOTE), json.dumps(asdict(note)).encode())


def read_note(file: Path) -> Note:
    """What lies beside a backup.

    Raises:
        SetupError: `FILE_NOT_FOUND`.
    """
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError, ValueError, TypeError):
        return Note(**json.loads(_beside(file, _NOTE).read_text("utf-8")))


def newest_unfinished(folder: Path) -> tuple[Path, Note] | None:
    """The newest backup, if the upgrade that wrote it was cut off."""
    notes = sorted(folder.glob(f"*-before-{newest_version()}{_NOTE}{SUFFIX}"))
    if not notes:
        return None
    file = notes[-1].with_name(notes[-1].name.removesuffix(f"{_NOTE}{SUFFIX}") + SUFFIX)
    with suppress(SetupError):
        note = read_note(file)
        if not note.recorded and note.rows_after is None:
            return file, note
    return None


def require_whole(file: Path, note: Note) -> None:
    """Refuse a backup that is not as it was written, before anything is changed.

    Raises:
        StorageError: `BACKUP_UNREADABLE`.
    """
    with refuse_as(StorageError("BACKUP_UNREADABLE"), OSError):
        if _sha256(file) != note.database:
            raise StorageError("BACKUP_UNREADABLE")
    _files_of(file, note)


def digests_of(home: Home) -> Digests:
    """Of the files that an upgrade's backup takes, as they are.

    Raises:
        StorageError: `DISK_NOT_WRITABLE` and the like, where one can't be read.
    """
    return {_name(home, path): _sha256(path) for path in _paths(home) if path.is_file()}


def changed_since(home: Home, note: Note) -> bool:
    """Whether a file of the home is neither as it was before the upgrade nor as it was after."""
    now, before = digests_of(home), note.files
    if note.files_after is None:
        names = before.keys() - {*MIGRATED, *_ONLY_GROW}
        return any(now.get(name) != before[name] for name in names)
    after = note.files_after
    return any(
        now.get(name) not in (after.get(name), before.get(name, after.get(name)))
        for name in now.keys() | after.keys()
    )


def put_files_back(file: Path, root: Path) -> None:
    """Put a home's files back as they were, but for journals that the home has; again, the same.

    Raises:
        SetupError: `FILE_NOT_FOUND`.
        StorageError: `BACKUP_UNREADABLE`, with nothing put back; `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    for member, content in _files_of(file, read_note(file)):
        target = root / member.name
        if content is None:
            if not target.is_dir():
                make_folder(target, member.mode & 0o777)
        elif member.name not in _ONLY_GROW or not target.exists():
            write_once(target, content, member.mode & 0o777)


def _files_of(file: Path, note: Note) -> list[tuple[tarfile.TarInfo, bytes | None]]:
    found: list[tuple[tarfile.TarInfo, bytes | None]] = []
    damaged = StorageError("BACKUP_UNREADABLE")
    with (
        refuse_as(damaged, OSError, EOFError, tarfile.TarError),
        tarfile.open(_beside(file, _FILES)) as tar,
    ):
        for member in tar:
            content = tar.extractfile(member)
            found.append((member, None if content is None else content.read()))
    digests = {
        one.name: hashlib.sha256(content).hexdigest()
        for one, content in found
        if content is not None
    }
    if digests != note.files:
        raise damaged
    return found


def _write_files(home: Home, file: Path) -> Digests:
    digests = {}
    with (
        new_private_file(_beside(file, _FILES)) as out,
        tarfile.open(fileobj=out, mode="w") as tar,
    ):
        for path in _paths(home):
            member = tar.gettarinfo(path, _name(home, path))
            if path.is_dir():
                tar.addfile(member)
                continue
            content = path.read_bytes()
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
            digests[member.name] = hashlib.sha256(content).hexdigest()
    return digests


def _paths(home: Home) -> list[Path]:
    """Folders before what is in them. Hidden are locks, and what somebody is still writing."""
    tops = [one for one in taken(home.root) if one.name != _WRITTEN_ANEW]
    each = [path for top in tops for path in (top, *sorted(top.rglob("*")))]
    return [
        path
        for path in each
        if not path.is_symlink()
        and (path.is_dir() or path.is_file())
        and not path.name.startswith(".")
    ]


def _name(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _beside(file: Path, what: str) -> Path:
    return file.with_name(f"{file.stem}{what}{SUFFIX}")


def ended(note: Note, rows: Fingerprints, files: Digests) -> Note:
    """The note of an upgrade that is done."""
    return replace(note, rows_after=rows, files_after=files)
