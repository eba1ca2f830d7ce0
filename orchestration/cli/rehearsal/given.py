"""The exports of a rehearsal: the auditor's own, and invented ones that keep them company."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from assets.core.errors import SetupError
from assets.restricted.collection import read_export

CLOSE_AFTER_DAYS = 3
"""As of a home where nothing else is asked for."""

_ENDINGS = (".txt", ".zip")


@dataclass(frozen=True)
class Given:
    """One export, of a group of its own.

    Attributes:
        path: the file; its name may say a group's title. Never shown.
        region: where the group is.
    """

    path: Path = field(repr=False)
    region: str


def exports_in(folder: Path, regions: Sequence[str]) -> list[Given]:
    """The exports in a folder: in a folder named after a region its own, others in turns.

    Raises:
        SetupError: `REHEARSAL_EXPORTS_MISSING` if there is none.
    """
    named = [Given(path, region) for region in regions for path in _files(folder / region)]
    others = [
        Given(path, regions[number % len(regions)]) for number, path in enumerate(_files(folder))
    ]
    if not named + others:
        raise SetupError("REHEARSAL_EXPORTS_MISSING")
    return named + others


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in _ENDINGS
    )


def first_days(given: Given) -> Mapping[str, date]:
    """The first day of each sender of an export, by sender as written. Never shown.

    Raises:
        ExportError: what `read_export` raises.
    """
    found: dict[str, date] = {}
    for message in read_export(given.path, given.region, platform="whatsapp").messages:
        found.setdefault(message.author, message.sent_at.date())
    return found


def days_of(exports: Iterable[Given], today: date, most: int) -> tuple[date, date]:
    """First and last day to run: the last ones that the exports speak of, from a Monday on.

    Groups begin to count on a Monday, and a day closes some days after it.

    Args:
        exports: whose days count; without any it is the newest that may close.
        today: the day in London.
        most: days at most, but for those back to the Monday.

    Raises:
        ExportError: what `read_export` raises.
        SetupError: `REHEARSAL_EXPORTS_MISSING` if none holds a message of a day that may close.
    """
    newest = today - timedelta(days=CLOSE_AFTER_DAYS)
    spoken = {
        message.sent_at.date()
        for given in exports
        for message in read_export(given.path, given.region, platform="whatsapp").messages
        if message.sent_at.date() <= newest
    }
    if exports and not spoken:
        raise SetupError("REHEARSAL_EXPORTS_MISSING")
    last = max(spoken, default=newest)
    first = last - timedelta(days=most - 1)
    return first - timedelta(days=first.weekday()), last
