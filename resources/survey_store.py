"""Pulse surveys of groups: sealed files under a key each, as vectors are; nothing in PostgreSQL."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path

from assets.governance.errors import SetupError, StorageError
from resources.files import write_once
from resources.keys import KeyStore, seal, unseal

COLUMNS = ("week", "group", "construct", "mean", "n")
"""Of a survey's file."""

_SUFFIX = ".json.sealed"


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
        """Everything stored, in (group, week, construct) order.

        Raises:
            StorageError: `VECTORS_DESTROYED` where a key is gone, `SEALED_DATA_DAMAGED`,
                `MASTER_KEY_INVALID`.
        """
        found = [
            mean for path in sorted(self._folder.glob(f"*{_SUFFIX}")) for mean in self._of(path)
        ]
        return sorted(found, key=lambda one: (one.group_ref, one.week, one.construct))

    def add(self, means: Sequence[SurveyMean]) -> int:
        """Store what is new, a file for each group. Returns how many means that were.

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
        for group_ref, own in groupby(new, key=lambda one: one.group_ref):
            self._write(group_ref, own)
        return len(new)

    def forget(self, group_ref: str) -> int:
        """Destroy the keys and files of a group. Returns how many files went."""
        paths = list(self._folder.glob(f"{group_ref}-*{_SUFFIX}"))
        for path in paths:
            self._keys.destroy(_key_id(path))
            path.unlink(missing_ok=True)
        return len(paths)

    def _write(self, group_ref: str, means: Iterable[SurveyMean]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        rows = [[one.week.isoformat(), one.construct, one.mean, one.answers] for one in means]
        key_id, cipher = self._keys.make()
        path = self._folder / f"{group_ref}-{key_id}{_SUFFIX}"
        try:
            write_once(path, seal(cipher, json.dumps(rows).encode(), _name(path)))
        except BaseException:
            self._keys.destroy(key_id)
            raise

    def _of(self, path: Path) -> list[SurveyMean]:
        content = unseal(self._keys.open(_key_id(path)), path.read_bytes(), _name(path))
        group_ref = path.name.removesuffix(_SUFFIX).rpartition("-")[0]
        try:
            return [
                SurveyMean(date.fromisoformat(week), group_ref, construct, mean, answers)
                for week, construct, mean, answers in json.loads(content)
            ]
        except (ValueError, TypeError):
            pass
        raise StorageError("SEALED_DATA_DAMAGED")


def _key_id(path: Path) -> str:
    return path.name.removesuffix(_SUFFIX).rpartition("-")[2]


def _name(path: Path) -> str:
    return f"survey_means/{path.name}"
