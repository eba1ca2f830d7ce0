"""What lies in a home and beside it: what it is, who may have it, whether a backup takes it.

The one place that says so: `tideline backup` takes what it says, and the manual's table is written
from it (`python -m resources.maintenance.home_contents`; a test keeps the two equal).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assets.core.public_files import PLANTED

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
BEGIN, END = "<!-- home contents: begin -->\n", "<!-- home contents: end -->\n"

RESTORING = ".restore"
"""Folder of a restore that goes on, or was cut off; a home that has one is not whole."""


class Place(StrEnum):
    """Where a thing lies."""

    FILE = "HOME/{}"
    FOLDER = "HOME/{}/"
    BESIDE = "HOME-{}/"


@dataclass(frozen=True)
class Thing:
    """One file or folder.

    Attributes:
        name: its name; where it lies beside the home, what follows the home's name.
        place: where it lies.
        what: what it holds.
        who: who may have it.
        backup: what a backup does about it, and why.
        taken: whether `tideline backup` takes it.
    """

    name: str
    place: Place
    what: str
    who: str
    backup: str
    taken: bool = False


_PROGRAM = "the program only"
_ENGINEERS = "engineers"

THINGS = (
    Thing(
        "home.yaml",
        Place.FILE,
        "mode, regions, first day, inbox, lifetimes",
        _ENGINEERS,
        "yes",
        taken=True,
    ),
    Thing(
        "study.yaml",
        Place.FILE,
        "the study register: what was decided",
        _ENGINEERS,
        "yes",
        taken=True,
    ),
    Thing(
        "study-approvals",
        Place.FOLDER,
        "who approved the register, signed; registers as they were approved; checks of terms",
        _ENGINEERS,
        "yes",
        taken=True,
    ),
    Thing(
        "events.yaml",
        Place.FILE,
        "public events that graphs mark, once two people have signed it",
        _ENGINEERS,
        "yes",
        taken=True,
    ),
    Thing(
        "study-before-register.yaml",
        Place.FILE,
        "the record of an earlier version, as it was",
        _ENGINEERS,
        "yes",
        taken=True,
    ),
    Thing(
        "discovery.yaml",
        Place.FILE,
        "who was told, and the ethical self-assessment (mode `discovery`)",
        _ENGINEERS,
        "yes",
        taken=True,
    ),
    Thing(
        "portal",
        Place.FOLDER,
        "what the portal was given: settings, notices, the reference of the ethics decision; which"
        " keys of invitations were revoked",
        _ENGINEERS,
        "yes",
        taken=True,
    ),
    Thing(
        "connect",
        Place.FOLDER,
        "where connectors collect: settings, lists of rooms, how far each has come (0600)",
        "the connectors",
        "never: a chat's id goes when its group leaves; write it anew",
    ),
    Thing(
        "leaving-journal",
        Place.FILE,
        "who left; who objected, sealed with the member key; keys of invitations that were revoked,"
        " and of the home that were rotated away (public keys and digests)",
        _ENGINEERS,
        "yes, and a newer copy is the right one",
        taken=True,
    ),
    Thing(
        "release-journal",
        Place.FILE,
        "what was drawn",
        _ENGINEERS,
        "yes, and a newer copy is the right one",
        taken=True,
    ),
    Thing(
        "public",
        Place.FOLDER,
        "the page, the releases, forecasts",
        "everyone",
        "yes",
        taken=True,
    ),
    Thing(
        PLANTED,
        Place.FILE,
        "what a demo's made-up chats follow",
        _ENGINEERS,
        "no: `demo` makes it",
    ),
    Thing(
        "postgres",
        Place.FOLDER,
        "data of the embedded PostgreSQL, without `TIDELINE_PG_URL`",
        _PROGRAM,
        "the database's content, without scores; never these files",
    ),
    Thing(
        "postgres-run",
        Place.FOLDER,
        "its locks, access files and `server.log`",
        _PROGRAM,
        "no: made anew",
    ),
    Thing(
        "dagster",
        Place.FOLDER,
        "DAGSTER_HOME: Dagster's configuration; its runs are in the database",
        _ENGINEERS,
        "no: written anew",
    ),
    Thing(
        "keys",
        Place.FOLDER,
        "a wrapped key for each group-day (0600)",
        _PROGRAM,
        "never: what was destroyed would come back",
    ),
    Thing(
        "vectors",
        Place.FOLDER,
        "encrypted vectors of days not yet released",
        _PROGRAM,
        "never: what was destroyed would come back",
    ),
    Thing(
        "surveys",
        Place.FOLDER,
        "sealed answers to surveys",
        _PROGRAM,
        "never: their keys are in `keys/`",
    ),
    Thing(
        "backups",
        Place.FOLDER,
        "databases and files as they were before a migration (0600), which `lifetimes` deletes;"
        " what the last rehearsal of an upgrade took, and its copy while it goes on",
        _PROGRAM,
        "no: they would outlive their lifetime",
    ),
    Thing(
        "evidence",
        Place.FOLDER,
        "the validity report, where the job `validity` ran",
        _ENGINEERS,
        "no: the job writes it anew",
    ),
    Thing(
        RESTORING,
        Place.FOLDER,
        "a restore that goes on, or was cut off",
        _PROGRAM,
        "no",
    ),
    Thing(
        "inbox",
        Place.BESIDE,
        "exports and bookmarks of reading them, sealed",
        "whoever delivers",
        "never: they would outlive their lifetime",
    ),
    Thing(
        "secrets",
        Place.BESIDE,
        "the inbox identity, the master key and the member key; the portal's two keys; addresses of"
        " admins",
        "the collect step only",
        "apart from everything else, by `tideline keys backup`; not `invitation.key` and the"
        " addresses",
    ),
)
"""Everything; a test fails where a home has something else."""


def taken(root: Path) -> list[Path]:
    """The files and folders of a home that a backup takes, of those that are there."""
    return [root / one.name for one in THINGS if one.taken and (root / one.name).exists()]


def is_taken(name: str) -> bool:
    """Whether a backup may hold a file or folder of this name at the top of a home."""
    return any(one.name == name and one.taken for one in THINGS)


def unknown(names: Iterable[str]) -> list[str]:
    """Those names at the top of a home of which the table says nothing."""
    known = {one.name for one in THINGS if one.place is not Place.BESIDE}
    return sorted(set(names) - known)


def contents_table() -> str:
    """The manual's table."""
    rows = "".join(
        f"| `{one.place.format(one.name)}` | {one.what} | {one.who} | {one.backup} |\n"
        for one in THINGS
    )
    return f"| where | what | who may have it | in a backup |\n|---|---|---|---|\n{rows}"


def with_table(manual: str) -> str:
    """The manual with the table as it is here."""
    head, _, rest = manual.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{contents_table()}\n{END}{tail}"


if __name__ == "__main__":
    MANUAL.write_text(with_table(MANUAL.read_text("utf-8")), "utf-8")
