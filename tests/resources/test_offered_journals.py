"""Journals that are offered to a restore are newer ones of this home, or they are refused."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assets.core.errors import SetupError, StorageError
from resources.stores.consent.leaving_journal import JournalLine, LeavingJournal
from resources.stores.leaving.offered_journals import Journals
from resources.stores.release.release_journal import ReleaseJournal
from resources.stores.release.release_ledger import DrawKey

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
LEFT = [
    JournalLine("withdrawal", {"group_ref": f"g-{number}", "at": NOW, "mode": "study"})
    for number in range(3)
]
OBJECTED = JournalLine(
    "member",
    {
        "at": NOW,
        "group_ref": "g-9",
        "kind": "objected",
        "source": "command",
        "day": date(2026, 10, 14),
        "parts": ["a" * 64],
        "initials": ["b" * 64],
        "joined": None,
        "number": None,
        "key_check": "c" * 64,
    },
)
DRAWS = [DrawKey("greater_london", date(2026, 10, day), "gaussian-1") for day in (1, 2, 3)]


def journals(folder: Path, lines: list[JournalLine], draws: list[DrawKey]) -> Journals:
    folder.mkdir()
    made = Journals.of(folder)
    leaving, release = LeavingJournal(made.leaving), ReleaseJournal(made.release)
    leaving.begin()
    leaving.note(lines)
    for key in draws:
        release.note(key)
    return made


@pytest.mark.parametrize(
    ("lines", "draws", "code"),
    [
        ([*LEFT[:2], OBJECTED], DRAWS[:2], None),
        ([*LEFT, OBJECTED], DRAWS, None),
        # What members said is taken out of a journal when it is past its time.
        (LEFT, DRAWS, None),
        ([LEFT[0], LEFT[2], OBJECTED], DRAWS, "JOURNALS_NOT_NEWER"),
        ([*LEFT, OBJECTED], DRAWS[1:], "JOURNALS_NOT_NEWER"),
        ([], [], "JOURNALS_NOT_NEWER"),
    ],
)
def test_newer_ones_hold_what_the_backup_s_hold(
    tmp_path: Path, lines: list[JournalLine], draws: list[DrawKey], code: str | None
) -> None:
    own = journals(tmp_path / "own", [*LEFT[:2], OBJECTED], DRAWS[:2])
    offered = journals(tmp_path / "offered", lines, draws)
    if code is None:
        offered.require_newer(own)
        return
    with pytest.raises(StorageError, match=f"^{code}$"):
        offered.require_newer(own)


def test_without_a_leaving_journal_there_is_no_offer(tmp_path: Path) -> None:
    own = journals(tmp_path / "own", LEFT, DRAWS)
    with pytest.raises(SetupError, match=r"^FILE_NOT_FOUND$"):
        Journals.of(tmp_path).require_newer(own)


def test_one_that_never_began_is_not_newer(tmp_path: Path) -> None:
    own = journals(tmp_path / "own", [], [])
    offered = journals(tmp_path / "offered", [], [])
    offered.leaving.write_bytes(b"")
    with pytest.raises(StorageError, match=r"^JOURNALS_NOT_NEWER$"):
        offered.require_newer(own)


def test_a_line_that_a_crash_cut_off_swallows_no_other(tmp_path: Path) -> None:
    own = journals(tmp_path / "own", LEFT, DRAWS[:2])
    own.release.write_bytes(own.release.read_bytes() + b"greater_lon")
    (tmp_path / "new").mkdir()
    new = Journals.of(tmp_path / "new")
    own.copy_to(new)
    ReleaseJournal(new.release).note(DRAWS[2])
    assert ReleaseJournal(new.release).draws() == DRAWS
    assert LeavingJournal(new.leaving).lines() == LEFT


def test_copies_that_lack_a_revoked_key_are_not_newer(tmp_path: Path) -> None:
    old, new = (journals(tmp_path / name, LEFT, DRAWS) for name in ("old", "new"))
    LeavingJournal(new.leaving).note_revoked({f"{'A' * 43}=": NOW})
    new.require_newer(old)
    with pytest.raises(StorageError, match=r"^JOURNALS_NOT_NEWER$"):
        old.require_newer(new)
