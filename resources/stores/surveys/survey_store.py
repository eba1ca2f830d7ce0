"""Pulse surveys of groups: sealed files under a key each, as vectors are; nothing in PostgreSQL.

A file holds a group's means of one week, so that each goes when its time is over.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

from assets.core.errors import SetupError, StorageError, refuse_as
from resources.base.files import delete_partials, write_once
from resources.base.keys.key_store import KeyStore, seal, unseal

COLUMNS = ("week", "group", "construct", "mean", "n")
"""Of a survey's file."""

_SUFFIX = ".json.sealed"
_WEEK = timedelta(days=7)
_NAME = re.compile(
    r"(?P<group>g-[0-9a-f]{8})(?:-(?P<week>\d{4}-\d{2}-\d{2}))?-(?P<key>[0-9a-f]{32})"
    + re.escape(_SUFFIX)
)
"""Files of earlier versions hold several weeks, and name none."""


@dataclass(frozen=True)
class SurveyMean:
    """A group's mean answer in a week.

    Attributes:
        week: its Monday.
        group_ref: the group reference.
        construct: burnout, resilience or resistance; higher is more of it.
        mean: on a scale from 0 to 1.
        answers: people who answered, at least 5.
    """

    week: date
    group_ref: str = field(repr=False)
    construct: str
    mean: float = field(repr=False)
    answers: int = field(repr=False)

    @property
    def key(self) -> tuple[date, str, str]:
        """What a mean is given once for."""
        return self.week, self.group_ref, self.construct


class SurveyStore:
    """Keeps weekly means of groups, each given once.

    Args:
        folder: in the home; made when first written to.
        keys: of the home.
    """

    def __init__(self, folder: Path, keys: KeyStore) -> None:
        self._folder = folder
        self._keys = keys

    def read(self) -> list[SurveyMean]:
        """Everything stored, in (group, week, construct) order; not what has lost its key.

        Raises:
            StorageError: `SEALED_DATA_DAMAGED`, `MASTER_KEY_INVALID`.
        """
        found = [mean for path in self._files() for mean in self._of(path)]
        return sorted(found, key=lambda one: (one.group_ref, one.week, one.construct))

    def add(self, means: Sequence[SurveyMean]) -> int:
        """Store what is new, a file for each group and week. Returns how many means that were.

        Raises:
            SetupError: `SURVEY_REPEATED` if another mean is stored for the same group, week and
                construct; nothing is stored.
            StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`, and what `read` raises.
        """
        known = {one.key: one for one in self.read()}
        if any(one != known.get(one.key, one) for one in means):
            raise SetupError("SURVEY_REPEATED")
        new = sorted(
            (one for one in means if one.key not in known),
            key=lambda one: (one.group_ref, one.week, one.construct),
        )
        for (group_ref, week), own in groupby(new, key=lambda one: (one.group_ref, one.week)):
            self._write(group_ref, week, own)
        return len(new)

    def forget(self, group_ref: str, until: datetime | None = None) -> int:
        """Destroy the keys, then the files, of a group. Returns how many files went.

        Args:
            group_ref: the group.
            until: only what was imported up to then; None for all.
        """
        return self._delete(
            path
            for path in self._files()
            if _part(path, "group") == group_ref and (until is None or _imported_at(path) <= until)
        )

    def count(self, group_ref: str) -> int:
        """How many weeks are stored of a group. Opens none."""
        return sum(_part(path, "group") == group_ref for path in self._files())

    def delete_expired(self, today: date, lifetime: timedelta) -> int:
        """Delete weeks that were over longer than `lifetime` ago. Returns how many files.

        Files whose key is gone, for a deletion was cut off, go too. A file of an earlier version
        goes by the day of its import.
        """
        return self._delete(
            path
            for path in self._files()
            if today - _last_day(path) > lifetime or not self._keys.lives(_part(path, "key"))
        )

    def living_keys(self) -> frozenset[str]:
        """Ids of the keys that files name."""
        return frozenset(_part(path, "key") for path in self._files())

    def delete_partials(self, before: datetime) -> int:
        """Delete what a crash left half written. Returns how many files."""
        return delete_partials(self._folder, before)

    def _delete(self, paths: Iterable[Path]) -> int:
        due = list(paths)
        for path in due:
            self._keys.destroy(_part(path, "key"))
        for path in due:
            path.unlink(missing_ok=True)
        return len(due)

    def _files(self) -> list[Path]:
        return [path for path in sorted(self._folder.glob(f"*{_SUFFIX}")) if _NAME.match(path.name)]

    def _write(self, group_ref: str, week: date, means: Iterable[SurveyMean]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        rows = [[one.week.isoformat(), one.construct, one.mean, one.answers] for one in means]
        key_id, cipher = self._keys.make()
        path = self._folder / f"{group_ref}-{week.isoformat()}-{key_id}{_SUFFIX}"
        try:
            write_once(path, seal(cipher, json.dumps(rows).encode(), _name(path)))
        except BaseException:
            self._keys.destroy(key_id)
            raise

    def _of(self, path: Path) -> list[SurveyMean]:
        try:
            content = unseal(self._keys.open(_part(path, "key")), path.read_bytes(), _name(path))
        except FileNotFoundError:
            return []
        except StorageError as error:
            if error.code != "VECTORS_DESTROYED":
                raise
            return []
        group_ref = _part(path, "group")
        with refuse_as(StorageError("SEALED_DATA_DAMAGED"), ValueError, TypeError):
            return [
                SurveyMean(date.fromisoformat(week), group_ref, construct, mean, answers)
                for week, construct, mean, answers in json.loads(content)
            ]


def _part(path: Path, name: str) -> str:
    match = _NAME.match(path.name)
    return (match[name] if match else None) or ""


def _imported_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _last_day(path: Path) -> date:
    week = _part(path, "week")
    return date.fromisoformat(week) + _WEEK if week else _imported_at(path).date()


def _name(path: Path) -> str:
    return f"survey_means/{path.name}"
