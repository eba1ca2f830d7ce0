"""Releases: a folder each, never changed; one file points to the one that stands.

`public/releases/N/` is put in place whole by one rename, and `public/index.html`, whose links all
lead into that folder, is then replaced by another: whoever follows its links reads one release.
Where a web server or an object store is filled from here, `index.html` is copied last.
"""

import csv
import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from assets.core.errors import PublicationError, TidelineError, refuse_as
from assets.core.public_files import DATA, MANIFEST, PAGE, RELEASES, TOMBSTONE
from resources.base.files import (
    PUBLIC_FILE,
    PUBLIC_FOLDER,
    disk_error,
    flush,
    make_folder,
    write_once,
)

_APPLIED = "tombstones.json"
_NUMBER = re.compile(r"[1-9]\d{0,8}")
_POINTER = re.compile(rb'<meta name="release" content="([1-9]\d{0,8}) ([0-9a-f]*)">')
_HEAD_BYTES = 4096
_NOT_AS_WRITTEN = (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error)


@dataclass(frozen=True)
class TakenBack:
    """One retraction, of a region-day's values or of one of its pooled values.

    Attributes:
        region: region id.
        day: the day.
        revision: newest revision of the day that it takes back; earlier ones go with it.
        scope: "all", "value_7d" or "value_28d".
        reason: public code.
        at: its moment, aware.
    """

    region: str
    day: date
    revision: int
    scope: str
    reason: str
    at: datetime

    def written(self) -> dict[str, Any]:
        """As JSON takes it; the same for the same retraction."""
        return {**asdict(self), "day": self.day.isoformat(), "at": self.at.isoformat()}


@dataclass(frozen=True)
class Laid:
    """What came of laying tombstones.

    Attributes:
        touched: numbers of the releases that showed what was taken back, and are rid of it.
        failed: by number, what kept a release from being rid of it.
    """

    touched: Sequence[int]
    failed: Mapping[int, TidelineError]


