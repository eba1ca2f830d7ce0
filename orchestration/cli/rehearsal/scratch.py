"""The folder of a rehearsal: a home all that lies beside it, and what libraries might write."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from assets.core.errors import TidelineError
from resources.base import silent_dependencies
from resources.base.database.postgres import embedded_url, stop_embedded
from resources.base.files import make_folder

_PREFIX = "tideline-rehearsal-"
_OF_ANOTHER_HOME = ("TIDELINE_", "DAGSTER_")


@dataclass(frozen=True)
class Scratch:
    """Where a rehearsal happens.

    Attributes:
        folder: all of it.
    """

    folder: Path

    @property
    def home(self) -> Path:
        """The home; its inbox and secrets lie beside it, and its database in it."""
        return self.folder / "home"

    def environment(self) -> dict[str, str]:
        """What the program is given: nothing of another home, and its own places to write to."""
        kept = {
            name: one for name, one in os.environ.items() if not name.startswith(_OF_ANOTHER_HOME)
        }
        user, temporary = str(self.folder / "user"), str(self.folder / "temporary")
        return kept | {
            **dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), user),
            **dict.fromkeys(("TMPDIR", "XDG_RUNTIME_DIR"), temporary),
            **silent_dependencies.environment(),
        }


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A folder for one rehearsal, gone afterwards whatever happens, with its database server."""
    made = Scratch(Path(tempfile.mkdtemp(prefix=_PREFIX)))
    try:
        for name in ("user", "temporary"):
            make_folder(made.folder / name)
        yield made
    finally:
        _stop_server(made.home / "postgres")
        shutil.rmtree(made.folder, ignore_errors=True)


def _stop_server(data: Path) -> None:
    """Stop the server, also one that a killed process left running."""
    if (data / "postmaster.pid").exists():
        with suppress(TidelineError):
            embedded_url(data)
    stop_embedded(data)
