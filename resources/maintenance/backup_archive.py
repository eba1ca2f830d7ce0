# pyright: reportAttributeAccessIssue=false
# pyrage is compiled, and its stubs name none of what it offers.
"""The file of a backup: a tar whose last member says what the others must be, sealed or not.

A backup that was cut off has no last member, and one that was changed has other digests than that
says: either is refused before anything of it is used.
"""

import hashlib
import io
import json
import os
import secrets
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyrage

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base.files import code_of, disk_error, new_private_file
from resources.maintenance.home_contents import is_taken

SUFFIX = ".backup"
DATABASE = "database.dump"
_MANIFEST = "manifest.json"
_FORM = "tideline backup 1"
_SEALED = b"age-encryption.org/v1"
_CHUNK = 1 << 20

Part = tuple[str, Callable[[], bytes]]
"""A member's name, and what gives its content when its turn comes."""


@dataclass(frozen=True)
class Manifest:
    """What a backup is of.

    Attributes:
        home_id: the home's.
        made_at: when the database was read, ISO 8601 in UTC.
        version: of the database (`resources.base.database.migrations`).
        inbox_beside: whether the inbox lay beside the home, where nothing else was configured.
        key_checks: by what the home's long-lived keys are known (`check_of`); they open nothing.
    """

    home_id: str
    made_at: str
    version: str
    inbox_beside: bool
    key_checks: dict[str, str]


def write_archive(
    file: Path,
    manifest: Manifest,
    database: Path,
    parts: Iterable[Part],
    recipients: Sequence[str] = (),
) -> int:
    """Write a backup, whole or not at all, for this user alone (0600). Returns its size in bytes.

    Args:
        file: to be written; one that is there stays.
        manifest: what it is of.
        database: the database's dump.
        parts: the home's files by their paths within it; each is read when its turn comes.
        recipients: public keys of age that it is sealed to; none leaves it open.

    Raises:
        SetupError: `FILE_EXISTS`, `RECIPIENT_INVALID`.
        StorageError: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_NOT_WRITABLE`; nothing is left behind.
    """
    known = _recipients(recipients)
    if file.exists():
        raise SetupError("FILE_EXISTS")
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}.partial")
    try:
        with (
            refuse_as(disk_error, OSError),
            refuse_as(SetupError("FILE_EXISTS"), FileExistsError),
        ):
            with new_private_file(partial) as out:
                with _sealed(out, known) as inner:
                    _write_members(inner, manifest, database, parts)
                out.flush()
                os.fsync(out.fileno())
                size = out.tell()
            _put_in_place(partial, file)
            return size
    finally:
        partial.unlink(missing_ok=True)


def _put_in_place(partial: Path, file: Path) -> None:
    try:
        # Unlike a rename, it never replaces a file that came meanwhile.
        os.link(partial, file)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links, as on a stick.
        if file.exists():
            raise FileExistsError from None
        partial.replace(file)


def _recipients(written: Sequence[str]) -> list[Any]:
    with refuse_as(SetupError("RECIPIENT_INVALID"), pyrage.RecipientError):
        return [pyrage.x25519.Recipient.from_str(one) for one in written]


@contextmanager
def _sealed(out: IO[bytes], recipients: list[Any]) -> Iterator[IO[bytes]]:
    """What is written comes out sealed, without ever lying open on the disk."""
    if not recipients:
        yield out
        return
    source, sink = os.pipe()
    failures: list[BaseException] = []

    def seal() -> None:
        try:
            with os.fdopen(source, "rb") as reader:
                pyrage.encrypt_io(reader, out, recipients)
        except BaseException as error:  # noqa: BLE001  (raised in the caller's thread)
            failures.append(error)

    sealing = threading.Thread(target=seal)
    sealing.start()
    try:
        with os.fdopen(sink, "wb") as writer:
            yield writer
    except BrokenPipeError:
        # What broke it is told below.
        pass
    finally:
        sealing.join()
    if failures:
        raise failures[0] if isinstance(failures[0], OSError) else OSError()


def _write_members(
    out: IO[bytes], manifest: Manifest, database: Path, parts: Iterable[Part]
) -> None:
    digests: dict[str, str] = {}
    with tarfile.open(fileobj=out, mode="w|") as tar:
        with database.open("rb") as dump:
            digests[DATABASE] = hashlib.file_digest(dump, "sha256").hexdigest()
            dump.seek(0)
            _add(tar, DATABASE, dump, database.stat().st_size)
        for name, read in parts:
            content = read()
            digests[name] = hashlib.sha256(content).hexdigest()
            _add(tar, name, io.BytesIO(content), len(content))
        last = json.dumps({"form": _FORM, **asdict(manifest), "sha256": digests}).encode()
        _add(tar, _MANIFEST, io.BytesIO(last), len(last))


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    # Of whom it was and when is nobody's business.
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    tar.addfile(member, content)


def unsealed(file: Path, into: Path, identity: str | None) -> Path:
    """The backup as a plain tar: itself, or, where it is sealed, unsealed into another file.

    Args:
        file: the backup.
        into: file to be written (0600) where it is sealed.
        identity: of age, as `age-keygen` writes it.

    Raises:
        SetupError: `FILE_NOT_FOUND`, `BACKUP_SEALED` without the identity that opens it.
        StorageError: `BACKUP_DAMAGED`, `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    with refuse_as(SetupError("FILE_NOT_FOUND"), OSError), file.open("rb") as reader:
        sealed = reader.read(len(_SEALED)) == _SEALED
    if not sealed:
        return file
    lines = [one.strip() for one in (identity or "").splitlines()]
    written = next((one for one in lines if one.startswith("AGE-SECRET-KEY-")), "")
    code = None
    try:
        known = pyrage.x25519.Identity.from_str(written)
        with file.open("rb") as reader, new_private_file(into) as out:
            pyrage.decrypt_io(reader, out, [known])
    except pyrage.IdentityError:
        code = "BACKUP_SEALED"
    except pyrage.DecryptError:
        # The head is opened first: another identity writes nothing, damage further on something.
        code = "BACKUP_DAMAGED" if into.stat().st_size else "BACKUP_SEALED"
    except OSError as error:
        code = code_of(error) or "BACKUP_DAMAGED"
    if code == "BACKUP_SEALED":
        raise SetupError(code)
    if code:
        raise StorageError(code)
    return into


def check_archive(tar: Path) -> Manifest:
    """Read all of a backup and say what it is of.

    Raises:
        StorageError: `BACKUP_DAMAGED` where it is none, was cut off or changed.
    """
    found: dict[str, str] = {}
    last: dict[str, Any] = {}
    damaged = StorageError("BACKUP_DAMAGED")
    with refuse_as(damaged, OSError, ValueError, TypeError, LookupError, tarfile.TarError):
        for name, content in _members(tar):
            if name == _MANIFEST:
                last = json.loads(content.read())
            else:
                found[name] = _digest(content)
        manifest = Manifest(**{one: last[one] for one in Manifest.__dataclass_fields__})
        if (
            last["form"] == _FORM
            and last["sha256"] == found
            and {DATABASE, "home.yaml"} <= set(found)
            and all(_is_path_of_home(name) for name in found if name != DATABASE)
        ):
            return manifest
    raise damaged


def files_in(tar: Path) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    """The home's files by their paths within it, and the database; checked before."""
    for name, content in _members(tar):
        if name != _MANIFEST:
            yield PurePosixPath(name), content


def _members(tar: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(tar, mode="r:") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                raise tarfile.TarError
            yield member.name, content


def _is_path_of_home(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and is_taken(path.parts[0])


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