@dataclass(frozen=True)
class Releases:
    """The releases of a public folder. Change it only as `only_publisher`.

    Attributes:
        public: the folder.
    """

    public: Path

    def numbers(self) -> list[int]:
        """Of all releases, in order; each is whole."""
        folder = self.public / RELEASES
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return sorted(int(name) for name in names if _NUMBER.fullmatch(name))

    def folder(self, number: int) -> Path:
        """Where a release lies, or would."""
        return self.public / RELEASES / str(number)

    def manifest(self, number: int) -> dict[str, Any]:
        """What a release says of itself: see `add`.

        Raises:
            PublicationError: `RELEASE_FOLDER_DAMAGED`.
        """
        with refuse_as(PublicationError("RELEASE_FOLDER_DAMAGED"), OSError, ValueError):
            return json.loads((self.folder(number) / MANIFEST).read_bytes())

    def chain_heads(self) -> list[tuple[str, str]]:
        """The heads of the hash chain in all manifests that have one: ISO date and digits."""
        heads = (self._chain_head(number) for number in self.numbers())
        return list(dict.fromkeys(one for one in heads if one))

    def without_head(self) -> list[int]:
        """Releases whose manifest has no head or can't be read, though one before has one."""
        numbers = self.numbers()
        heads = [self._chain_head(number) for number in numbers]
        first = next((place for place, head in enumerate(heads) if head), len(heads))
        return [
            number for number, head in zip(numbers[first:], heads[first:], strict=True) if not head
        ]

    def _chain_head(self, number: int) -> tuple[str, str] | None:
        with suppress(*_NOT_AS_WRITTEN, PublicationError):
            head = self.manifest(number)["chain_head"]
            if head["head"]:
                return str(head["day"]), str(head["head"])
        return None

    def is_whole(self, number: int) -> bool:
        """Whether nothing was taken out of a release."""
        return not (self.folder(number) / TOMBSTONE).exists()

    def pointed(self) -> tuple[int, str] | None:
        """Number and state of the release that stands; None before the first."""
        try:
            with (self.public / PAGE).open("rb") as file:
                found = _POINTER.search(file.read(_HEAD_BYTES))
        except FileNotFoundError:
            return None
        return (int(found[1]), found[2].decode("ascii")) if found else None

    def shows_a_page(self) -> bool:
        """Whether there is a front page, of any version."""
        return (self.public / PAGE).exists()

    def add(self, number: int, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
        """Put a release in place, whole or not at all; nobody is led to it yet.

        Args:
            number: one more than the newest.
            files: by name.
            about: what its manifest says beside number, the digest of the manifest before it, and
                size and SHA-256 of each file.

        Raises:
            StorageError: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_NOT_WRITABLE`; nothing is left.
        """
        make_folder(self.public / RELEASES, PUBLIC_FOLDER)
        listed = {
            name: {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(files.items())
        }
        manifest = {
            "release": number,
            **about,
            "manifest_before": self._digest_of(number - 1) if number > 1 else None,
            "files": listed,
        }
        partial = self.public / RELEASES / f".{number}.{secrets.token_hex(4)}.partial"
        with refuse_as(disk_error, OSError):
            try:
                partial.mkdir(PUBLIC_FOLDER)
                partial.chmod(PUBLIC_FOLDER)
                for name, content in files.items():
                    write_once(partial / name, content, mode=PUBLIC_FILE)
                write_once(partial / MANIFEST, json_bytes(manifest), mode=PUBLIC_FILE)
                partial.rename(self.folder(number))
                flush(self.public / RELEASES)
            finally:
                shutil.rmtree(partial, ignore_errors=True)

    def point(self, page: bytes) -> None:
        """Lead readers to another release, at once.

        Args:
            page: names the release (`pointer`) in its first 4 kB, and links into its folder.

        Raises:
            StorageError: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_NOT_WRITABLE`; the old page stays.
        """
        write_once(self.public / PAGE, page, mode=PUBLIC_FILE)

    def clear(self, earlier: Iterable[str]) -> None:
        """Delete what a killed publisher left, and what an earlier version wrote beside the page.

        Args:
            earlier: names of files at the top of the public folder that now lie in releases.
        """
        for path in (self.public / RELEASES).glob(".*.partial"):
            shutil.rmtree(path, ignore_errors=True)
        for name in earlier:
            (self.public / name).unlink(missing_ok=True)

    def not_yet_gone(self, retractions: Iterable[TakenBack]) -> list[TakenBack]:
        """Those retractions that no tombstone has been laid for."""
        path = self.public / RELEASES / _APPLIED
        laid = json.loads(path.read_bytes()) if path.is_file() else []
        return [one for one in retractions if one.written() not in laid]

    def lay_tombstones(
        self,
        new: Sequence[TakenBack],
        without: Callable[[Mapping[str, bytes], Sequence[TakenBack]], Mapping[str, bytes]],
    ) -> Laid:
        """Take retractions out of every release that can be read; done again it changes nothing.

        `tombstone.json` says what is gone, and has the digest of the manifest as it was. Of files
        that change the manifest keeps the names alone, for a value could be found by a picture's
        digest: there are not many to try.
        Once nothing has failed, `record_laid` keeps it from being done again.

        Args:
            new: those that no tombstone has been laid for.
            without: given a release's files and what was taken back, those that change.
        """
        touched: list[int] = []
        failed: dict[int, TidelineError] = {}
        # One damaged folder is no reason to leave the value in the others.
        for number in self.numbers() if new else ():
            try:
                if self._lay(number, new, without):
                    touched.append(number)
            except TidelineError as error:
                failed[number] = error
        return Laid(touched, failed)

    def record_laid(self, retractions: Iterable[TakenBack]) -> None:
        """Say of all retractions that tombstones are laid for them.

        Raises:
            StorageError: `DISK_FULL`, `DISK_READ_ONLY`, `DISK_NOT_WRITABLE`.
        """
        make_folder(self.public / RELEASES, PUBLIC_FOLDER)
        laid = json_bytes([one.written() for one in retractions])
        write_once(self.public / RELEASES / _APPLIED, laid, mode=PUBLIC_FILE)

    def _digest_of(self, number: int) -> str:
        """SHA-256 of a release's manifest as it was first written."""
        path = self.folder(number) / TOMBSTONE
        told = json.loads(path.read_bytes()) if path.is_file() else {}
        manifest = self.folder(number) / MANIFEST
        return told.get("manifest_sha256") or sha256(manifest.read_bytes()).hexdigest()

    def _lay(
        self,
        number: int,
        new: Sequence[TakenBack],
        without: Callable[[Mapping[str, bytes], Sequence[TakenBack]], Mapping[str, bytes]],
    ) -> bool:
        folder, path = self.folder(number), self.folder(number) / TOMBSTONE
        damaged = PublicationError("RELEASE_FOLDER_DAMAGED")
        with refuse_as(damaged, *_NOT_AS_WRITTEN):
            manifest = self.manifest(number)
            # Of a file that is missing nothing is left to take out.
            there = [name for name in manifest["files"] if (folder / name).is_file()]
            changed = without({name: (folder / name).read_bytes() for name in there}, new)
            before = json.loads(path.read_bytes())["taken_back"] if path.is_file() else []
            digest = self._digest_of(number)
            # Of any file that is missing it can't be told what it showed.
            named = {*changed, *(name for name in manifest["files"] if name not in there)}
            kept = {name: {} if name in named else one for name, one in manifest["files"].items()}
        if not changed:
            return False
        after = [*before, *(one.written() for one in new if one.written() not in before)]
        told = {"release": number, "manifest_sha256": digest, "taken_back": after}
        write_once(path, json_bytes(told), mode=PUBLIC_FILE)
        manifest = {name: one for name, one in manifest.items() if name != "made_of"}
        write_once(folder / MANIFEST, json_bytes({**manifest, "files": kept}), mode=PUBLIC_FILE)
        # `without` tells by the data whether anything is left to do, so they are changed last.
        for name in sorted(changed, key=lambda one: one == DATA):
            write_once(folder / name, changed[name], mode=PUBLIC_FILE)
        return True


def pointer(number: int, state: str) -> str:
    """What a page's head holds that leads readers to a release."""
    return f'<meta name="release" content="{number} {state}">'


def json_bytes(content: object) -> bytes:
    """JSON, the same bytes for the same content."""
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
